"""Opaque access tokens, issued when no API is asked for: encrypted, so that nobody reads claims from them."""

import base64
import json
import secrets
from typing import Any

from joserfc import jwe
from joserfc.jwk import OctKey

from ..context import Sandbox
from ..keys import MALFORMED

_KIND = "login_keys"
_NAME = "opaque"
# Not strict: `iss` in a header is Auth0's habit, not a registered member.
_REGISTRY = jwe.JWERegistry(algorithms=["dir", "A256GCM"], strict_check_header=False)


def encrypt(sandbox: Sandbox, claims: dict[str, Any]) -> str:
    """A compact JWE (dir, A256GCM) with the issuer in its header, as Auth0's look."""
    header = {"alg": "dir", "enc": "A256GCM", "iss": sandbox.addresses.issuer}
    return jwe.encrypt_compact(header, json.dumps(claims).encode(), _key(sandbox), registry=_REGISTRY)


def decrypt(sandbox: Sandbox, token: str) -> dict[str, Any] | None:
    """The claims of a token of ours that hasn't expired, else None."""
    try:
        opened = jwe.decrypt_compact(token, _key(sandbox), registry=_REGISTRY)
        claims = json.loads(opened.plaintext or b"{}")
    except MALFORMED:
        return None
    return claims if isinstance(claims, dict) and claims.get("exp", 0) > sandbox.clock.now() else None


def _key(sandbox: Sandbox) -> OctKey:
    # Read every time: a reset or a loaded state brings another key.
    stored = sandbox.store.get(_KIND, _NAME)
    if stored is None:
        stored = {"k": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}
        sandbox.store.put(_KIND, _NAME, stored)
    return OctKey.import_key(base64.urlsafe_b64decode(stored["k"]))
