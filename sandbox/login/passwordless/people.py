"""Whom a number belongs to at a connection: looked up when a code is asked for, made when it is proven."""

from ... import users
from ...context import Sandbox
from ...store import Doc
from .connection import Options

SIGN_UP_DISABLED = "Public signup is disabled"


class UnknownError(Exception):
    """Nobody has this number, and the connection takes no new people."""


def find(sandbox: Sandbox, connection: Doc, number: str) -> Doc | None:
    return users.find_by_phone(sandbox, connection["name"], number)


def identity_of(connection: Doc, user: Doc) -> str:
    """The user's id at the connection, without the provider's prefix."""
    for identity in user["identities"]:
        if identity["connection"] == connection["name"]:
            return str(identity["user_id"])
    return str(user["identities"][0]["user_id"])


def prove(sandbox: Sandbox, connection: Doc, code: Doc) -> tuple[Doc, bool]:
    """The person whose right code this was, with a verified number, and whether they are new here.

    Raises UnknownError when they would be new and the connection takes nobody new.
    """
    number = code["number"]
    user = find(sandbox, connection, number)
    if user is None:
        if not Options.of(connection).sign_up:
            raise UnknownError(SIGN_UP_DISABLED)
        profile = {"user_id": code["identity"], "phone_number": number, "phone_verified": True}
        return users.create(sandbox, connection["name"], None, None, **profile), True
    if not user.get("phone_verified"):
        user |= {"phone_verified": True, "updated_at": sandbox.clock.iso()}
        sandbox.store.put("users", user["user_id"], user)
    return user, False
