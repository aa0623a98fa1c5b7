"""Whether a person has to agree before an application acts for them, and what they have agreed to.

Source: auth0.com/docs/get-started/applications/third-party-applications/
user-consent-and-third-party-applications. Not asked here, as nothing but the audience's API counts: for the
confirmation that Auth0 may show to first-party applications with callbacks on localhost.
"""

from ..context import Sandbox
from ..store import Doc
from . import scopes
from .authorization import Authorization
from .sign_in import SignIn

REQUIRED = "Consent required"
_KIND = "user_grants"


def is_needed(sandbox: Sandbox, authorization: Authorization, sign_in: SignIn) -> bool:
    """Asked for by the application, or not given yet for these scopes of this API."""
    if "consent" in authorization.prompts:
        return True
    client = sign_in.client(sandbox)
    if client.get("is_first_party", True) and _may_skip(sandbox, authorization.audience):
        return False
    given = sandbox.store.get(_KIND, _key(sign_in))
    return given is None or not set(sign_in.granted_scopes()).issubset(given["scope"])


def give(sandbox: Sandbox, sign_in: SignIn) -> None:
    """Keep that the person has agreed, on top of what they agreed to before."""
    known = sandbox.store.get(_KIND, _key(sign_in)) or {}
    grant: Doc = {
        "id": known.get("id") or sandbox.ids.hex(24),
        "clientID": sign_in.client_id,
        "user_id": sign_in.user_id,
        "audience": sign_in.audience or "",
        "scope": list(dict.fromkeys([*known.get("scope", []), *sign_in.granted_scopes()])),
    }
    sandbox.store.put(_KIND, _key(sign_in), grant)


def _may_skip(sandbox: Sandbox, audience: str | None) -> bool:
    """Whether an application of the tenant's own needs no consent: never for sign-in alone."""
    server = scopes.api(sandbox, audience)
    if server is None or server.get("is_system"):
        return True
    return bool(server.get("skip_consent_for_verifiable_first_party_clients"))


def _key(sign_in: SignIn) -> str:
    return f"{sign_in.user_id} {sign_in.client_id} {sign_in.audience or ''}"
