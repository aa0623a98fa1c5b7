"""The organization a path names, or what is said of one that isn't there."""

from ...errors import Auth0Error, not_found
from ...store import Doc
from ..documents import find
from ..routing import Call

KIND = "organizations"


def missing() -> Auth0Error:
    return not_found("No organization found by that id or name", "inexistent_organization")


def organization(call: Call) -> Doc:
    """The organization of the path's {id}, or Auth0Error 404."""
    return find(call, KIND, missing())
