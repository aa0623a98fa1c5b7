"""Event streams: what happens in the tenant, told to others."""
