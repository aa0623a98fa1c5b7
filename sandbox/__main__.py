"""`python -m sandbox`: every account on a laptop. `dump`, `load` and `probe` are commands beside it."""

import argparse
import asyncio
import sys
from pathlib import Path

import uvloop

from . import probe, transfer
from .server import DEFAULT_HOST, DEFAULT_PORT, Options, Running, StartError, serve

_COMMANDS = {"dump": transfer.dump, "load": transfer.load, "probe": probe.main}


def main(arguments: list[str] | None = None) -> int:
    """Run until stopped; 0 after an orderly end, 1 with one sentence on stderr when it can't start."""
    words = sys.argv[1:] if arguments is None else arguments
    if words and words[0] in _COMMANDS:
        return _COMMANDS[words[0]](words[1:])
    given = _parser().parse_args(words)
    options = Options(
        given.data,
        given.host,
        given.port,
        given.ready_file,
        given.allow_remote,
        given.python,
        given.seed,
        given.clock,
        given.npm,
    )
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(options, _announce))
    except StartError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="Auth0, Twilio, carriers, Vercel, a handset and a demo app, on this machine alone.",
        epilog="Commands beside it: dump, load, probe; each explains itself with --help.",
    )
    parser.add_argument("--host", default=DEFAULT_HOST, help="where to listen (default: %(default)s)")
    parser.add_argument(
        "--port",
        type=int,
        default=DEFAULT_PORT,
        help="the tenant's port; the other services take the next four (0: any free; default: %(default)s)",
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(".local/sandbox"),
        help="where everything is kept (default: %(default)s)",
    )
    parser.add_argument(
        "--ready-file", type=Path, help="a file to write addresses and credentials to when ready"
    )
    parser.add_argument(
        "--python",
        default=sys.executable,
        help="the interpreter that serves what is deployed (default: %(default)s)",
    )
    parser.add_argument(
        "--allow-remote", action="store_true", help="listen on an address other machines can reach"
    )
    parser.add_argument(
        "--npm", type=Path, help="a folder whose node_modules has the packages Actions may depend on"
    )
    parser.add_argument("--seed", type=int, help="make identifiers the same in every run, for tests")
    parser.add_argument("--clock", type=float, help="where the clock stands still (Unix seconds), for tests")
    return parser


def _announce(running: Running) -> None:
    addresses = running.sandbox.addresses
    print(f"Auth0 tenant   https://{addresses.auth0}", f"Twilio Verify  {addresses.twilio}", sep="\n")
    print(f"Handset        {addresses.handset}", f"Demo app       {addresses.app}", sep="\n")
    print(f"Certificate    {running.certificates.ca}", "Ready. Stop with Ctrl-C.", sep="\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
