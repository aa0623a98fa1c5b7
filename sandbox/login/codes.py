"""Authorization codes: single use, a minute long, bound to client, callback and PKCE challenge."""

import base64
import hashlib
import hmac

from ..context import Sandbox
from ..store import Doc
from . import refresh_tokens
from .authorization import Authorization
from .errors import OAuthError
from .incoming import Incoming
from .sign_in import SignIn

LIFE_SECONDS = 60
_KIND = "codes"
_USED = "used_codes"
_REMEMBERED_SECONDS = 86400


def issue(sandbox: Sandbox, authorization: Authorization, sign_in: SignIn) -> str:
    code = sandbox.ids.token(48)
    doc: Doc = {
        "expires_at": sandbox.clock.now() + LIFE_SECONDS,
        "client_id": authorization.client_id,
        "redirect_uri": authorization.redirect_uri,
        "redirect_uri_given": authorization.redirect_uri_given,
        "code_challenge": authorization.code_challenge,
        "code_challenge_method": authorization.code_challenge_method,
        "nonce": authorization.nonce,
        "with_auth_time": authorization.max_age is not None,
        "sign_in": sign_in.to_doc(),
    }
    sandbox.store.put(_KIND, code, doc)
    return code


def redeem(sandbox: Sandbox, client: Doc, incoming: Incoming) -> Doc:
    """What a code stands for; trying it uses it up. OAuthError 403 when this client may not exchange it."""
    code = incoming.text("code") or ""
    doc = sandbox.store.take(_KIND, code)
    if doc is None:
        _end_what_it_gave(sandbox, code)
        raise OAuthError("invalid_grant", "Invalid authorization code")
    if doc["client_id"] != client["client_id"] or doc["expires_at"] <= sandbox.clock.now():
        raise OAuthError("invalid_grant", "Invalid authorization code")
    _same_address(doc, incoming.text("redirect_uri"))
    _verify(doc["code_challenge"], doc["code_challenge_method"], incoming.text("code_verifier"))
    return doc


def remember(sandbox: Sandbox, code: str, refresh_token: str) -> None:
    """Note what a code gave, so that a second use of it can be answered (RFC 6749, 4.1.2)."""
    stored = refresh_tokens.of(sandbox, refresh_token)
    if stored:
        used = {"family": stored["family"], "expires_at": sandbox.clock.now() + _REMEMBERED_SECONDS}
        sandbox.store.put(_USED, hashlib.sha256(code.encode()).hexdigest(), used)


def _end_what_it_gave(sandbox: Sandbox, code: str) -> None:
    used = sandbox.store.take(_USED, hashlib.sha256(code.encode()).hexdigest())
    if used:
        refresh_tokens.revoke_family(sandbox, used["family"])


def _same_address(doc: Doc, given: str | None) -> None:
    if given == doc["redirect_uri"] or (given is None and not doc["redirect_uri_given"]):
        return
    raise OAuthError(
        "unauthorized_client",
        f"The redirect URI is wrong. You sent {given}, and we expected {doc['redirect_uri']}",
    )


def _verify(challenge: str | None, method: str, verifier: str | None) -> None:
    if challenge is None:
        if verifier is not None:
            raise OAuthError("invalid_grant", "Failed to verify code verifier")
        return
    shown = (verifier or "").encode()
    if method == "S256":
        shown = base64.urlsafe_b64encode(hashlib.sha256(shown).digest()).rstrip(b"=")
    if not hmac.compare_digest(shown, challenge.encode()):
        raise OAuthError("invalid_grant", "Failed to verify code verifier")
