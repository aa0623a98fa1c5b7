"""Applications: found, authenticated, and what they may ask for."""

import base64
import hmac
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import unquote_plus

from starlette.requests import Request

from ..context import Sandbox
from ..store import Doc
from . import client_assertion, organizations
from .errors import OAuthError, PageError
from .incoming import Incoming

# Strategies with pages here, the one that comes first where an application has several and names none.
PROMPTED = ("auth0", "sms", "email", "*")
_OWN = ("auth0", "sms", "email")


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
    try:
        client_id, secret = _basic(request) or (incoming.text("client_id"), incoming.text("client_secret"))
        return identify(sandbox, client_id, secret, incoming, request.url.path)
    except OAuthError as error:
        # RFC 6749, 5.2: the scheme is named to a client that tried it; others read the body.
        if error.status == HTTPStatus.UNAUTHORIZED and _tries_basic(request):
            error.headers["WWW-Authenticate"] = f'Basic realm="{sandbox.addresses.auth0}"'
        raise


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
    sandbox: Sandbox,
    client: Doc,
    name: str | None,
    strategies: Sequence[str] = ("auth0",),
    organization: str | None = None,
) -> Doc:
    """The connection people of this client sign in with; LookupError in Auth0's words.

    Of several enabled ones the earliest of `strategies` counts, and then the oldest; "*" stands for every
    identity provider. Source for a database's precedence over passwordless:
    …/authenticate/passwordless/passwordless-with-universal-login.
    """
    if name == "":
        raise LookupError("the connection was not found")
    found = enabled(sandbox, client, name)
    if not found:
        raise LookupError(
            "the connection is not enabled" if name else "no connections enabled for the client"
        )
    open_to = [one for one in found if organizations.offers(sandbox, organization, one)]
    if not open_to:
        raise LookupError("the connection is not enabled for the organization")
    usable = [one for strategy in strategies for one in open_to if _is_of(strategy, one)]
    if not usable:
        raise LookupError(f"sign-in with {open_to[0]['strategy']} is not possible here")
    return usable[0]


def offered(sandbox: Sandbox, client: Doc, organization: str | None) -> list[Doc]:
    """All connections people of this client may choose from, in an organization those it has."""
    found = enabled(sandbox, client)
    return [one for one in found if organizations.offers(sandbox, organization, one)]


def enabled(sandbox: Sandbox, client: Doc, name: str | None = None) -> list[Doc]:
    """The client's connections, or the one of this name; LookupError when nothing has the name."""
    store = sandbox.store
    connections = store.all("connections") if name is None else store.where("connections", "name", name)
    if name and not connections:
        raise LookupError("the connection was not found")
    return [one for one in connections if client["client_id"] in one.get("enabled_clients", [])]


def is_federated(connection: Doc) -> bool:
    """Whether people prove themselves elsewhere: at a social or an enterprise identity provider."""
    return connection["strategy"] not in _OWN


def _is_of(strategy: str, connection: Doc) -> bool:
    return is_federated(connection) if strategy == "*" else bool(connection["strategy"] == strategy)


def _proves(client: Doc, secret: str | None) -> bool:
    if client.get("client_authentication_methods"):
        return False
    if client.get("token_endpoint_auth_method") == "none":
        return True
    expected = client.get("client_secret")
    if not isinstance(expected, str) or not secret:
        return False
    return hmac.compare_digest(expected.encode(), secret.encode())


def _tries_basic(request: Request) -> bool:
    return request.headers.get("authorization", "").partition(" ")[0].lower() == "basic"


def _basic(request: Request) -> tuple[str, str] | None:
    if not _tries_basic(request):
        return None
    value = request.headers["authorization"].partition(" ")[2]
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError as error:
        raise OAuthError("access_denied", "Unauthorized", 401) from error
    # RFC 6749, 2.3.1: both halves are form-encoded before they are joined.
    return unquote_plus(name), unquote_plus(secret)
