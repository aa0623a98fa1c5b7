"""What Actions and their modules are refused for alike: size, names, numbers."""

from ...errors import Auth0Error, conflict, invalid_body, refusal
from ...store import Doc
from ..routing import Call
from . import schema

# https://auth0.com/docs/troubleshoot/customer-support/operational-policies/entity-limit-policy, for Actions
# and for modules. The words of the refusal are not documented.
MOST = 100


def check_code(body: Doc, what: str) -> None:
    size = len(body.get("code", "").encode())
    if size > schema.CODE_BYTES:
        raise invalid_body(
            f"Payload validation error: 'String is too long ({size} chars), maximum {schema.CODE_BYTES}'"
            f" on property code (The source code of the {what})."
        )


def check_name(call: Call, kind: str, what: str, name: str) -> None:
    if any(known["name"] == name for known in call.sandbox.store.all(kind)):
        raise conflict(f"An {what} with the name '{name}' already exists.")


def check_number(call: Call, kind: str) -> None:
    if call.sandbox.store.count(kind) >= MOST:
        raise too_many()


def too_many() -> Auth0Error:
    return refusal(
        403, "You reached the limit of entities of this type for this tenant.", "too_many_entities"
    )
