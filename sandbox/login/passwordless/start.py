"""/passwordless/start: send somebody a code.

Errors: auth0.com/docs/api/authentication, "Errors > POST /passwordless/start"; who has to bring a secret:
…/past-migrations/migrate-to-passwordless.
"""

import re

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ... import limits
from ...context import Sandbox
from ...store import Doc
from .. import client_assertion, clients, logs
from .. import incoming as requests
from ..errors import OAuthError
from ..incoming import Incoming
from . import connection as connections
from . import sending
from .sending import Order, RefusedError

_ALLOWED = {
    "client_id", "client_secret", "client_assertion", "client_assertion_type", "connection", "email",
    "phone_number", "send", "authParams", "captcha",
}  # fmt: skip
_STRINGS = ("client_id", "client_secret", "connection", "phone_number", "email", "send")
_NUMBER = r"^\+[0-9]{1,15}$"
_ADDRESS = r"[^@\s]{1,64}@[^@\s]{1,255}"
_HOUR = 3600.0


async def start(sandbox: Sandbox, request: Request) -> Response:
    incoming = await requests.read(request)
    headers: dict[str, str] = {}
    try:
        client, proven = _client(sandbox, request, incoming)
        incoming = clients.seen_from(client, request, incoming) if proven else incoming
        headers = {} if proven else _count(sandbox, client, incoming)
        order = _order(sandbox, client, incoming, _language(request))
        return JSONResponse(await sending.send(sandbox, order), headers=headers)
    except RefusedError as error:
        body = {"error": error.error, "error_description": error.description}
        return JSONResponse(body, error.status, headers)


def _client(sandbox: Sandbox, request: Request, incoming: Incoming) -> tuple[Doc, bool]:
    """Who asks, and whether a secret or an assertion proves it; confidential clients have to bring one."""
    client_id = _required(incoming, "client_id")
    client = sandbox.store.get("clients", client_id)
    if client is None or client.get("global"):
        raise RefusedError("bad.client_id", f"Unknown client: {client_id}")
    if client.get("token_endpoint_auth_method") == "none":
        return client, False
    secret = incoming.text("client_secret")
    if secret is not None or client_assertion.is_given(incoming):
        return clients.identify(sandbox, client_id, secret, incoming, request.url.path), True
    if _secret_is_enforced(sandbox):
        raise OAuthError("unauthorized_client", "Client authentication is required")
    description = "Enforce client authentication for passwordless connections"
    logs.write(sandbox, "depnote", incoming, description=description, client=client)
    return client, False


def _secret_is_enforced(sandbox: Sandbox) -> bool:
    flags = (sandbox.store.get("settings", "tenant") or {}).get("flags") or {}
    return flags.get("enforce_client_authentication_on_passwordless_start") is not False


def _count(sandbox: Sandbox, client: Doc, incoming: Incoming) -> dict[str, str]:
    bucket = limits.Bucket("passwordless-start", sandbox.switches.passwordless_start_limit, _HOUR)
    allowance = limits.take(sandbox, bucket, incoming.ip)
    if allowance is None:
        return {}
    if allowance.allowed:
        return allowance.headers()
    description = "You passed the limit of allowed calls to '/passwordless/start'"
    logs.write(sandbox, "api_limit", incoming, description=description, client=client)
    raise OAuthError("too_many_requests", "Global limit has been reached", 429, allowance.headers())


def _order(sandbox: Sandbox, client: Doc, incoming: Incoming, language: str | None) -> Order:
    _check_shape(incoming.body)
    connection = _connection(sandbox, client, _required(incoming, "connection"))
    if connection["strategy"] == connections.EMAIL:
        return _mail_order(sandbox, client, connection, incoming, language)
    number = _required(incoming, "phone_number")
    if not re.fullmatch(_NUMBER, number):
        raise RefusedError("bad.phone_number", f"String does not match pattern: {_NUMBER}")
    return Order(connection, client, number, language, incoming)


def _mail_order(
    sandbox: Sandbox, client: Doc, connection: Doc, incoming: Incoming, language: str | None
) -> Order:
    """By e-mail a link is sent unless a code is asked for; `authParams` is what it asks of /authorize."""
    email = _required(incoming, "email").strip().lower()
    if not re.fullmatch(_ADDRESS, email):
        raise RefusedError("bad.email", "error in email - invalid format")
    link: Doc | None = None
    if incoming.text("send") != "code":
        defaults = (connection.get("options") or {}).get("authParams") or {}
        link = {**defaults, **(incoming.body.get("authParams") or {})}
    return Order(connection, client, email, language, incoming, link)


def _check_shape(body: Doc) -> None:
    unknown = [name for name in body if name not in _ALLOWED]
    if unknown:
        raise RefusedError("bad.request", f"the following properties are not allowed: {', '.join(unknown)}")
    for name in _STRINGS:
        _check_type(body, name, str, "string")
    _check_type(body, "authParams", dict, "object")
    if body.get("send") not in (None, "code", "link"):
        raise RefusedError("bad.request", f"error in send - no enum match for: {body['send']}")


def _check_type(body: Doc, name: str, wanted: type, told: str) -> None:
    value = body.get(name)
    if value is not None and not isinstance(value, wanted):
        found = _type_of(value)
        raise RefusedError(f"bad.{name}", f"error in {name} - invalid type: {found} (expected {told})")


def _type_of(value: object) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return names.get(type(value), "object")


def _connection(sandbox: Sandbox, client: Doc, name: str) -> Doc:
    connection = connections.named(sandbox, name)
    if connection is None:
        raise RefusedError("bad.connection", "Connection does not exist")
    if connection["strategy"] not in connections.STRATEGIES:
        raise RefusedError(
            "bad.connection", "Invalid connection strategy. It must either be a passwordless connection"
        )
    if client["client_id"] not in connection.get("enabled_clients", []):
        raise RefusedError("bad.connection", "Connection is disabled")
    return connection


def _required(incoming: Incoming, name: str) -> str:
    value = incoming.body.get(name)
    if value is None or value == "":
        raise RefusedError(f"bad.{name}", f"Missing required property: {name}")
    _check_type(incoming.body, name, str, "string")
    return str(value)


def _language(request: Request) -> str | None:
    """What templates know as `request_language`: the header made for it, or else the browser's."""
    return request.headers.get("x-request-language") or request.headers.get("accept-language")
