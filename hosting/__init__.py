"""How form and gateway are packaged for a host of one's own. Nothing here is imported by the service."""
