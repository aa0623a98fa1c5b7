"""HTTP sessions: what they trust, and whether they go through a proxy.

Imported when something is asked for: most runs of the provider only compare, and aiohttp takes its time.
"""

import socket
import ssl
from collections.abc import Mapping

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from .addresses import is_loopback


class Loopback(AbstractResolver):
    """A resolver by which every name is this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            {
                "hostname": host,
                "host": "127.0.0.1",
                "port": port,
                "family": socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST,
            }
        ]

    async def close(self) -> None:
        """Nothing is open."""


def session(url: str, headers: Mapping[str, str], seconds: float) -> aiohttp.ClientSession:
    """A session for one server. It trusts what the system trusts, or SSL_CERT_FILE.

    Proxies of the environment are used, but never for an address on this machine; names below `localhost`
    lead here even where the system's resolver does not know them (RFC 6761, 6.3).
    """
    resolver = Loopback() if is_loopback(url) else None
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=ssl.create_default_context(), resolver=resolver),
        headers=headers,
        trust_env=not is_loopback(url),
        timeout=aiohttp.ClientTimeout(total=seconds),
    )
