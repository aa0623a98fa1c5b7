"""Acme Demo: an ordinary OpenID Connect application to log in to the sandbox's tenant with."""
