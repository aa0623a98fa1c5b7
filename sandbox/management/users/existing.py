"""The user a path names, or what is said of one who isn't there."""

from ...errors import Auth0Error, not_found
from ...store import Doc
from ..documents import find
from ..routing import Call

KIND = "users"


def missing() -> Auth0Error:
    return not_found("The user does not exist.", "inexistent_user")


def user(call: Call) -> Doc:
    """The user of the path's {id}, or Auth0Error 404."""
    return find(call, KIND, missing())


def save(call: Call, changed: Doc) -> None:
    call.sandbox.store.put(KIND, changed["user_id"], changed)
