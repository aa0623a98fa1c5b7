"""`python -m form`: serve the form as its environment says."""

import argparse
import os
import sys
from pathlib import Path

from .server import Listen, ListenError, serve
from .settings import SettingsError, load_settings


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m form", description="Serve the phone verification form.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=int, default=8447, help="port, 0 for a free one (default: %(default)s)"
    )
    parser.add_argument("--ssl-certfile", type=Path, help="certificate chain, PEM")
    parser.add_argument("--ssl-keyfile", type=Path, help="its private key, PEM")
    parser.add_argument("--ready-file", type=Path, help="JSON with url, port and pid, written when ready")
    options = parser.parse_args(arguments)
    try:
        serve(load_settings(os.environ), Listen(**vars(options)))
    except (SettingsError, ListenError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
