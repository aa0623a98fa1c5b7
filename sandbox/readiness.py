"""Asks every service once, over TLS, before anybody is told that the sandbox is ready."""

import asyncio
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from .context import Addresses

_BROKEN = (b"500", b"502", b"503", b"504")
_PATHS = {"auth0": "/_sandbox/health"}


# What is deployed there may be broken without the sandbox being so.
_FOREIGN = "service"


class NotReadyError(Exception):
    """A service doesn't answer; the text names it."""


async def probe(addresses: Addresses, ca: Path) -> None:
    context = ssl.create_default_context(cafile=str(ca))
    urls = {
        "auth0": f"https://{addresses.auth0}",
        "twilio": addresses.twilio,
        "handset": addresses.handset,
        "app": addresses.app,
        "service": addresses.service,
    }
    await asyncio.gather(*(_ask(name, url, context) for name, url in urls.items()))


async def _ask(name: str, url: str, context: ssl.SSLContext) -> None:
    """Any answer but a broken one will do: an unknown path is refused, with 404 or 501, by design."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", parts.port, ssl=context, server_hostname=parts.hostname
    )
    request = f"GET {_PATHS.get(name, '/')} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
    writer.write(request.encode())
    status = (await reader.readline()).split()
    writer.close()
    if len(status) < 2 or (status[1] in _BROKEN and name != _FOREIGN):
        raise NotReadyError(f"The {name} service at {url} does not answer.")
