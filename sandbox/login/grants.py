"""/oauth/token: what each grant type demands and gives."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse

from .. import users
from ..context import Sandbox
from ..store import Doc
from . import (
    back_channel,
    clients,
    codes,
    device_codes,
    exchange_actions,
    logs,
    organizations,
    pipeline,
    refresh_tokens,
    scopes,
    tokens,
)
from . import event as events
from . import incoming as requests
from .back_channel import Proof
from .client_assertion import AssertionRefusedError
from .errors import AppError, OAuthError
from .incoming import Incoming
from .passwordless import grant as passwordless
from .sign_in import SignIn

REALM = "http://auth0.com/oauth/grant-type/password-realm"
_WRONG = "Wrong email or password."
# The log's type for a rotating refresh token that comes a second time.
_REUSED = "ferrt"

Grant = Callable[[Sandbox, Doc, Incoming], Awaitable[Doc]]


async def token(sandbox: Sandbox, request: Request) -> JSONResponse:
    incoming = await requests.read_body(request)
    grant_type = incoming.text("grant_type")
    if grant_type is None:
        raise OAuthError("invalid_request", "Missing required parameter: grant_type", 400)
    if grant_type not in _GRANTS:
        raise OAuthError("unsupported_grant_type", f"Unsupported grant type: {grant_type}")
    grant, success, failure = _GRANTS[grant_type]
    client = _authenticated(sandbox, request, incoming, failure)
    incoming = clients.seen_from(client, request, incoming)
    try:
        clients.require_grant(client, grant_type)
        body = await grant(sandbox, client, incoming)
    except OAuthError as error:
        kind = _REUSED if isinstance(error, refresh_tokens.ReusedError) else failure
        executions = error.executions
        logs.write(sandbox, kind, incoming, description=error.description, client=client, actions=executions)
        raise
    logs.write(sandbox, success, incoming, client=client, **body.pop(back_channel.LOGGED, {}))
    return JSONResponse(body, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def _authenticated(sandbox: Sandbox, request: Request, incoming: Incoming, failure: str) -> Doc:
    try:
        return clients.authenticate(sandbox, request, incoming)
    except AssertionRefusedError as error:
        details = {"client_authentication_error": error.reason}
        logs.write(
            sandbox, failure, incoming, description=error.description, client=error.client, details=details
        )
        raise


async def _authorization_code(sandbox: Sandbox, client: Doc, incoming: Incoming) -> Doc:
    """RFC 6749, 4.1.3 with PKCE (RFC 7636)."""
    code = codes.redeem(sandbox, client, incoming)
    sign_in = SignIn.from_doc(code["sign_in"])
    try:
        body = tokens.issue(sandbox, sign_in, nonce=code["nonce"], with_auth_time=code["with_auth_time"])
    except LookupError as error:
        raise OAuthError("invalid_grant", "Invalid authorization code") from error
    body |= tokens.first_refresh_token(sandbox, client, sign_in)
    if "refresh_token" in body:
        codes.remember(sandbox, incoming.text("code") or "", body["refresh_token"])
    return body


async def _refresh_token(sandbox: Sandbox, client: Doc, incoming: Incoming) -> Doc:
    """RFC 6749, 6; the Actions run, without a browser."""
    stored = refresh_tokens.redeem(sandbox, client, incoming.text("refresh_token") or "")
    wanted = (incoming.text("scope") or "").split()
    narrowed = [scope for scope in stored["scopes"] if not wanted or scope in wanted]
    sign_in = SignIn(
        client_id=client["client_id"],
        user_id=stored["user_id"],
        connection_id=stored["connection_id"],
        transaction=events.back_channel_transaction("oauth2-refresh-token", narrowed, incoming),
        scopes=narrowed,
        audience=stored["audience"],
        organization=stored.get("organization"),
        session_key=stored["session_key"],
        session_id=stored["session_id"],
        authenticated_at=stored["authenticated_at"],
        refresh_token_key=stored["key"],
        methods=stored["methods"],
        actions=pipeline.bound(sandbox),
    )
    body = await back_channel.through_actions(sandbox, sign_in, incoming, "refresh_token")
    successor = refresh_tokens.rotate(sandbox, client, stored, sign_in)
    return body | ({"refresh_token": successor} if successor else {})


async def _password(sandbox: Sandbox, client: Doc, incoming: Incoming) -> Doc:
    """RFC 6749, 4.3: the resource owner's password; `realm` names the connection, or else the tenant does."""
    try:
        connection = clients.connection_for(sandbox, client, _directory(sandbox, incoming))
        granted = scopes.requested(sandbox, client, incoming.text("audience"), incoming.text("scope"))
    except LookupError as error:
        raise OAuthError("invalid_request", str(error.args[0]), 400) from error
    except AppError as error:
        raise OAuthError(error.error, error.description) from error
    user = _check_password(sandbox, connection, incoming)
    proof = Proof(user, connection, "pwd", "oauth2-password", "password")
    return await back_channel.log_in(sandbox, client, incoming, proof, granted)


