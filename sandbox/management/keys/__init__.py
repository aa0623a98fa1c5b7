"""/keys: what a tenant signs and encrypts with."""
