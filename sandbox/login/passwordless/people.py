"""Whom a number or address belongs to: looked up when a code is asked for, made when it is proven."""

from ... import users
from ...context import Sandbox
from ...store import Doc
from .connection import EMAIL, Options

SIGN_UP_DISABLED = "Public signup is disabled"


class UnknownError(Exception):
    """Nobody has this number or address, and the connection takes no new people."""


def find(sandbox: Sandbox, connection: Doc, number: str) -> Doc | None:
    if connection["strategy"] == EMAIL:
        return users.find_by_email(sandbox, connection["name"], number)
    return users.find_by_phone(sandbox, connection["name"], number)


def profile(connection: Doc, number: str) -> Doc:
    """What a new person is known by before anything is proven."""
    return {"email": number} if connection["strategy"] == EMAIL else {"phone_number": number}


def identity_of(connection: Doc, user: Doc) -> str:
    """The user's id at the connection, without the provider's prefix."""
    for identity in user["identities"]:
        if identity["connection"] == connection["name"]:
            return str(identity["user_id"])
    return str(user["identities"][0]["user_id"])


def prove(sandbox: Sandbox, connection: Doc, code: Doc) -> tuple[Doc, bool]:
    """The person whose right code this was, with what is verified now, and whether they are new here.

    Raises UnknownError when they would be new and the connection takes nobody new.
    """
    number, proven = code["number"], _proven(connection)
    user = find(sandbox, connection, number)
    if user is None:
        if not Options.of(connection).sign_up:
            raise UnknownError(SIGN_UP_DISABLED)
        known = {**profile(connection, number), "user_id": code["identity"], proven: True}
        email = known.pop("email", None)
        return users.create(sandbox, connection["name"], email, None, **known), True
    # Of somebody whose linked account this is, another address is not proven by it.
    if not user.get(proven) and profile(connection, number).items() <= user.items():
        user |= {proven: True, "updated_at": sandbox.clock.iso()}
        sandbox.store.put("users", user["user_id"], user)
    return user, False


def _proven(connection: Doc) -> str:
    return "email_verified" if connection["strategy"] == EMAIL else "phone_verified"
