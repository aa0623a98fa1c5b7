"""Clients' addresses: what counts as one client, and what is nobody's."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network


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
