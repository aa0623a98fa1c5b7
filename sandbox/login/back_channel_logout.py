"""OpenID Connect Back-Channel Logout 1.0: applications are told when a session has ended.

Source: auth0.com/docs/authenticate/login/logout/back-channel-logout. Unlike Auth0 the sandbox also tells
applications on this machine.
"""

import asyncio
import math

from ..context import Sandbox
from ..store import Doc
from . import logs, outgoing
from .incoming import Incoming

_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_TOKEN_SECONDS = 120
# Whoever logs out waits for it here.
_PATIENCE_SECONDS = 3.0


async def tell(sandbox: Sandbox, session: Doc, incoming: Incoming) -> None:
    """Post a logout token to every application of the session that wants one; nobody learns of failures."""
    wanted = [
        (client, str(url))
        for used in session["clients"]
        if (client := sandbox.store.get("clients", used["client_id"])) is not None
        for url in (client.get("oidc_logout") or {}).get("backchannel_logout_urls") or []
    ]
    await asyncio.gather(*(_post(sandbox, session, client, url, incoming) for client, url in wanted))


async def _post(sandbox: Sandbox, session: Doc, client: Doc, url: str, incoming: Incoming) -> None:
    # Imported late: a third of all the sandbox loads, and few applications want to be told.
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=_PATIENCE_SECONDS)
    form = {"logout_token": _token(sandbox, session, client)}
    failure: str | None = None
    try:
        async with (
            aiohttp.ClientSession(
                connector=outgoing.connector(sandbox.ca), timeout=timeout, trust_env=False
            ) as caller,
            caller.post(url, data=form, allow_redirects=False) as answer,
        ):
            failure = None if answer.ok else f"The application answered {answer.status}"
    except (TimeoutError, aiohttp.ClientError, ValueError) as error:
        failure = f"The application could not be reached: {type(error).__name__}"
    kind = "oidc_backchannel_logout_succeeded" if failure is None else "oidc_backchannel_logout_failed"
    logs.write(sandbox, kind, incoming, description=failure, client=client)


def _token(sandbox: Sandbox, session: Doc, client: Doc) -> str:
    now = math.floor(sandbox.clock.now())
    claims = {
        "iss": sandbox.addresses.issuer,
        "sub": session["user_id"],
        "aud": client["client_id"],
        "iat": now,
        "exp": now + _TOKEN_SECONDS,
        "jti": sandbox.ids.uuid(),
        "events": {_EVENT: {}},
        "sid": session["id"],
    }
    return sandbox.keys.sign(claims, "logout+jwt")
