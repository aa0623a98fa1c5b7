"""What one configured value may be: pure checks that return its canonical form, or say what is wrong.

Each raises ValueError with the end of a sentence that begins with the key. `stage` matters where a laptop
differs from everything else: only stage `local` may name loopback hosts and ports.
"""

import re
import unicodedata
from datetime import UTC, datetime
from urllib.parse import urlsplit

import limits
import phonenumbers

from . import shapes
from .providers import addresses
from .stage import is_local

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*\Z")
_ADDRESS = re.compile(r"[0-9.]+\Z")
_BREAKS = {"Cc", "Cs", "Zl", "Zp"}
# What reverses the reading direction can make a text say something else than it does: CVE-2021-42574.
_REVERSALS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Claims in these name spaces are dropped: auth0.com/docs/secure/tokens/json-web-tokens/create-custom-claims
_AUTH0_OWNED = ("auth0.com", "webtask.io", "webtask.run")
URL_LIMIT = 500
VERCEL_API = addresses.VERCEL

is_loopback = addresses.is_loopback_host


def _host(value: str, stage: str) -> str:
    host = value.lower()
    if not _HOST.match(host):
        raise ValueError(f"'{value}' is not a host name")
    if is_local(stage):
        return host
    if is_loopback(host):
        raise ValueError(f"names the loopback host '{host}', which only stage 'local' may")
    if "." not in host or _ADDRESS.match(host):
        raise ValueError(f"'{host}' must be a full host name such as login.acme.example")
    return host


def domain(value: str, stage: str) -> str:
    """A tenant's domain or another login host: bare, with a port only on stage `local`."""
    if "/" in value or "@" in value:
        raise ValueError("must be a bare host, without scheme, user name or path")
    host, colon, port = value.partition(":")
    checked = _host(host, stage)
    if not colon:
        return checked
    if not is_local(stage):
        raise ValueError("has a port, which only stage 'local' may have")
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"has the port '{port}', which is not a number between 1 and 65535")
    return f"{checked}:{int(port)}"


def url(value: str, stage: str) -> str:
    """An https address that people or servers open, path and query allowed."""
    if len(value) > URL_LIMIT:
        raise ValueError(f"is longer than {URL_LIMIT} characters")
    if not value.isascii() or not value.isprintable() or any(mark in value for mark in " \\\"'<>`{}|^"):
        raise ValueError("holds a character that must be percent-encoded in an address")
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise ValueError("is not an address that can be read") from error
    if parts.scheme != "https":
        raise ValueError("must begin with https://")
    if "@" in parts.netloc:
        raise ValueError("must not hold a user name or password")
    host = _host(parts.hostname or "", stage)
    authority = host if port in (None, 443) else f"{host}:{port}"
    return parts._replace(scheme="https", netloc=authority).geturl()


def origin(value: str, stage: str) -> str:
    """An https address of a whole service: no path, query or fragment; returned without a closing slash."""
    checked = url(value, stage)
    parts = urlsplit(checked)
    if parts.path not in ("", "/") or "?" in value or "#" in value:
        raise ValueError(
            "must be an address without path, query or fragment, such as https://phone.acme.example"
        )
    return f"https://{parts.netloc}"


def twilio_origin(value: str, stage: str) -> str:
    """Where Twilio Verify answers, and credentials are sent: a host of Twilio's, except on a laptop."""
    checked = origin(value, stage)
    host = urlsplit(checked).hostname or ""
    if not is_local(stage) and not host.endswith(".twilio.com"):
        raise ValueError("must be a host of twilio.com: Twilio's credentials are sent there")
    return checked


def vercel_api(value: str, stage: str) -> str:
    """Where Vercel's API answers, and its token is sent: Vercel's own address, or a laptop's."""
    if value.rstrip("/") == VERCEL_API:
        return VERCEL_API
    checked = service(value, stage) if is_local(stage) else ""
    if not is_loopback(urlsplit(checked).hostname or ""):
        raise ValueError(f"must be {VERCEL_API}, where the token is sent; stage 'local' may name loopback")
    return checked


def claim_namespace(value: str, stage: str) -> str:
    """The start of our custom claims' names."""
    checked = url(value, stage)
    parts = urlsplit(checked)
    if any(parts.hostname == owned or (parts.hostname or "").endswith(f".{owned}") for owned in _AUTH0_OWNED):
        raise ValueError("is in a name space that Auth0 keeps for itself, and whose claims it drops")
    if parts.query or parts.fragment or not parts.path.endswith("/"):
        raise ValueError("must end with '/' and hold no query or fragment")
    return checked


def text(value: str, limit: int, lines: bool = False) -> str:
    """Text shown to people, 1 to `limit` characters; `lines` allows line feeds."""
    if not value.strip():
        raise ValueError("is blank")
    if len(value) > limit:
        raise ValueError(f"has {len(value)} characters; at most {limit} fit")
    checked = value.replace("\n", " ") if lines else value
    if any(character in _REVERSALS or unicodedata.category(character) in _BREAKS for character in checked):
        raise ValueError("holds a control character" + ("" if lines else " or a line break"))
    return value.strip()


def matching(value: str, pattern: str, what: str) -> str:
    if not re.fullmatch(pattern, value):
        raise ValueError(f"is not {what}")
    return value


def country(value: str) -> str:
    """An ISO 3166 alpha-2 code whose numbers libphonenumber knows."""
    if value in phonenumbers.SUPPORTED_REGIONS:
        return value
    meant = {"UK": "GB", "EN": "GB"}.get(value.upper(), value.upper())
    hint = f"; did you mean {meant}?" if meant in phonenumbers.SUPPORTED_REGIONS else ""
    raise ValueError(f"'{value}' is no two-letter country code of ISO 3166{hint}")


def moment(value: str) -> datetime:
    """A point in time, ISO 8601 with its zone; kept in UTC."""
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError("is not a time in ISO 8601, such as 2026-12-01T09:00:00+01:00") from error
    if parsed.tzinfo is None:
        raise ValueError("has no zone; end it with Z or an offset such as +01:00")
    try:
        return parsed.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is too far away") from error


def gateway_url(value: str, stage: str) -> str:
    """Where Auth0 posts messages: an https address with a path and no query, at most 255 characters."""
    # auth0.com/docs/api/management/v2/connections/post-connections
    if len(value) > 255:
        raise ValueError("is longer than the 255 characters that Auth0 takes")
    return service(value, stage)


def service(value: str, stage: str) -> str:
    """The https base address of a service, without a closing slash."""
    checked = url(value, stage)
    if "?" in value or "#" in value:
        raise ValueError("must be an address without query or fragment")
    return checked.rstrip("/")


def sender(value: str) -> str:
    """Who a message comes from: a number in E.164, or 3 to 11 letters and digits."""
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}|[A-Za-z0-9]{3,11}", value):
        raise ValueError("is neither a number such as +14155550100 nor 3 to 11 letters and digits")
    return value


def pattern(value: str) -> str:
    """What a message must look like: literal text with {code} and {text}."""
    checked = text(value, 1000, lines=True)
    shapes.of_pattern(checked)
    return checked


def rates(value: str) -> str:
    """Limits in the notation of the library `limits`: 3/10minute;5/hour ."""
    try:
        parsed = limits.parse_many(value)
    except ValueError as error:
        raise ValueError(f"'{value}' is no list of limits such as 3/10minute;5/hour") from error
    if any(rate.amount < 1 or rate.multiples < 1 for rate in parsed):
        raise ValueError(f"'{value}' holds a limit of nothing; sms.mode off sends nothing")
    return value
