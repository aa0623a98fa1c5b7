"""No network but loopback in the tests' own process: whatever else they look up or connect to is refused."""

import ipaddress
import sys
from typing import Any

# What the interpreter announces beforehand; the host is in another place each time.
_LOOK_UPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
_CONNECTIONS = {"socket.connect", "socket.sendto", "socket.sendmsg"}


class NetworkRefusedError(AssertionError):
    """A test wanted to leave the machine. No `OSError`: code under test would take it for an outage."""


def install() -> None:
    """Refuse from now on, in all threads of this process. Cannot be undone."""
    sys.addaudithook(_judge)


def is_loopback(host: object) -> bool:
    """True for loopback addresses, `localhost` and the names below it, and for no name at all."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
    name = name.rstrip(".").lower()
    if name in ("", "localhost") or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _judge(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _LOOK_UPS:
        host = arguments[0]
    elif event in _CONNECTIONS and isinstance(arguments[1], tuple):
        # A Unix socket's address is no tuple.
        host = arguments[1][0]
    else:
        return
    if not is_loopback(host):
        raise NetworkRefusedError(f"A test may use no network but loopback; it wanted {host!r}")
