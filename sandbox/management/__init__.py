"""The tenant's Management API, /api/v2."""
