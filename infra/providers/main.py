"""`pulumi-resource-auth0-phone`: the provider's process. The engine starts it and reads its port."""

import asyncio
import contextlib
import os
import signal
import sys

import grpc.aio

from .progress import EngineProgress
from .server import Servicer

# The SDK's own: state of a large stack in one message. (pulumi.runtime, grpc.max_receive_message_length)
_LONGEST_MESSAGE = 400 * 1024 * 1024
_ORPHAN_SECONDS = 1.0


def main() -> int:
    """Serve until the engine ends. 2 without its address: nobody starts this by hand."""
    addresses = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    if not addresses:
        print("Pulumi starts this program itself: run `pulumi up`.", file=sys.stderr)
        return 2
    asyncio.run(_serve(addresses[0]))
    return 0


async def _serve(engine: str) -> None:
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, told.set)
    server = grpc.aio.server(
        options=[("grpc.max_receive_message_length", _LONGEST_MESSAGE), ("grpc.max_send_message_length", -1)]
    )
    servicer = Servicer(EngineProgress(engine))
    servicer.serve_on(server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await _until(told)
    await server.stop(None)
    await servicer.close()


async def _until(told: asyncio.Event) -> None:
    """Until the engine is done.

    It interrupts its plugins, which have no part in the terminal's Ctrl-C, and waits five seconds for those
    that don't care. An engine that was killed can't end what it started.
    """
    parent = os.getppid()
    while not told.is_set() and os.getppid() == parent:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(told.wait(), _ORPHAN_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
