"""Which addresses the provider may talk to."""

import ipaddress
from urllib.parse import quote, urlsplit

from .errors import ProviderError

VERCEL = "https://api.vercel.com"


def is_loopback_host(host: str) -> bool:
    """Whether a host is this machine, by name or number; 0.0.0.0 leads here too."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def is_loopback(url: str) -> bool:
    """Whether a URL's host is this machine."""
    try:
        return is_loopback_host(urlsplit(url).hostname or "")
    except ValueError:
        return False


def path(*parts: str) -> str:
    """The path of an endpoint, from its parts. Raises ProviderError for a part that would lead elsewhere."""
    for part in parts:
        if part in {"", ".", ".."}:
            raise ProviderError(f"{part!r} is neither an id nor a name that Vercel gives.")
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def api_problem(url: str) -> str | None:
    """What is wrong with an address of the API, or None. The token goes there: Vercel's own, or loopback."""
    if url == VERCEL:
        return None
    if not is_loopback(url) or urlsplit(url).scheme not in {"http", "https"}:
        return f"must be {VERCEL}; another address is possible on loopback only, for VERCEL_TOKEN goes there"
    return None


def health_problem(url: str) -> str | None:
    """What is wrong with the address that a new deployment is asked at, or None."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "is no URL"
    if not parts.hostname or parts.username or parts.password:
        return "must be a URL with a host and without a user, like https://form.example.com/healthz"
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(url)):
        return "must begin with https:// (http:// on loopback only)"
    return None
