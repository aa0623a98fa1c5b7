"""Clients' addresses: where they are told, what counts as one client, and what is nobody's."""

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.types import Scope

HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")


class Clients:
    """Tells where a request comes from.

    Without a `header` it is the socket's other end, and no header counts: anybody can make one up. With one,
    the host's own proxy sets it, to one address, over whatever the visitor sent. When it is missing or
    anything else, the socket's address counts again; `on_fallback` hears of the first time.
    """

    def __init__(self, header: str | None, on_fallback: Callable[[], None]) -> None:
        self._header = header.lower().encode() if header else None
        self._on_fallback = on_fallback
        self._told = False

    def address(self, scope: Scope) -> str | None:
        client = scope.get("client")
        socket: str | None = client[0] if client else None
        if self._header is None:
            return socket
        given = [value for name, value in scope["headers"] if name == self._header]
        if len(given) == 1 and (address := _one_address(given[0])):
            return address
        if not self._told:
            self._told = True
            self._on_fallback()
        return socket


def _one_address(value: bytes) -> str | None:
    try:
        ip = ip_address(value.decode("ascii").strip())
    except ValueError:
        return None
    # A zone (fe80::1%eth0) is this machine's business, no part of a visitor's address.
    return None if isinstance(ip, IPv6Address) and ip.scope_id else str(ip)


def client_address(address: str) -> IPv4Address | IPv6Address | None:
    """The address; None for private ones: that is a proxy of the operator's, no person."""
    try:
        ip = ip_address(address)
    except ValueError:
        return None
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return None if ip.is_private or ip.is_loopback or ip.is_link_local else ip


def address_group(address: str) -> str | None:
    """What counts as one client: an IPv4 address, or the /56 that a household gets of IPv6; None as above."""
    ip = client_address(address)
    if ip is None:
        return None
    return str(ip) if isinstance(ip, IPv4Address) else network(ip)


def network(ip: IPv4Address | IPv6Address) -> str:
    """The neighbourhood of an address: its /24, or its /56 of IPv6."""
    return str(ip_network((ip, 24 if isinstance(ip, IPv4Address) else 56), strict=False))
