"""Passwordless sign-in by SMS: codes, the message, its way out, and the endpoints that ask for them."""
