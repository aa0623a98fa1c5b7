"""Refresh tokens: non-rotating or rotating with reuse detection, as the client is configured.

Source: auth0.com/docs/secure/tokens/refresh-tokens/refresh-token-rotation. Only a token's digest is stored.
"""

from typing import Any

from ..context import Sandbox
from ..store import Doc
from . import browser
from .errors import OAuthError
from .sign_in import SignIn

_KIND = "refresh_tokens"
_UNKNOWN = "Unknown or invalid refresh token."


class ReusedError(OAuthError):
    """A rotating token that was exchanged before; its family has ended."""


def issue(
    sandbox: Sandbox, client: Doc, sign_in: SignIn, scopes: list[str], family: str | None = None
) -> str:
    """A new token; one that replaces another belongs to the same `family`."""
    token, now = f"v1.{sandbox.ids.token(52)}", sandbox.clock.now()
    settings = client.get("refresh_token") or {}
    doc: Doc = {
        "key": browser.digest(token),
        "id": sandbox.ids.prefixed("rt", 24),
        "family": family or sandbox.ids.hex(24),
        "client_id": client["client_id"],
        "user_id": sign_in.user_id,
        "connection_id": sign_in.connection_id,
        "scopes": scopes,
        "audience": sign_in.audience,
        "organization": sign_in.organization,
        "session_key": sign_in.session_key,
        "session_id": sign_in.session_id,
        "methods": sign_in.methods,
        "authenticated_at": sign_in.authenticated_at,
        "rotating": settings.get("rotation_type") == "rotating",
        "created_at": now,
        "expires_at": _expiry(settings, now, "token_lifetime"),
        "idle_expires_at": _expiry(settings, now, "idle_token_lifetime"),
        "last_exchanged_at": None,
        "used_at": None,
        "metadata": sign_in.wishes.refresh_token_metadata or {},
    }
    save(sandbox, doc)
    return token


def redeem(sandbox: Sandbox, client: Doc, token: str) -> Doc:
    """What a token stands for, noted as exchanged; OAuthError 403, and the end of a reused token's family."""
    doc = of(sandbox, token)
    if doc is None or doc["client_id"] != client["client_id"] or not _is_live(sandbox, doc):
        raise _unknown()
    _refuse_reuse(sandbox, client, doc)
    now = sandbox.clock.now()
    doc["last_exchanged_at"] = now
    doc["idle_expires_at"] = _expiry(client.get("refresh_token") or {}, now, "idle_token_lifetime")
    save(sandbox, doc)
    return doc


def rotate(sandbox: Sandbox, client: Doc, doc: Doc, sign_in: SignIn) -> str | None:
    """The successor of a rotating token, which is used up; None for a token that stays."""
    if not doc["rotating"]:
        return None
    current = find(sandbox, doc["key"])
    if current is None:
        raise _unknown()
    # While the Actions ran, another request may have exchanged the same token.
    _refuse_reuse(sandbox, client, current)
    save(sandbox, current | {"used_at": sandbox.clock.now()})
    sign_in.wishes.refresh_token_metadata = current["metadata"]
    return issue(sandbox, client, sign_in, doc["scopes"], doc["family"])


def of(sandbox: Sandbox, token: str) -> Doc | None:
    return find(sandbox, browser.digest(token))


def find(sandbox: Sandbox, key: str | None) -> Doc | None:
    return sandbox.store.get(_KIND, key) if key else None


def save(sandbox: Sandbox, doc: Doc) -> None:
    sandbox.store.put(_KIND, doc["key"], doc)


def revoke_family(sandbox: Sandbox, family: str) -> None:
    _revoke(sandbox, "family", family)


def revoke_session(sandbox: Sandbox, session: Doc) -> None:
    """End what was issued in a session."""
    _revoke(sandbox, "session_id", session["id"])


def revoke_grant(sandbox: Sandbox, token: Doc) -> None:
    """End everything of the same person, application and API."""
    same = ("user_id", "client_id", "audience")
    for doc in sandbox.store.where(_KIND, "user_id", token["user_id"]):
        if all(doc[name] == token[name] for name in same):
            sandbox.store.delete(_KIND, doc["key"])


def event_view(sandbox: Sandbox, doc: Doc) -> dict[str, Any]:
    """The token as `event.refresh_token`."""
    moments = ("created_at", "expires_at", "idle_expires_at", "last_exchanged_at")
    return {
        **{name: doc[name] for name in ("id", "client_id", "user_id", "rotating", "metadata", "session_id")},
        **{name: sandbox.clock.iso(doc[name]) for name in moments if doc[name] is not None},
        "resource_servers": [{"audience": doc["audience"], "scopes": " ".join(doc["scopes"])}]
        if doc["audience"]
        else [],
    }


def _refuse_reuse(sandbox: Sandbox, client: Doc, doc: Doc) -> None:
    leeway = (client.get("refresh_token") or {}).get("leeway") or 0
    if doc["used_at"] is not None and sandbox.clock.now() - doc["used_at"] >= leeway:
        revoke_family(sandbox, doc["family"])
        raise ReusedError("invalid_grant", _UNKNOWN)


def _unknown() -> OAuthError:
    return OAuthError("invalid_grant", _UNKNOWN)


def _revoke(sandbox: Sandbox, member: str, value: str) -> None:
    for doc in sandbox.store.where(_KIND, member, value):
        sandbox.store.delete(_KIND, doc["key"])


def _expiry(settings: Doc, now: float, member: str) -> float | None:
    """When it ends: absolutely for `token_lifetime`, unused for `idle_token_lifetime`; None for never."""
    endless = settings.get("expiration_type") != "expiring" or settings.get(f"infinite_{member}")
    lifetime = settings.get(member)
    return None if endless or not lifetime else now + float(lifetime)


def _is_live(sandbox: Sandbox, doc: Doc) -> bool:
    ends = [doc[name] for name in ("expires_at", "idle_expires_at") if doc[name] is not None]
    return all(sandbox.clock.now() < end for end in ends)
