"""What is said of a client that isn't there."""

from ...errors import Auth0Error, not_found

KIND = "clients"


def missing() -> Auth0Error:
    return not_found("The client does not exist", "inexistent_client")
