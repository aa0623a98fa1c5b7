"""/dbconnections/signup and /dbconnections/change_password: sign-up and forgotten passwords without pages.

Sources: auth0.com/docs/api/authentication/signup/create-a-new-user and
/change-password/change-password; the shapes of refusals:
auth0.com/docs/libraries/common-auth0-library-authentication-errors.
"""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from .. import users
from ..context import Sandbox
from ..errors import Auth0Error
from ..store import Doc
from . import clients, logs, password_reset, registration
from . import incoming as requests
from .incoming import Incoming

_PROFILE = ("given_name", "family_name", "name", "nickname", "picture", "username", "phone_number")
_SHOWN = ("email", "username", "given_name", "family_name", "name", "nickname", "picture")
# "The field must be an object containing no more than ten properties …" (the first page above).
_METADATA_PROPERTIES, _METADATA_NAME, _METADATA_VALUE = 10, 100, 500
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
SENT = "We've just sent you an email to reset your password."
_TOO_WEAK = "Password is too weak"


class _RefusedError(Exception):
    """A refusal in the shape of these endpoints: {name, code, description, statusCode}."""

    def __init__(self, code: str, description: str, name: str = "BadRequestError", status: int = 400) -> None:
        super().__init__(f"{code}: {description}")
        self.body = {"name": name, "code": code, "description": description, "statusCode": status}
        self.status = status


async def sign_up(sandbox: Sandbox, request: Request) -> Response:
    incoming = await requests.read(request)
    try:
        client, connection = _addressed(sandbox, incoming)
        if (connection.get("options") or {}).get("disable_signup"):
            raise _RefusedError("public_signup_disabled", "Public signup is disabled")
        email, password = _email(incoming), _required(incoming, "password")
        profile: dict[str, Any] = {name: incoming.body[name] for name in _PROFILE if incoming.text(name)}
        profile |= _metadata(incoming)
        user = await _register(sandbox, client, connection, incoming, email, password, profile)
    except _RefusedError as error:
        return JSONResponse(error.body, error.status)
    shown = {name: user[name] for name in _SHOWN if name in profile or name == "email"}
    metadata = {"user_metadata": user["user_metadata"]} if "user_metadata" in profile else {}
    identity = str(user["identities"][0]["user_id"])
    return JSONResponse({"_id": identity, "email_verified": False, **shown, **metadata})


async def change_password(sandbox: Sandbox, request: Request) -> Response:
    """Always the same sentence: nobody learns who has an account."""
    incoming = await requests.read(request)
    try:
        client, connection = _addressed(sandbox, incoming)
        email = _email(incoming)
    except _RefusedError as error:
        return JSONResponse(error.body, error.status)
    user = users.find_by_email(sandbox, connection["name"], email)
    if user is not None:
        password_reset.send(sandbox, user)
        logs.write(sandbox, "scpr", incoming, client=client, connection=connection, user=user)
    return PlainTextResponse(SENT, media_type="text/html")


async def _register(
    sandbox: Sandbox,
    client: Doc,
    connection: Doc,
    incoming: Incoming,
    email: str,
    password: str,
    profile: dict[str, Any],
) -> Doc:
    try:
        return await registration.register(sandbox, client, connection, incoming, email, password, **profile)
    except Auth0Error as error:
        if error.error_code == "invalid_password":
            raise _RefusedError("invalid_password", _TOO_WEAK, "PasswordStrengthError") from error
        # Which of the two it was is told nobody: "invalid_signup" covers a user who exists.
        if error.error_code == "auth0_idp_error":
            raise _RefusedError("invalid_signup", "Invalid sign up") from error
        raise _RefusedError(error.error_code or "invalid_signup", error.message) from error


def _addressed(sandbox: Sandbox, incoming: Incoming) -> tuple[Doc, Doc]:
    """The application (the global one without an id) and the database that a request names."""
    client_id = incoming.text("client_id")
    client = sandbox.store.get("clients", client_id) if client_id else _global(sandbox)
    if client is None:
        raise _RefusedError("invalid_request", f"Unknown client: {client_id}")
    name = _required(incoming, "connection")
    found = [one for one in sandbox.store.where("connections", "name", name) if one["strategy"] == "auth0"]
    if not found:
        raise _RefusedError("invalid_request", "Connection does not exist")
    try:
        enabled = client.get("global") or clients.enabled(sandbox, client, name)
    except LookupError as error:
        raise _RefusedError("invalid_request", str(error.args[0])) from error
    if not enabled:
        raise _RefusedError("invalid_request", "Connection is disabled")
    return client, found[0]


def _global(sandbox: Sandbox) -> Doc | None:
    return next((one for one in sandbox.store.all("clients") if one.get("global")), None)


def _required(incoming: Incoming, name: str) -> str:
    value = incoming.body.get(name)
    if not isinstance(value, str) or not value:
        raise _RefusedError("invalid_request", f"missing {name}")
    return value


def _email(incoming: Incoming) -> str:
    email = _required(incoming, "email").strip()
    if not _EMAIL.fullmatch(email):
        raise _RefusedError("invalid_request", "email format is invalid")
    return email


def _metadata(incoming: Incoming) -> Doc:
    given = incoming.body.get("user_metadata")
    if given is None:
        return {}
    if not isinstance(given, dict) or len(given) > _METADATA_PROPERTIES:
        raise _RefusedError("invalid_request", "user_metadata must be an object of ten properties at most")
    for name, value in given.items():
        if len(name) > _METADATA_NAME or not isinstance(value, str) or len(value) > _METADATA_VALUE:
            raise _RefusedError("invalid_request", f"user_metadata.{name[:_METADATA_NAME]} is not allowed")
    return {"user_metadata": given}
