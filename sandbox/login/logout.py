"""/v2/logout and /oidc/logout: end the session, and return only to addresses on the list.

Sources: auth0.com/docs/authenticate/login/logout/redirect-users-after-logout and /log-users-out-of-auth0;
OpenID Connect RP-Initiated Logout 1.0.
"""

from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from starlette.responses import PlainTextResponse, Response

from ..context import Sandbox
from ..store import Doc
from . import back_channel_logout, browser, logs, pages, responses, sessions, signing, urls
from .errors import PageError
from .visit import Visit


async def logout(visit: Visit) -> Response:
    """Without client_id the tenant's list counts; with one and no returnTo, the first address of its list.

    `federated` ends nothing more here: the sandbox's own provider keeps no session.
    """
    client = _client(visit.sandbox, visit.incoming.text("client_id"))
    target = visit.incoming.text("returnTo")
    if target is None and client is not None:
        target = next(iter(client.get("allowed_logout_urls") or []), None)
    else:
        _require_listed(visit, client, target, "returnTo")
    return await _end(visit, client, target)


async def oidc_logout(visit: Visit) -> Response:
    """The ID token of the hint may have expired. Who can't be shown to have asked is asked."""
    client = _asking(visit)
    target = visit.incoming.text("post_logout_redirect_uri")
    _require_listed(visit, client, target, "post_logout_redirect_uri")
    if _must_ask(visit):
        return _ask(visit, client)
    return await _leave(visit, client, target)


async def confirm(visit: Visit) -> Response:
    """The person agrees to the logout that /oidc/logout wasn't sure about."""
    if visit.request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise PageError("invalid_request", "Only this tenant's own page may confirm a logout.", 403)
    client = _asking(visit)
    target = visit.incoming.text("post_logout_redirect_uri")
    _require_listed(visit, client, target, "post_logout_redirect_uri")
    return await _leave(visit, client, target)


async def _leave(visit: Visit, client: Doc | None, target: str | None) -> Response:
    state = visit.incoming.text("state")
    if target is not None and state is not None:
        target = responses.with_query(target, {"state": state})
    return await _end(visit, client, target)


async def _end(visit: Visit, client: Doc | None, target: str | None) -> Response:
    session = sessions.of(visit.sandbox, visit.request)
    if session:
        user = visit.sandbox.store.get("users", session["user_id"])
        sessions.end(visit.sandbox, session)
        logs.write(visit.sandbox, "slo", visit.incoming, client=client, user=user)
        await back_channel_logout.tell(visit.sandbox, session, visit.incoming)
    response: Response = responses.redirect(target) if target else PlainTextResponse("OK")
    browser.delete_cookie(response, browser.SESSION)
    return response


def _asking(visit: Visit) -> Doc | None:
    """The application that asks, by the ID token it shows or by its id, which have to agree."""
    incoming = visit.incoming
    hint, client_id = incoming.text("id_token_hint"), incoming.text("client_id")
    if hint is not None:
        hinted = str(_claims(visit.sandbox, hint).get("aud"))
        if client_id not in (None, hinted):
            raise PageError(
                "invalid_request", "The client_id is not the one the id_token_hint was issued to."
            )
        client_id = hinted
    return _client(visit.sandbox, client_id)


def _must_ask(visit: Visit) -> bool:
    """Whether nothing shows that the person whose session this is asked for its end."""
    settings = visit.sandbox.store.get("settings", "tenant") or {}
    session = sessions.of(visit.sandbox, visit.request)
    if session is None or (settings.get("sessions") or {}).get("oidc_logout_prompt_enabled") is False:
        return False
    hint = visit.incoming.text("id_token_hint")
    sid = _claims(visit.sandbox, hint).get("sid") if hint else visit.incoming.text("logout_hint")
    return bool(sid != session["id"])


def _ask(visit: Visit, client: Doc | None) -> Response:
    names = ("client_id", "post_logout_redirect_uri", "state", "id_token_hint")
    given = {name: visit.incoming.text(name) for name in names}
    query = urlencode({name: value for name, value in given.items() if value is not None})
    return pages.render("logout", {"query": query, "application": (client or {}).get("name")})


def _require_listed(visit: Visit, client: Doc | None, target: str | None, parameter: str) -> None:
    if target is None:
        return
    tenant = visit.sandbox.store.get("settings", "tenant") or {}
    listed: list[Any] = (client if client is not None else tenant).get("allowed_logout_urls") or []
    # Query and fragment of the address don't count, as on Auth0; nor does the case of its host.
    if not any(urls.admits(map(_bare, listed), one) for one in (_bare(target), target)):
        reason = (
            f'The "{parameter}" querystring parameter "{target}" is not defined as a valid URL in '
            '"Allowed Logout URLs"'
        )
        logs.write(visit.sandbox, "flo", visit.incoming, description=reason, client=client)
        raise PageError("invalid_request", reason)


def _bare(url: Any) -> str:
    try:
        parts = urlsplit(str(url))
    except ValueError:
        return str(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.lower(), query="", fragment=""))


def _client(sandbox: Sandbox, client_id: str | None) -> Doc | None:
    if client_id is None:
        return None
    client = sandbox.store.get("clients", client_id)
    if client is None:
        raise PageError("invalid_request", f"Unknown client: {client_id}")
    return client


def _claims(sandbox: Sandbox, hint: str) -> Doc:
    """What an ID token of this tenant says."""
    claims = signing.opened_id_token(sandbox, hint)
    if claims is None:
        raise PageError("invalid_request", "The id_token_hint is not one of this tenant's ID tokens.")
    return claims
