"""/custom-domains: the tenant's own names."""
