"""Users: made, found, checked and shown; shared by the Management API and the login."""

import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from typing import Any
from urllib.parse import quote

from .context import Sandbox
from .errors import conflict, refusal
from .store import Doc

# A hash on a laptop guards made-up passwords: next to no cost, so that a login stays fast.
_COST = 2**4
# That of hashes which don't tell theirs: earlier ones.
_UNTOLD_COST = 2**10
_HASH = "_password"
UNIQUE = ("email", "username", "phone_number")
# Accounts that are linked to a user, by the ids they had: {user_id (whose they are), provider, connection,
# and what of UNIQUE they have}. They are no users any more, and still take their ids and addresses.
LINKED = "linked_identities"
# A linked account of these logs in by its address alone; one of a database would need its own password.
_PASSWORDLESS = ("email", "sms")
# Password policy -> shortest length, and of how many kinds of character there must be one. Source:
# https://auth0.com/docs/authenticate/database-connections/password-strength
_POLICIES = {"none": (1, 0), "low": (6, 0), "fair": (8, 3), "good": (8, 3), "excellent": (10, 3)}
_KINDS = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")


def create(
    sandbox: Sandbox, connection_name: str, email: str | None, password: str | None, **profile: Any
) -> Doc:
    """Store a new user of a connection and return the document (with its private members).

    `profile`: root attributes, user_metadata, app_metadata, email_verified, phone_number, phone_verified,
    user_id (without the provider's prefix). Raises Auth0Error 400 for an unknown connection, 409 for a
    user who exists.
    """
    connection = find_connection(sandbox, connection_name)
    identity = str(profile.pop("user_id", None) or sandbox.ids.hex(24))
    user = _document(sandbox, connection, identity, email.lower() if email else None, profile)
    if password is not None:
        set_password(user, password)
    with sandbox.store.atomic():
        if is_taken(sandbox, user) or _is_known(sandbox, user["user_id"]):
            raise conflict("The user already exists.", "auth0_idp_error")
        sandbox.store.put("users", user["user_id"], user)
    return user


def _is_known(sandbox: Sandbox, user_id: str) -> bool:
    return any(sandbox.store.get(kind, user_id) is not None for kind in ("users", LINKED))


def find_connection(sandbox: Sandbox, name: str) -> Doc:
    """The connection of this name, or Auth0Error 400."""
    found = sandbox.store.where("connections", "name", name)
    if not found:
        raise refusal(400, "The connection does not exist", "inexistent_connection")
    return found[0]


def check_password(user: Doc, password: str) -> bool:
    stored = user.get(_HASH)
    if not isinstance(stored, dict):
        return False
    salt, expected = b64decode(stored["salt"]), b64decode(stored["hash"])
    return hmac.compare_digest(_hashed(password, salt, stored.get("cost", _UNTOLD_COST)), expected)


def set_password(user: Doc, password: str) -> None:
    salt = hashlib.sha256(user["user_id"].encode()).digest()[:16]
    digest = _hashed(password, salt, _COST)
    user[_HASH] = {"salt": b64encode(salt).decode(), "hash": b64encode(digest).decode(), "cost": _COST}


def _hashed(password: str, salt: bytes, cost: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=8, p=1)


def check_strength(connection: Doc, password: str) -> None:
    """Raise Auth0Error 400 for a password the connection's policy refuses."""
    shortest, kinds = _POLICIES[connection["options"].get("passwordPolicy", "good")]
    met = sum(1 for kind in _KINDS if re.search(kind, password))
    if len(password) < shortest or met < kinds:
        raise refusal(400, "PasswordStrengthError: Password is too weak", "invalid_password")


def public(user: Doc) -> Doc:
    """The user as Auth0 shows it: without password and other private members."""
    return {key: value for key, value in user.items() if not key.startswith("_")}


def find_by_email(sandbox: Sandbox, connection: str, email: str) -> Doc | None:
    """The user of the connection (by name) with this address, whatever its case."""
    return _found(sandbox, connection, "email", email.lower())


def find_by_phone(sandbox: Sandbox, connection: str, number: str) -> Doc | None:
    """The user of the connection (by name) with this number, in E.164."""
    return _found(sandbox, connection, "phone_number", number)


def is_taken(sandbox: Sandbox, user: Doc) -> bool:
    """Whether another account of the connection, be it linked, has the same address, username or number."""
    connection = user["identities"][0]["connection"]
    told = {name: user[name] for name in UNIQUE if user.get(name)}
    others = (_first(sandbox, connection, name, value) for name, value in told.items())
    return any(other is not None and other["user_id"] != user["user_id"] for other in others) or any(
        _linked(sandbox, connection, name, value) is not None for name, value in told.items()
    )


def merge_metadata(current: Doc | None, patch: Doc) -> Doc:
    """Merge on the first level, as Auth0 does: deeper objects are replaced, null removes its key."""
    merged = {**(current or {}), **patch}
    return {key: value for key, value in merged.items() if value is not None}


def _found(sandbox: Sandbox, connection: str, member: str, value: str) -> Doc | None:
    found = _first(sandbox, connection, member, value)
    if found is not None:
        return found
    linked = _linked(sandbox, connection, member, value)
    if linked is None or linked["provider"] not in _PASSWORDLESS:
        return None
    return sandbox.store.get("users", linked["user_id"])


def _linked(sandbox: Sandbox, connection: str, member: str, value: str) -> Doc | None:
    for account in sandbox.store.where(LINKED, member, value):
        if account["connection"] == connection:
            return account
    return None


def _first(sandbox: Sandbox, connection: str, member: str, value: str) -> Doc | None:
    for user in sandbox.store.where("users", member, value):
        if any(identity["connection"] == connection for identity in user["identities"]):
            return user
    return None


def _document(sandbox: Sandbox, connection: Doc, identity: str, email: str | None, profile: Doc) -> Doc:
    now = sandbox.clock.iso()
    provider = connection["strategy"]
    name = str(email or profile.get("phone_number") or profile.get("username") or identity)
    user: Doc = {
        "created_at": now,
        "identities": [
            {"connection": connection["name"], "user_id": identity, "provider": provider, "isSocial": False}
        ],
        "name": name,
        "nickname": name.partition("@")[0],
        "picture": _picture(name),
        "updated_at": now,
        "user_id": f"{provider}|{identity}",
    }
    if email:
        user |= {"email": email, "email_verified": False}
    if profile.get("phone_number"):
        user["phone_verified"] = False
    metadata = {
        key: merge_metadata(None, profile[key] or {})
        for key in ("user_metadata", "app_metadata")
        if key in profile
    }
    return user | {key: value for key, value in profile.items() if value is not None} | metadata


def _picture(name: str) -> str:
    """The gravatar address Auth0 gives a user without a picture."""
    # Gravatar addresses pictures by MD5 (https://docs.gravatar.com); nothing rests on its strength.
    digest = hashlib.md5(name.strip().lower().encode(), usedforsecurity=False).hexdigest()
    initials = re.sub(r"[^a-z0-9]", "", name.lower())[:2] or "un"
    fallback = quote(f"https://cdn.auth0.com/avatars/{initials}.png", safe="")
    return f"https://s.gravatar.com/avatar/{digest}?s=480&r=pg&d={fallback}"
