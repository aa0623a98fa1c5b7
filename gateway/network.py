"""Keeps requests to carriers on the public network: no address of a neighbour's, whatever DNS says."""

import asyncio
import ipaddress
import re
import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

# A last label that is a number makes a host an address to some parsers: 0x7f.1, 2130706433.
NUMERIC = re.compile(r"(0x[0-9a-f]*|[0-9]+)\.?", re.IGNORECASE)
LOCAL_NAMES = (".localhost", ".local", ".internal")


def is_public_address(address: str) -> bool:
    """Whether the address is anybody's on the internet: not private, link-local, loopback or multicast."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None) or _nat64(ip)
        if inner is not None:
            return is_public_address(str(inner))
    return ip.is_global and not ip.is_multicast


def _nat64(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    # RFC 6052's well-known prefix leads wherever the last four bytes say.
    in_prefix = ip in ipaddress.ip_network("64:ff9b::/96")
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if in_prefix else None


def is_public_host(host: str) -> bool:
    """Whether a host may be asked at all: a public address, or a name that doesn't stand for a local one."""
    name = host.strip("[]").lower().removesuffix(".")
    if ":" in name or NUMERIC.fullmatch(name.rpartition(".")[2]):
        return is_public_address(name)
    return "." in name and not f".{name}".endswith(LOCAL_NAMES)


class PublicResolver(AbstractResolver):
    """Resolves to public addresses alone; a name with none doesn't resolve. aiohttp keeps the answer and
    connects to what was judged here, so a second answer can't slip in between."""

    def __init__(self, inner: AbstractResolver | None = None) -> None:
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        public = [result for result in found if is_public_address(result["host"])]
        if not public:
            raise OSError(None, "no public address")
        return public

    async def close(self) -> None:
        await self._inner.close()


class TimedResolver(AbstractResolver):
    """Resolves within so many seconds, or not at all."""

    def __init__(self, inner: AbstractResolver, seconds: float) -> None:
        self._inner = inner
        self._seconds = seconds

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._inner.resolve(host, port, family)
        except TimeoutError:
            raise OSError(None, "no answer from the name server") from None

    async def close(self) -> None:
        await self._inner.close()
