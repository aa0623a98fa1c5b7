"""The hosted service: the form, and the gateway when the environment names its stage file.

`python asgi.py` serves both. So does any ASGI server: `uvicorn asgi:app --no-access-log --no-server-header`;
an access log would hold request tokens.
"""

import argparse
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.types import ASGIApp, Receive, Scope, Send

import form.app
import form.settings
import gateway.app
import gateway.settings
from gateway.drain import Drain
from serving.app import Application
from serving.environment import SettingsError
from serving.server import Listen, ListenError, listen_options, serve

DRAIN = Drain()


def load() -> tuple[form.settings.Settings, gateway.settings.Settings | None]:
    """Both services' settings; SettingsError holds the problems of both."""
    problems: list[str] = []
    pages, messages = None, None
    try:
        pages = form.settings.load_settings(os.environ)
    except SettingsError as error:
        problems += error.problems
    try:
        if gateway.settings.is_wanted(os.environ):
            messages = gateway.settings.load_settings(os.environ)
    except SettingsError as error:
        problems += [problem for problem in error.problems if problem not in problems]
    if problems or pages is None:
        raise SettingsError(problems, "service")
    return pages, messages


@asynccontextmanager
async def running(shielded: bool = True) -> AsyncIterator[ASGIApp]:
    """Both, told apart by path; what isn't the gateway's is the form's. `shielded` as in its `Sms`."""
    pages, messages = load()
    async with AsyncExitStack() as stack:
        of_form = await stack.enter_async_context(form.app.running(pages))
        if messages is None:
            yield of_form
            return
        of_gateway = await stack.enter_async_context(gateway.app.running(messages, DRAIN, shielded))
        terms = messages.contract.gateway
        paths = {terms.path, terms.ready, terms.metrics}

        async def both(scope: Scope, receive: Receive, send: Send) -> None:
            chosen = of_gateway if scope["path"] in paths else of_form
            await chosen(scope, receive, send)

        yield both


app = Application(running)


def main(arguments: list[str] | None = None) -> int:
    """Serve as the environment says."""
    parser = argparse.ArgumentParser(prog="python asgi.py", description="Serve the form and the SMS gateway.")
    listen_options(parser, port=8447)
    options = parser.parse_args(arguments)
    try:
        load()
        serve(Application(lambda: running(shielded=False)), Listen(**vars(options)), DRAIN)
    except (SettingsError, ListenError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
