"""The Universal Login pages: log in, sign up, consent."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from .. import users
from ..errors import Auth0Error
from ..store import Doc
from . import clients, flow, logs, pages, responses, transactions
from .errors import AppError, PageError, StateError
from .sign_in import GoneError
from .transactions import Transaction
from .visit import Visit

_LONGEST_FIELD = 320
_WRONG = "Wrong email or password."
_DECLINED = "User did not authorize the request"
_TOO_WEAK = "This password is too weak. Make it longer, and mix upper case, lower case, numbers and symbols."


async def show_login(visit: Visit) -> Response:
    transaction, _, _ = _prompt(visit)
    return _page(visit, transaction, "login.html", {"email": transaction.authorization.login_hint or ""})


async def log_in(visit: Visit) -> Response:
    sandbox = visit.sandbox
    transaction, client, connection = _prompt(visit)
    email, password = _field(visit, "username").strip(), _field(visit, "password")
    user = users.find_by_email(sandbox, connection["name"], email) if email else None
    if user is None or not users.check_password(user, password):
        kind = "fp" if user else "fu"
        logs.write(
            sandbox, kind, visit.incoming, description=_WRONG, client=client, connection=connection, user=user
        )
        return _page(visit, transaction, "login.html", {"email": email}, _WRONG)
    return await _signed_in(visit, user, connection)


async def show_signup(visit: Visit) -> Response:
    transaction, _, connection = _prompt(visit)
    _require_signup(connection)
    values = {"email": transaction.authorization.login_hint or "", "phone_number": ""}
    return _page(visit, transaction, "signup.html", values)


async def sign_up(visit: Visit) -> Response:
    transaction, client, connection = _prompt(visit)
    _require_signup(connection)
    email, phone = _field(visit, "email").strip(), _field(visit, "phone_number").strip()
    try:
        user = _create(visit, connection, email, phone)
    except _SignupRefusedError as error:
        reason = str(error)
        logs.write(
            visit.sandbox, "fs", visit.incoming, description=reason, client=client, connection=connection
        )
        return _page(visit, transaction, "signup.html", {"email": email, "phone_number": phone}, reason)
    logs.write(visit.sandbox, "ss", visit.incoming, client=client, connection=connection, user=user)
    return await _signed_in(visit, user, connection)


async def show_consent(visit: Visit) -> Response:
    transaction = transactions.find(visit.sandbox, visit.request, visit.incoming.text("state"), "consent")
    scopes = transaction.sign_in.granted_scopes() if transaction.sign_in else []
    return _page(visit, transaction, "consent.html", {"scopes": scopes})


async def consent(visit: Visit) -> Response:
    transaction = transactions.take(visit.sandbox, visit.request, visit.incoming.text("state"), "consent")
    if transaction.sign_in is None:
        raise StateError("The state belongs to no sign-in under way.")
    visit.keep_session(transaction.sign_in.session_key)
    authorization, sign_in = transaction.authorization, transaction.sign_in
    try:
        if visit.incoming.text("action") == "accept":
            return flow.agree(visit, transaction, sign_in)
        return flow.refuse(visit, authorization, "access_denied", _DECLINED, sign_in)
    except GoneError as error:
        return responses.error(authorization, "access_denied", str(error))


class _SignupRefusedError(Exception):
    """The text is for the person who signs up."""


def _prompt(visit: Visit) -> tuple[Transaction, Doc, Doc]:
    """What a login or sign-up page needs: the transaction of its state, the client, the connection."""
    sandbox = visit.sandbox
    transaction = transactions.find(sandbox, visit.request, visit.incoming.text("state"), "login")
    client = clients.find(sandbox, transaction.authorization.client_id)
    try:
        connection = clients.connection_for(sandbox, client, transaction.authorization.connection)
    except LookupError as error:
        raise PageError("invalid_request", str(error.args[0])) from error
    return transaction, client, connection


async def _signed_in(visit: Visit, user: Doc, connection: Doc) -> Response:
    """The password is right: the state is used up, and the session exists whatever the Actions will say."""
    transaction = transactions.take(visit.sandbox, visit.request, visit.incoming.text("state"), "login")
    if user.get("blocked"):
        error = AppError("unauthorized", "user is blocked")
        logs.write(visit.sandbox, "f", visit.incoming, description=error.description, user=user)
        return responses.error(transaction.authorization, error.error, error.description)
    session = visit.begin_session(user, connection)
    return await flow.start(visit, transaction, session, user, connection)


def _create(visit: Visit, connection: Doc, email: str, phone: str) -> Doc:
    password = _field(visit, "password")
    if "@" not in email.strip("@"):
        raise _SignupRefusedError("Please enter a valid email address.")
    metadata = {"user_metadata": {"phone_number": phone}} if phone else {}
    try:
        users.check_strength(connection, password)
        return users.create(visit.sandbox, connection["name"], email, password, **metadata)
    except Auth0Error as error:
        raise _SignupRefusedError(
            _TOO_WEAK if error.error_code == "invalid_password" else error.message
        ) from error


def _require_signup(connection: Doc) -> None:
    if (connection.get("options") or {}).get("disable_signup"):
        raise PageError("access_denied", "Sign-up is disabled for this connection.", 403)


def _page(
    visit: Visit,
    transaction: Transaction,
    template: str,
    values: Mapping[str, Any],
    problem: str | None = None,
) -> Response:
    client = clients.find(visit.sandbox, transaction.authorization.client_id)
    state = visit.incoming.text("state") or ""
    shared = {
        "application": client.get("name") or "the application",
        "state": state,
        "query": urlencode({"state": state}),
        "problem": problem,
    }
    return pages.render(template, {**shared, **values}, 400 if problem else 200)


def _field(visit: Visit, name: str) -> str:
    value = visit.incoming.body.get(name)
    return value[:_LONGEST_FIELD] if isinstance(value, str) else ""
