"""A user is gone, and with them what was kept about them elsewhere."""

from ..organizations import links
from ..routing import Call
from . import authentication_methods, identities, sessions

KIND = "users"


def remove(call: Call, user_id: str) -> None:
    """Also gone: memberships, factors, sessions and tokens. An unknown user is no error."""
    store = call.sandbox.store
    with store.atomic():
        identities.forget(call, user_id)
        store.delete(KIND, user_id)
        links.MEMBERS.forget_other(store, user_id)
        authentication_methods.remove_all(call, user_id)
        sessions.forget(call, user_id)
