"""Who is locked out by brute-force protection: /user-blocks.

Source: auth0.com/docs/api/management/v2/user-blocks. What the login counts is told and forgotten here.
"""

from ...login.passwordless import attempts
from ...store import Doc
from .. import paging
from ..routing import Answer, Call, Operation
from .existing import missing, user

_IDENTIFIERS = ("email", "username", "phone_number")


def get_of_user(call: Call) -> Answer:
    return Answer({"blocked_for": _blocks(call, _identifiers(user(call)))})


def get_of_identifier(call: Call) -> Answer:
    return Answer({"blocked_for": _blocks(call, [_asked(call)])})


def clear_of_user(call: Call) -> Answer:
    _clear(call, _identifiers(user(call)))
    return Answer(status=204)


def clear_of_identifier(call: Call) -> Answer:
    _clear(call, [_asked(call)])
    return Answer(status=204)


def _asked(call: Call) -> str:
    """The address, username or number somebody of the tenant has to have."""
    if "identifier" not in call.query:
        raise paging.invalid_query("Missing required property: identifier")
    identifier = call.query["identifier"]
    if not any(call.sandbox.store.where("users", name, identifier) for name in _IDENTIFIERS):
        raise missing()
    return identifier


def _identifiers(someone: Doc) -> list[str]:
    return [someone[name] for name in _IDENTIFIERS if someone.get(name)]


def _blocks(call: Call, identifiers: list[str]) -> list[Doc]:
    found = []
    for connection in call.sandbox.store.all("connections"):
        for identifier in identifiers:
            for ip in attempts.addresses(call.sandbox, connection, identifier):
                if attempts.are_over(call.sandbox, connection, identifier, ip):
                    found.append({"identifier": identifier, "ip": ip, "connection": connection["name"]})
    return found


def _clear(call: Call, identifiers: list[str]) -> None:
    for connection in call.sandbox.store.all("connections"):
        for identifier in identifiers:
            for ip in attempts.addresses(call.sandbox, connection, identifier):
                attempts.succeeded(call.sandbox, connection, identifier, ip)


OPERATIONS = (
    Operation("GET", "/user-blocks", get_of_identifier, ("read:users",)),
    Operation("DELETE", "/user-blocks", clear_of_identifier, ("update:users",)),
    Operation("GET", "/user-blocks/{id}", get_of_user, ("read:users",)),
    Operation("DELETE", "/user-blocks/{id}", clear_of_user, ("update:users",)),
)
