"""Custom claims: which ones Auth0 leaves out of a token.

Source: auth0.com/docs/secure/tokens/json-web-tokens/create-custom-claims, "General restrictions". A claim
that is left out is no error: the login goes on without it.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

_RESTRICTED = {
    "acr", "act", "active", "amr", "at_hash", "ath", "attest", "aud", "auth_time",
    "authorization_details", "azp", "c_hash", "client_id", "cnf", "cty", "dest", "entitlements",
    "events", "exp", "groups", "gty", "htm", "htu", "iat", "internalService", "iss", "jcard", "jku",
    "jti", "jwe", "jwk", "kid", "may_act", "mky", "nbf", "nonce", "object_id", "org_id", "org_name",
    "orig", "origid", "permissions", "roles", "rph", "s_hash", "sid", "sip_callid", "sip_cseq_num",
    "sip_date", "sip_from_tag", "sip_via_branch", "sub", "sub_jwk", "toe", "txn", "typ", "uuid", "vot",
    "vtm", "x5t#S256", "scope",
}  # fmt: skip
_RESERVED_HOSTS = ("auth0.com", "webtask.io", "webtask.run")


def admitted(custom: Mapping[str, Any], *, own_api: bool = False) -> dict[str, Any]:
    """The custom claims that make it into a token; `own_api`: the audience is one of Auth0's own APIs."""
    return {name: value for name, value in custom.items() if _admits(name, own_api)}


def _admits(name: str, own_api: bool) -> bool:
    if name in _RESTRICTED or name.startswith("urn:auth0"):
        return False
    if not name.startswith(("http://", "https://")):
        return not own_api or name.startswith("urn:")
    host = _host(name)
    return not any(host == reserved or host.endswith(f".{reserved}") for reserved in _RESERVED_HOSTS)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
