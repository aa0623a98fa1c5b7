"""One question to a host over https, answered in JSON or in plain words why not."""

import json
import ssl
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

SECONDS = aiohttp.ClientTimeout(total=15)
_BODY_BYTES = 64 * 1024


@dataclass(frozen=True)
class Complaint:
    """What is wrong with a host, and what mends it."""

    what: str
    mend: str


@dataclass(frozen=True)
class Answer:
    """`document` is the answer's JSON object, empty when it has none."""

    status: int
    document: Mapping[str, Any]


class NoAnswerError(Exception):
    """The host can't be asked; carries the complaint."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.complaint = Complaint(what, mend)


async def ask(session: aiohttp.ClientSession, method: str, url: str, **content: Any) -> Answer:
    """The host's answer, whatever its status; no redirect is followed. Raises NoAnswerError."""
    host = urlsplit(url).hostname or url
    content |= {"allow_redirects": False, "proxy": proxy_to(url)}
    try:
        async with session.request(method, url, **content) as response:
            return Answer(response.status, _document(await _body(response)))
    except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError) as error:
        what = f"{url}: TLS with it fails ({_tls_reason(error)})"
        mend = f"Give the host a certificate for {host} from an authority that browsers know"
        raise NoAnswerError(what, mend) from error
    except aiohttp.ClientConnectorDNSError as error:
        raise NoAnswerError(f"{url}: no such host", f"Point {host} at the host in your DNS") from error
    except TimeoutError as error:
        what = f"{url}: no answer within {SECONDS.total:.0f} seconds"
        raise NoAnswerError(what, "See whether the host runs and can be reached from here") from error
    except (aiohttp.ClientError, OSError) as error:
        what = f"{url}: {_reason(error)}"
        mend = "See whether the host runs, speaks TLS, and can be reached from here"
        raise NoAnswerError(what, mend) from error


def proxy_to(url: str) -> str | None:
    """The environment's proxy for an address, None without one.

    A session's own `trust_env` would also send what ~/.netrc holds.
    """
    parts = urlsplit(url)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if not proxy or urllib.request.proxy_bypass(parts.netloc):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """The whole of it, whose pieces come as they like; of one that is too long, enough to see that."""
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > _BODY_BYTES:
            break
    return bytes(body[: _BODY_BYTES + 1])


def _tls_reason(error: aiohttp.ClientConnectorError) -> str:
    inner = getattr(error, "certificate_error", error.os_error)
    if isinstance(inner, ssl.SSLCertVerificationError):
        return inner.verify_message.rstrip(".")
    return str(getattr(inner, "reason", None) or inner)


def _reason(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return (error.os_error.strerror or "it can't be reached").lower()
    return f"the connection broke ({type(error).__name__})"


def _document(body: bytes) -> Mapping[str, Any]:
    if len(body) > _BODY_BYTES:
        return {}
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
