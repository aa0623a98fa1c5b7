"""A forgotten password: a link by e-mail, which works once and for five days, and the page behind it.

Source: auth0.com/docs/authenticate/database-connections/password-change. The e-mail is in the outbox, channel
"email".
"""

from starlette.responses import Response

from .. import users
from ..context import Sandbox
from ..errors import Auth0Error
from ..store import Doc
from . import logs, mail, pages, password_actions, prompt, sessions
from .errors import PageError
from .visit import Visit

_KIND = "password_tickets"
_SECONDS = 5 * 86400
_TOO_WEAK = "This password is too weak. Make it longer, and mix upper case, lower case, numbers and symbols."


def send(sandbox: Sandbox, user: Doc) -> None:
    """Send the user a link of their own; those sent before stay valid, as on Auth0."""
    ticket = sandbox.ids.token(32)
    expires = sandbox.clock.now() + _SECONDS
    sandbox.store.put(_KIND, ticket, {"user_id": user["user_id"], "expires_at": expires})
    link = f"{sandbox.addresses.issuer}u/reset-password?ticket={ticket}"
    mail.send(sandbox, user["email"], "Reset your password", f"You can set a new password here: {link}")


async def show(visit: Visit) -> Response:
    ticket = _ticket(visit)
    _user(visit, ticket)
    return _page(ticket)


async def reset(visit: Visit) -> Response:
    """Set the new password, use the link up and end the person's sessions."""
    sandbox, ticket = visit.sandbox, _ticket(visit)
    user = _user(visit, ticket)
    password = prompt.field(visit, "password")
    connection = users.find_connection(sandbox, user["identities"][0]["connection"])
    try:
        users.check_strength(connection, password)
    except Auth0Error:
        return _page(ticket, _TOO_WEAK)
    if sandbox.store.take(_KIND, ticket) is None:
        raise _used()
    now = sandbox.clock.iso()
    user |= {"email_verified": True, "updated_at": now, "last_password_reset": now}
    users.set_password(user, password)
    sandbox.store.put("users", user["user_id"], user)
    sessions.end_all(sandbox, user["user_id"])
    logs.write(sandbox, "scp", visit.incoming, connection=connection, user=user)
    password_actions.changed(sandbox, connection, user, visit.incoming)
    return pages.render("reset_done", {})


def _ticket(visit: Visit) -> str:
    return visit.incoming.text("ticket") or ""


def _user(visit: Visit, ticket: str) -> Doc:
    found = visit.sandbox.store.get(_KIND, ticket) if ticket else None
    if found is None or found["expires_at"] <= visit.sandbox.clock.now():
        raise _used()
    user = visit.sandbox.store.get("users", found["user_id"])
    if user is None:
        raise _used()
    return user


def _used() -> PageError:
    return PageError("invalid_request", "This link was used already, or it has expired.")


def _page(ticket: str, problem: str | None = None) -> Response:
    return pages.render("reset", {"ticket": ticket, "problem": problem}, 400 if problem else 200)
