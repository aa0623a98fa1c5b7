"""Calls the tenant makes to other machines: whom it trusts, and where a name leads."""

import socket
import ssl
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Imported late elsewhere: it takes long, and most logins call nobody.
    import aiohttp


def connector(ca: Path | None) -> "aiohttp.TCPConnector":
    """For a client session: trusts the system's authorities and `ca`, and finds *.localhost on any system."""
    import aiohttp
    from aiohttp.abc import AbstractResolver, ResolveResult

    class Resolver(AbstractResolver):
        """The system's answers, but RFC 6761 (6.3) for *.localhost, which not every system resolves."""

        def __init__(self) -> None:
            self._system = aiohttp.ThreadedResolver()

        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            local = host.rstrip(".").endswith(".localhost")
            return await self._system.resolve("localhost" if local else host, port, family)

        async def close(self) -> None:
            await self._system.close()

    return aiohttp.TCPConnector(ssl=_trust(ca), resolver=Resolver())


@cache
def _trust(ca: Path | None) -> ssl.SSLContext:
    """The system's authorities, and the sandbox's own: servers on this machine have its certificates."""
    context = ssl.create_default_context()
    if ca is not None:
        context.load_verify_locations(ca)
    return context
