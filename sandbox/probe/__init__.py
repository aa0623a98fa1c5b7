"""`python -m sandbox probe`: ask a real development tenant what Auth0's documentation leaves open."""

from .command import main

__all__ = ["main"]
