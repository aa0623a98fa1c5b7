"""Applications: found, authenticated, and what they may ask for."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import unquote_plus

from starlette.requests import Request

from ..context import Sandbox
from ..store import Doc
from . import client_assertion
from .errors import OAuthError, PageError
from .incoming import Incoming

# Strategies with pages here, the one that comes first where an application has several and names none.
PROMPTED = ("auth0", "sms")


def find(sandbox: Sandbox, client_id: str | None) -> Doc:
    """The client of an interactive request, or PageError."""
    if not client_id:
        raise PageError("invalid_request", "Missing required parameter: client_id")
    client = sandbox.store.get("clients", client_id)
    if client is None or client.get("global"):
        raise PageError("invalid_request", f"Unknown client: {client_id}", 403)
    return client


def authenticate(sandbox: Sandbox, request: Request, incoming: Incoming) -> Doc:
    """Who calls, by Basic, by the body, or (public clients) by the id alone; OAuthError 401."""
    client_id, secret = _basic(request) or (incoming.text("client_id"), incoming.text("client_secret"))
    return identify(sandbox, client_id, secret, incoming, request.url.path)


def identify(
    sandbox: Sandbox, client_id: str | None, secret: str | None, incoming: Incoming, endpoint: str
) -> Doc:
    """The client that a secret or an assertion proves at this endpoint; OAuthError 401, for both 400."""
    if client_assertion.is_given(incoming):
        if secret is not None:
            raise OAuthError("invalid_request", "Only one way of client authentication is allowed", 400)
        return client_assertion.prove(sandbox, client_id, incoming, endpoint)
    client = sandbox.store.get("clients", client_id) if client_id else None
    if client is None or not _proves(client, secret):
        raise OAuthError("access_denied", "Unauthorized", 401)
    return client


def seen_from(client: Doc, request: Request, incoming: Incoming) -> Incoming:
    """The request as from the address that counts: a server that proved itself may be trusted to name it.

    Source: …/authenticate/passwordless/implement-login/embedded-login/relevant-api-endpoints.
    """
    told = request.headers.get("auth0-forwarded-for", "").partition(",")[0].strip()
    trusted = client.get("is_token_endpoint_ip_header_trusted")
    proven = client.get("token_endpoint_auth_method") != "none"
    return replace(incoming, ip=told) if told and trusted and proven else incoming


def require_grant(client: Doc, grant_type: str) -> None:
    if grant_type not in client.get("grant_types", []):
        raise OAuthError("unauthorized_client", f"Grant type '{grant_type}' not allowed for the client.")


def connection_for(
    sandbox: Sandbox, client: Doc, name: str | None, strategies: Sequence[str] = ("auth0",)
) -> Doc:
    """The connection people of this client sign in with; LookupError in Auth0's words.

    Of several enabled ones the earliest of `strategies` counts, and then the oldest. Source for a database's
    precedence over passwordless: …/authenticate/passwordless/passwordless-with-universal-login.
    """
    store = sandbox.store
    connections = store.all("connections") if name is None else store.where("connections", "name", name)
    if name and not connections:
        raise LookupError("the connection was not found")
    enabled = [one for one in connections if client["client_id"] in one.get("enabled_clients", [])]
    if not enabled:
        raise LookupError(
            "the connection is not enabled" if name else "no connections enabled for the client"
        )
    usable = [one for strategy in strategies for one in enabled if one["strategy"] == strategy]
    if not usable:
        raise LookupError(f"sign-in with {enabled[0]['strategy']} is not possible here")
    return usable[0]


def _proves(client: Doc, secret: str | None) -> bool:
    if client.get("client_authentication_methods"):
        return False
    if client.get("token_endpoint_auth_method") == "none":
        return True
    expected = client.get("client_secret")
    if not isinstance(expected, str) or not secret:
        return False
    return hmac.compare_digest(expected.encode(), secret.encode())


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise OAuthError("access_denied", "Unauthorized", 401) from error
    # RFC 6749, 2.3.1: both halves are form-encoded before they are joined.
    return unquote_plus(name), unquote_plus(secret)