def _directory(sandbox: Sandbox, incoming: Incoming) -> str:
    """The connection's name (…/resource-owner-password-flow, "Realm support"); the words are as quoted."""
    realm = incoming.text("realm")
    if realm is not None:
        return realm
    if incoming.text("grant_type") == REALM:
        raise OAuthError("invalid_request", "Missing required parameter: realm", 400)
    settings = sandbox.store.get("settings", "tenant") or {}
    if not settings.get("default_directory"):
        raise OAuthError("server_error", "Authorization server not configured with default connection.", 403)
    return str(settings["default_directory"])


async def _client_credentials(sandbox: Sandbox, client: Doc, incoming: Incoming) -> Doc:
    """RFC 6749, 4.4: for the Management API, and for any API the client has a grant for."""
    audience = incoming.text("audience") or scopes.default_audience(sandbox)
    if audience is None:
        raise OAuthError("access_denied", "Non-global clients are not allowed access to APIv1")
    try:
        server = scopes.api(sandbox, audience)
    except LookupError as error:
        raise OAuthError("access_denied", f"Service not enabled within domain: {audience}") from error
    grant = _client_grant(sandbox, client, server or {"identifier": audience})
    granted = list(grant.get("scope") or [])
    wanted = (incoming.text("scope") or "").split()
    try:
        organization = organizations.for_machine(sandbox, client, grant, incoming.text("organization"))
    except AppError as error:
        raise OAuthError(error.error, error.description) from error
    narrowed = [scope for scope in granted if not wanted or scope in wanted]
    exchange = await exchange_actions.run(
        sandbox, client, incoming, audience, narrowed, granted, organization
    )
    own = organization["id"] if organization else None
    body = tokens.machine(sandbox, client, server or {}, exchange.scopes, own, exchange.claims)
    return {**body, back_channel.LOGGED: {"actions": exchange.executions}}


def _check_password(sandbox: Sandbox, connection: Doc, incoming: Incoming) -> Doc:
    user = users.find_by_email(sandbox, connection["name"], incoming.text("username") or "")
    if user is None or not users.check_password(user, incoming.text("password") or ""):
        raise OAuthError("invalid_grant", _WRONG)
    if user.get("blocked"):
        raise OAuthError("unauthorized", "user is blocked", 401)
    return user


def _client_grant(sandbox: Sandbox, client: Doc, server: Doc) -> Doc:
    """The grant by which an application gets tokens for itself; the API may admit none."""
    audience, policies = server["identifier"], server.get("subject_type_authorization") or {}
    closed = (policies.get("client") or {}).get("policy") == "deny_all"
    for grant in [] if closed else sandbox.store.where("client_grants", "client_id", client["client_id"]):
        if grant["audience"] == audience and grant.get("subject_type", "client") == "client":
            return grant
    raise OAuthError(
        "access_denied",
        f'Client is not authorized to access "{audience}". You need to create a "client-grant" associated to '
        "this API. See: https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants",
    )


_GRANTS: dict[str, tuple[Grant, str, str]] = {
    "authorization_code": (_authorization_code, "seacft", "feacft"),
    "refresh_token": (_refresh_token, "sertft", "fertft"),
    "client_credentials": (_client_credentials, "seccft", "feccft"),
    "password": (_password, "sepft", "fepft"),
    REALM: (_password, "sepft", "fepft"),
    # The code for failure is documented, the one for success only by analogy with its neighbours.
    device_codes.GRANT: (device_codes.exchange, "sede", "fede"),
    passwordless.OTP: (passwordless.otp, "sepotpft", "fepotpft"),
}
