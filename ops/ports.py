"""The ports of the local stage: free, or held by a process that the person is told about."""

import errno
import socket
from collections.abc import Iterable

import psutil

from .errors import OpsError
from .halt import command_line

_HOST = "127.0.0.1"
_LONGEST_COMMAND = 160
_BLOCK = 10  # other ports to propose: well away from those of this stage


def refuse_held(ports: Iterable[int], stage_port: int) -> None:
    """Raise OpsError for the first port that something listens on, with its process and the two ways on.

    `stage_port` is the tenant's, which the others follow.
    """
    for port in ports:
        try:
            socket.create_server((_HOST, port)).close()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise _held(port, stage_port) from None
            elsewhere = f"Run: make up PORT={stage_port + _BLOCK}"
            raise OpsError(f"Port {port} cannot be used", f"{error.strerror}.", elsewhere) from error


def _held(port: int, stage_port: int) -> OpsError:
    what, elsewhere = f"Port {port} is in use", f"make up PORT={stage_port + _BLOCK}"
    pid = _listener(port)
    if pid is None:
        why = "What holds it belongs to another user, or cannot be seen."
        return OpsError(what, why, f"End it, or take other ports: {elsewhere}")
    command = command_line(pid).strip()[:_LONGEST_COMMAND]
    return OpsError(
        what,
        f"Process {pid} holds it: {command}",
        f"If you can do without it: kill {pid}; or take other ports: {elsewhere}",
    )


def _listener(port: int) -> int | None:
    """The process that listens on a port; None when this user may not know."""
    try:
        found = psutil.net_connections("tcp")
    except (psutil.AccessDenied, OSError):
        return None
    listening = (each for each in found if each.status == psutil.CONN_LISTEN)
    return next((each.pid for each in listening if each.laddr and each.laddr.port == port), None)
