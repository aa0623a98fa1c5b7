"""Signing in: the OIDC endpoints, the Universal Login pages and the post-login pipeline."""
