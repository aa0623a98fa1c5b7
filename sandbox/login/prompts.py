"""The Universal Login pages: log in, sign up, consent."""

from starlette.responses import Response

from .. import users
from ..errors import Auth0Error
from ..idp import profiles
from ..store import Doc
from . import (
    clients,
    federation,
    flow,
    logs,
    registration,
    registration_actions,
    responses,
    transactions,
)
from . import consent as consents
from .errors import GoneError, PageError, StateError
from .prompt import field, opened, page, signed_in, state
from .transactions import Transaction
from .visit import Visit

_DATABASE = "auth0"
_WRONG = "Wrong email or password."
_NO_EMAIL = "Please enter a valid email address."
_DECLINED = "User did not authorize the request"
_TOO_WEAK = "This password is too weak. Make it longer, and mix upper case, lower case, numbers and symbols."


async def show_login(visit: Visit) -> Response:
    transaction, _, _ = opened(visit, _DATABASE)
    return _login(visit, transaction, transaction.authorization.login_hint or "")


async def show_providers(visit: Visit) -> Response:
    """The login page of an application without a database: buttons alone."""
    transaction = transactions.find(visit.sandbox, visit.request, state(visit), "login")
    return page(visit, transaction, "providers", {"providers": _providers(visit, transaction)})


async def log_in(visit: Visit) -> Response:
    sandbox = visit.sandbox
    transaction, client, connection = opened(visit, _DATABASE)
    email, password = field(visit, "username").strip(), field(visit, "password")
    user = users.find_by_email(sandbox, connection["name"], email) if email else None
    if user is None or not users.check_password(user, password):
        kind = "fp" if user else "fu"
        logs.write(
            sandbox, kind, visit.incoming, description=_WRONG, client=client, connection=connection, user=user
        )
        return _login(visit, transaction, email, _WRONG)
    return await signed_in(visit, user, connection)


async def show_signup(visit: Visit) -> Response:
    transaction, _, connection = opened(visit, _DATABASE)
    _require_signup(connection)
    values = {"email": transaction.authorization.login_hint or "", "phone_number": ""}
    return page(visit, transaction, "signup", values)


async def sign_up(visit: Visit) -> Response:
    transaction, client, connection = opened(visit, _DATABASE)
    _require_signup(connection)
    email, phone = field(visit, "email").strip(), field(visit, "phone_number").strip()
    try:
        user = await _create(visit, transaction, client, connection, email, phone)
    except _SignupRefusedError as error:
        return page(visit, transaction, "signup", {"email": email, "phone_number": phone}, str(error))
    return await signed_in(visit, user, connection)


async def show_consent(visit: Visit) -> Response:
    transaction = transactions.find(visit.sandbox, visit.request, visit.incoming.text("state"), "consent")
    scopes = transaction.sign_in.granted_scopes() if transaction.sign_in else []
    return page(visit, transaction, "consent", {"scopes": scopes})


async def consent(visit: Visit) -> Response:
    transaction = transactions.take(visit.sandbox, visit.request, visit.incoming.text("state"), "consent")
    if transaction.sign_in is None:
        raise StateError("The state belongs to no sign-in under way.")
    visit.keep_session(transaction.sign_in.session_key)
    authorization, sign_in = transaction.authorization, transaction.sign_in
    try:
        if visit.incoming.text("action") == "accept":
            consents.give(visit.sandbox, sign_in)
            return flow.agree(visit, transaction, sign_in)
        if sign_in.client(visit.sandbox).get("redirection_policy") == "open_redirect_protection":
            raise PageError("access_denied", _DECLINED, 403)
        return flow.refuse(visit, authorization, "access_denied", _DECLINED, sign_in)
    except GoneError as error:
        return responses.error(authorization, "access_denied", str(error))


def _login(visit: Visit, transaction: Transaction, email: str, problem: str | None = None) -> Response:
    values = {"email": email, "providers": _providers(visit, transaction)}
    return page(visit, transaction, "login", values, problem)


def _providers(visit: Visit, transaction: Transaction) -> list[Doc]:
    """What the buttons need: the connection's name, and what people call the provider."""
    authorization = transaction.authorization
    if authorization.connection is not None:
        return []
    client = clients.find(visit.sandbox, authorization.client_id)
    found = federation.offered(visit.sandbox, client, authorization.organization)
    return [
        {"connection": one["name"], "title": one.get("display_name") or profiles.title(one["strategy"])}
        for one in found
    ]


class _SignupRefusedError(Exception):
    """The text is for the person who signs up."""


async def _create(
    visit: Visit, transaction: Transaction, client: Doc, connection: Doc, email: str, phone: str
) -> Doc:
    if "@" not in email.strip("@"):
        logs.write(
            visit.sandbox, "fs", visit.incoming, description=_NO_EMAIL, client=client, connection=connection
        )
        raise _SignupRefusedError(_NO_EMAIL)
    metadata = {"user_metadata": {"phone_number": phone}} if phone else {}
    password = field(visit, "password")
    try:
        return await registration.register(
            visit.sandbox,
            client,
            connection,
            visit.incoming,
            email,
            password,
            transaction=registration_actions.transaction(transaction),
            **metadata,
        )
    except Auth0Error as error:
        raise _SignupRefusedError(
            _TOO_WEAK if error.error_code == "invalid_password" else error.message
        ) from error


def _require_signup(connection: Doc) -> None:
    if (connection.get("options") or {}).get("disable_signup"):
        raise PageError("access_denied", "Sign-up is disabled for this connection.", 403)
