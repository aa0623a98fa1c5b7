"""The Universal Login pages: log in, sign up, consent."""

from starlette.responses import Response

from .. import users
from ..errors import Auth0Error
from ..store import Doc
from . import flow, logs, responses, transactions
from .errors import PageError, StateError
from .prompt import field, opened, page, signed_in
from .sign_in import GoneError
from .visit import Visit

_DATABASE = "auth0"
_WRONG = "Wrong email or password."
_DECLINED = "User did not authorize the request"
_TOO_WEAK = "This password is too weak. Make it longer, and mix upper case, lower case, numbers and symbols."


async def show_login(visit: Visit) -> Response:
    transaction, _, _ = opened(visit, _DATABASE)
    return page(visit, transaction, "login", {"email": transaction.authorization.login_hint or ""})


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
        return page(visit, transaction, "login", {"email": email}, _WRONG)
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
        user = _create(visit, connection, email, phone)
    except _SignupRefusedError as error:
        reason = str(error)
        logs.write(
            visit.sandbox, "fs", visit.incoming, description=reason, client=client, connection=connection
        )
        return page(visit, transaction, "signup", {"email": email, "phone_number": phone}, reason)
    logs.write(visit.sandbox, "ss", visit.incoming, client=client, connection=connection, user=user)
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
            return flow.agree(visit, transaction, sign_in)
        return flow.refuse(visit, authorization, "access_denied", _DECLINED, sign_in)
    except GoneError as error:
        return responses.error(authorization, "access_denied", str(error))


class _SignupRefusedError(Exception):
    """The text is for the person who signs up."""


def _create(visit: Visit, connection: Doc, email: str, phone: str) -> Doc:
    password = field(visit, "password")
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
