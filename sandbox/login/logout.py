"""/v2/logout and /oidc/logout: end the session, and return only to addresses on the list."""

from typing import Any, cast

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization
from starlette.responses import PlainTextResponse, Response

from ..context import Sandbox
from ..store import Doc
from . import browser, logs, responses, sessions
from .errors import PageError
from .visit import Visit


async def logout(visit: Visit) -> Response:
    """Without client_id the tenant's list counts.

    Source: auth0.com/docs/authenticate/login/logout/redirect-users-after-logout
    """
    client = _client(visit.sandbox, visit.incoming.text("client_id"))
    target = visit.incoming.text("returnTo")
    _require_listed(visit, client, target, "returnTo")
    return _end(visit, client, target, {})


async def oidc_logout(visit: Visit) -> Response:
    """OpenID Connect RP-Initiated Logout 1.0; the ID token may have expired."""
    incoming = visit.incoming
    hint = incoming.text("id_token_hint")
    client_id = _hinted_client(visit.sandbox, hint) if hint else incoming.text("client_id")
    client = _client(visit.sandbox, client_id)
    target = incoming.text("post_logout_redirect_uri")
    _require_listed(visit, client, target, "post_logout_redirect_uri")
    state = incoming.text("state")
    return _end(visit, client, target, {"state": state} if state else {})


def _end(visit: Visit, client: Doc | None, target: str | None, extra: dict[str, str]) -> Response:
    session = sessions.of(visit.sandbox, visit.request)
    if session:
        user = visit.sandbox.store.get("users", session["user_id"])
        sessions.end(visit.sandbox, session)
        logs.write(visit.sandbox, "slo", visit.incoming, client=client, user=user)
    response: Response = (
        responses.redirect(responses.with_query(target, extra) if extra else target)
        if target
        else PlainTextResponse("OK")
    )
    browser.delete_cookie(response, browser.SESSION)
    return response


def _require_listed(visit: Visit, client: Doc | None, target: str | None, parameter: str) -> None:
    if target is None:
        return
    tenant = visit.sandbox.store.get("settings", "tenant") or {}
    listed: list[Any] = (client if client is not None else tenant).get("allowed_logout_urls") or []
    # A query behind a listed address is tolerated, as on Auth0.
    if target not in listed and target.partition("?")[0] not in listed:
        reason = (
            f'The "{parameter}" querystring parameter "{target}" is not defined as a valid URL in '
            '"Allowed Logout URLs"'
        )
        logs.write(visit.sandbox, "flo", visit.incoming, description=reason, client=client)
        raise PageError("invalid_request", reason)


def _client(sandbox: Sandbox, client_id: str | None) -> Doc | None:
    if client_id is None:
        return None
    client = sandbox.store.get("clients", client_id)
    if client is None:
        raise PageError("invalid_request", f"Unknown client: {client_id}")
    return client


def _hinted_client(sandbox: Sandbox, hint: str) -> str:
    """The application an ID token of ours was issued to."""
    try:
        keys = KeySet.import_key_set(cast(KeySetSerialization, sandbox.keys.jwks()))
        claims = jwt.decode(hint, keys, algorithms=["RS256"]).claims
    except (JoseError, ValueError) as error:
        raise PageError(
            "invalid_request", "The id_token_hint is not one of this tenant's ID tokens."
        ) from error
    return str(claims.get("aud"))
