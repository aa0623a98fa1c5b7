"""/guardian: which second factors a tenant has, and how each is set up."""
