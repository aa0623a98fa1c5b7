"""Ports for a stage: free, and promised to no other test process of this machine."""

import atexit
import contextlib
import socket

# Below those that the system gives to outgoing connections (from 32768 on Linux).
_BLOCKS = range(20_000, 32_000, 5)
_PROMISED = contextlib.ExitStack()
atexit.register(_PROMISED.close)


def free_ports() -> int:
    """The first of five neighbouring TCP ports that are free; they are this process's until it ends."""
    for first in _BLOCKS:
        with contextlib.suppress(OSError), contextlib.ExitStack() as held:
            # Nobody here speaks UDP: who binds it first has the block, and the system frees it after a kill.
            promise = contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            held.enter_context(promise).bind(("127.0.0.1", first))
            with contextlib.ExitStack() as tried:
                for port in range(first, first + 5):
                    tried.enter_context(socket.create_server(("127.0.0.1", port)))
            _PROMISED.enter_context(held.pop_all())
            return first
    raise RuntimeError("No five neighbouring ports are free between 20000 and 32000")
