"""`python -m form`: serve the form as its environment says."""

import argparse
import os
import sys

from serving.environment import SettingsError
from serving.server import Listen, ListenError, listen_options, serve

from .app import Form
from .settings import load_settings


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m form", description="Serve the phone verification form.")
    listen_options(parser, port=8447)
    options = parser.parse_args(arguments)
    try:
        settings = load_settings(os.environ)
        serve(Form(lambda: settings), Listen(**vars(options)))
    except (SettingsError, ListenError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
