"""Who a person is at an identity provider: the same address is always the same person."""

import hashlib
import uuid
from urllib.parse import quote

from ..store import Doc

ENTERPRISE = frozenset(
    {
        "ad", "adfs", "auth0-adldap", "auth0-oidc", "google-apps", "ip", "mscrm", "office365", "oidc", "okta",
        "pingfederate", "samlp", "sharepoint", "waad",
    }
)  # fmt: skip
# Strategies whose people are told apart by connection: `oidc|my-connection|…`.
_QUALIFIED = frozenset({"ad", "adfs", "auth0-adldap", "oauth2", "oidc", "okta", "pingfederate", "samlp"})
_NAMES = {
    "apple": "Apple", "facebook": "Facebook", "github": "GitHub", "google-apps": "Google Workspace",
    "google-oauth2": "Google", "linkedin": "LinkedIn", "oidc": "OpenID Connect", "okta": "Okta",
    "samlp": "SAML", "twitter": "X", "waad": "Microsoft Entra ID", "windowslive": "Microsoft",
}  # fmt: skip


def title(strategy: str) -> str:
    """The provider's name as people know it."""
    return _NAMES.get(strategy, strategy.capitalize())


def is_social(strategy: str) -> bool:
    return strategy not in ENTERPRISE


def identity(connection: Doc, profile: Doc) -> str:
    """The person's id at the connection, without the strategy's prefix."""
    subject = str(profile["sub"])
    return f"{connection['name']}|{subject}" if connection["strategy"] in _QUALIFIED else subject


def of(strategy: str, email: str, name: str) -> Doc:
    """The profile a provider of this strategy tells: sub, email, name and what goes with them."""
    email, name = email.strip().lower(), name.strip() or email.partition("@")[0]
    given, _, family = name.partition(" ")
    profile: Doc = {
        "sub": _subject(strategy, email),
        "email": email,
        "email_verified": True,
        "name": name,
        "nickname": email.partition("@")[0],
        "given_name": given,
        "picture": f"https://cdn.auth0.com/avatars/{quote(name[:2].lower(), safe='')}.png",
    }
    if family:
        profile["family_name"] = family
    return profile


def _subject(strategy: str, email: str) -> str:
    digest = hashlib.sha256(f"{strategy} {email}".encode()).digest()
    number = int.from_bytes(digest[:10], "big")
    if strategy == "google-oauth2":
        return f"1{number % 10**20:020d}"
    if strategy == "github":
        return str(number % 10**15)
    if strategy in ENTERPRISE - {"google-apps", "samlp"}:
        return str(uuid.UUID(bytes=digest[:16], version=4))
    return email if strategy in ("google-apps", "samlp") else str(number % 10**17)
