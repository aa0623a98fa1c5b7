"""`python -m gateway`: serve the gateway alone, as its environment says."""

import argparse
import os
import sys

from serving.environment import SettingsError
from serving.server import Listen, ListenError, listen_options, serve

from .app import Gateway
from .settings import load_settings


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m gateway", description="Serve the SMS gateway.")
    listen_options(parser, port=8448)
    options = parser.parse_args(arguments)
    try:
        settings = load_settings(os.environ)
        gateway = Gateway(lambda: settings, shielded=False)
        serve(gateway, Listen(**vars(options)), gateway.drain)
    except (SettingsError, ListenError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
