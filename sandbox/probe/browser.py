"""Probes that need a login in a browser: the person opens an address and types what the probe says."""

import secrets
import time
from collections.abc import Callable

from joserfc import jwt
from joserfc.jwk import OctKey

from .findings import Console, Finding, Probe
from .scene import NOWHERE, Person, application, bind, person
from .tenant import ProbeError, Tenant
from .visit import Query, Stop, Visit

SECONDS = 300.0
_HOP = 'api.redirect.sendUserTo("{url}/hop?number=" + number);'
_CHECKED = """exports.onContinuePostLogin = async (event, api) => {{
  try {{
    api.redirect.validateToken({{ secret: event.secrets.KEY, tokenParameterName: "token" }});
    api.access.deny("probe accepted");
  }} catch (error) {{
    api.access.deny("probe refused: " + error.message);
  }}
}};
---"""
_RESUMED = "exports.onContinuePostLogin = async () => {{}};\n---"


def _login(
    tenant: Tenant,
    console: Console,
    bodies: list[str],
    token: Callable[[Person, bytes, Query], str | None],
) -> list[Stop]:
    key = secrets.token_hex(32)
    made: list[Person] = []
    with Visit(tenant, lambda query: token(made[0], key.encode(), query), SECONDS) as visit:
        made_here = application(tenant, app_type="regular_web", callbacks=[f"{visit.url}/callback"])
        client = str(made_here["client_id"])
        made.append(person(tenant, client))
        bind(tenant, client, [body.format(url=visit.url) for body in bodies], KEY=key)
        console.say(f"Open this address and log in as {made[0].email} with the password {made[0].password}")
        console.say(visit.address(client))
        return visit.stops()


def _nothing(person: Person, key: bytes, query: Query) -> None:
    return None


def _query(tenant: Tenant, console: Console) -> Finding:
    stops = _login(tenant, console, [_RESUMED + _HOP, _RESUMED + _HOP], _nothing)
    hops = [stop.query.get("number") for stop in stops if stop.path == "/hop"]
    if hops not in (["1"], ["1", "2"]):
        raise ProbeError(f"The browser came by in an order that means nothing: {hops}")
    end = stops[-1].query.get("error_description") or "a code"
    return Finding("redirect_url_unique_includes_query", len(hops) == 2, f"{len(hops)} redirects, then {end}")


def _life(tenant: Tenant, console: Console) -> Finding:
    said = _validated(tenant, console, exp=30)
    value = 0 if said == "accepted" else 60
    return Finding("validate_token_min_life_seconds", value, f"30 s to live: {said}")


def _issuer(tenant: Tenant, console: Console) -> Finding:
    said = _validated(tenant, console, iss=NOWHERE)
    return Finding("validate_token_checks_issuer", said != "accepted", f"another issuer: {said}")


def _validated(tenant: Tenant, console: Console, exp: int = 600, iss: str | None = None) -> str:
    def token(person: Person, key: bytes, query: Query) -> str:
        now = int(time.time())
        claims = {
            "sub": person.user_id,
            "iss": iss or tenant.domain.partition(":")[0],
            "iat": now,
            "exp": now + exp,
            "state": query["state"],
        }
        return jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, OctKey.import_key(key))

    end = _login(tenant, console, [_CHECKED + _HOP], token)[-1].query
    said = end.get("error_description", "")
    if not said.startswith("probe "):
        raise ProbeError(f"The login ended before the Action could say anything: {said or end}")
    return said.removeprefix("probe ")


_MAKES = "an application, a database with one person, {} at the post-login trigger, after those bound there"
_NEEDS = "a login in a browser on this machine"
PROBES = (
    Probe("redirect-query", _MAKES.format("two Actions"), _NEEDS, _query),
    Probe("token-life", _MAKES.format("an Action"), _NEEDS, _life),
    Probe("token-issuer", _MAKES.format("an Action"), _NEEDS, _issuer),
)
