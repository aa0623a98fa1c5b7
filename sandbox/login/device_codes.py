"""The device flow's codes: asked for by a device, confirmed by a person elsewhere, polled for by the device.

Sources: auth0.com/docs/get-started/authentication-and-authorization-flow/device-authorization-flow,
/get-started/tenant-settings/configure-device-user-code-settings; RFC 8628.
"""

import re

from starlette.requests import Request
from starlette.responses import JSONResponse

from ..context import Sandbox
from ..store import Doc
from . import browser, clients, scopes, tokens
from . import incoming as requests
from .errors import AppError, OAuthError
from .incoming import Incoming
from .sign_in import SignIn

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_KIND = "device_codes"
_SECONDS, _INTERVAL = 900, 5
# Letters that are not taken for one another, and make no words (RFC 8628, 6.1).
_CHARSETS = {"base20": "BCDFGHJKLMNPQRSTVWXZ", "digits": "0123456789"}
_MASK = "****-****"


async def start(sandbox: Sandbox, request: Request) -> JSONResponse:
    """/oauth/device/code: a code for the device, one for the person, and where to take it."""
    incoming = await requests.read_body(request)
    client = clients.authenticate(sandbox, request, incoming)
    clients.require_grant(client, GRANT)
    try:
        granted = scopes.requested(sandbox, client, incoming.text("audience"), incoming.text("scope"))
    except AppError as error:
        raise OAuthError(error.error, error.description) from error
    device_code, user_code = sandbox.ids.token(43), _user_code(sandbox)
    doc: Doc = {
        "key": sandbox.ids.alphanumeric(32),
        "device": browser.digest(device_code),
        "user_code": _bare(user_code),
        "shown": user_code,
        "client_id": client["client_id"],
        "scopes": granted,
        "audience": incoming.text("audience") or scopes.default_audience(sandbox),
        "expires_at": sandbox.clock.now() + _SECONDS,
        "polled_at": None,
        "status": "pending",
        "sign_in": None,
        "reason": "",
    }
    save(sandbox, doc)
    address = f"{sandbox.addresses.issuer}activate"
    body = {
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": address,
        "verification_uri_complete": f"{address}?user_code={user_code}",
        "expires_in": _SECONDS,
        "interval": _INTERVAL,
    }
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


async def exchange(sandbox: Sandbox, client: Doc, incoming: Incoming) -> Doc:
    """The device's poll: its tokens, once a person has let it in; OAuthError until then, and ever after."""
    doc = _polled(sandbox, client, incoming)
    if doc["status"] == "pending":
        raise OAuthError("authorization_pending", "User has yet to authorize device code.")
    if sandbox.store.take(_KIND, doc["key"]) is None:
        raise _unknown()
    if doc["status"] == "denied":
        raise OAuthError("access_denied", doc["reason"])
    sign_in = SignIn.from_doc(doc["sign_in"])
    try:
        body = tokens.issue(sandbox, sign_in)
    except LookupError as error:
        raise _unknown() from error
    return body | tokens.first_refresh_token(sandbox, client, sign_in)


def by_user_code(sandbox: Sandbox, typed: str) -> Doc | None:
    """What waits for this code, however it was typed."""
    return _pending(sandbox, sandbox.store.where(_KIND, "user_code", _bare(typed)))


def by_key(sandbox: Sandbox, key: str) -> Doc | None:
    found = sandbox.store.get(_KIND, key)
    return _pending(sandbox, [found] if found else [])


def save(sandbox: Sandbox, doc: Doc) -> None:
    sandbox.store.put(_KIND, doc["key"], doc)


def _pending(sandbox: Sandbox, found: list[Doc]) -> Doc | None:
    now = sandbox.clock.now()
    return next((doc for doc in found if doc["status"] == "pending" and doc["expires_at"] > now), None)


def _polled(sandbox: Sandbox, client: Doc, incoming: Incoming) -> Doc:
    device_code = incoming.text("device_code")
    if device_code is None:
        raise OAuthError("invalid_request", "Missing required parameter: device_code", 400)
    found = sandbox.store.where(_KIND, "device", browser.digest(device_code))
    if not found or found[0]["client_id"] != client["client_id"]:
        raise _unknown()
    doc, now = found[0], sandbox.clock.now()
    if doc["expires_at"] <= now:
        # Told once; after that the code is unknown.
        sandbox.store.delete(_KIND, doc["key"])
        raise OAuthError("expired_token", "The device code has expired.")
    if doc["polled_at"] is not None and now - doc["polled_at"] < _INTERVAL:
        raise OAuthError(
            "slow_down", f"You are polling faster than the specified interval of {_INTERVAL} seconds.", 429
        )
    save(sandbox, doc | {"polled_at": now})
    return doc


def _unknown() -> OAuthError:
    return OAuthError("invalid_grant", "Invalid or expired device code.")


def _user_code(sandbox: Sandbox) -> str:
    settings = (sandbox.store.get("settings", "tenant") or {}).get("device_flow") or {}
    alphabet = _CHARSETS.get(str(settings.get("charset")), _CHARSETS["base20"])
    mask = settings.get("mask") or _MASK
    return "".join(sandbox.ids.pick(alphabet) if one == "*" else one for one in mask)


def _bare(code: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", code.upper())
