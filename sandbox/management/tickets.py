"""Tickets: addresses that verify an e-mail address or let somebody choose a password. /tickets.

Source: auth0.com/docs/api/management/v2/tickets. Stored are who and until when; the page they lead to is the
login's.
"""

from urllib.parse import quote

from ..errors import invalid_body
from ..store import Doc
from .clients import existing as clients
from .connections import lookup as connections
from .organizations import existing as organizations
from .routing import Answer, Call, Operation
from .schema import flag, integer, lacking, record, text
from .users import existing as users

KIND = "tickets"
_FIVE_DAYS = 432_000
# No limit is documented; the end has to be a date.
_LONGEST = 2**31 - 1
_COMMON = {
    "result_url": text(1),
    "user_id": text(1),
    "client_id": text(1),
    "organization_id": text(1),
    "ttl_sec": integer(0, _LONGEST),
    "includeEmailInRedirect": flag(),
    "identity": record({"user_id": text(1), "provider": text(1), "connection_id": text(1)}),
}
_VERIFICATION = record(_COMMON, required=("user_id",))
_PASSWORD = record({**_COMMON, "connection_id": text(1), "email": text(1), "mark_email_as_verified": flag()})


def verify_email(call: Call) -> Answer:
    return _issued(call, "email-verification", _user(call, call.body["user_id"]))


def change_password(call: Call) -> Answer:
    """For a user by id, or by address and connection."""
    body = call.body
    if "user_id" in body:
        if "connection_id" in body or "email" in body:
            raise invalid_body("Cannot specify user_id together with connection_id or email")
        return _issued(call, "reset-verify", _user(call, body["user_id"]))
    for name in ("connection_id", "email"):
        if name not in body:
            raise lacking(name)
    return _issued(call, "reset-verify", _by_email(call, body["connection_id"], body["email"]))


def _issued(call: Call, page: str, user: Doc) -> Answer:
    body, sandbox = call.body, call.sandbox
    if "result_url" in body and ("client_id" in body or "organization_id" in body):
        raise invalid_body("Cannot specify result_url together with client_id or organization_id")
    if "client_id" in body and sandbox.store.get("clients", body["client_id"]) is None:
        raise clients.missing()
    if "organization_id" in body and sandbox.store.get("organizations", body["organization_id"]) is None:
        raise organizations.missing()
    ticket = sandbox.ids.alphanumeric(32)
    expires_at = sandbox.clock.now() + (body.get("ttl_sec") or _FIVE_DAYS)
    kept = {**body, "page": page, "user_id": user["user_id"], "expires_at": expires_at}
    sandbox.store.put(KIND, ticket, kept)
    return Answer({"ticket": f"{sandbox.addresses.issuer}u/{page}?ticket={quote(ticket)}#"}, 201)


def _user(call: Call, user_id: str) -> Doc:
    user = call.sandbox.store.get("users", user_id)
    if user is None:
        raise users.missing()
    return user


def _by_email(call: Call, connection_id: str, email: str) -> Doc:
    connection = call.sandbox.store.get("connections", connection_id)
    if connection is None:
        raise connections.missing()
    for user in call.sandbox.store.where("users", "email", email.lower()):
        if user["identities"][0]["connection"] == connection["name"]:
            return user
    raise users.missing()


_SCOPES = ("create:user_tickets",)

OPERATIONS = (
    Operation("POST", "/tickets/email-verification", verify_email, _SCOPES, _VERIFICATION),
    Operation("POST", "/tickets/password-change", change_password, _SCOPES, _PASSWORD),
)
