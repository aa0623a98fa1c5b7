"""The handset: `/` for people, `/messages` for tests.

It shows codes on purpose and therefore sends no CORS header: no other site's script may read it.
"""

from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..context import Sandbox
from ..pages import PRIVATE, Pages
from . import inbox
from .inbox import Message

_TEMPLATES = Path(__file__).parent / "templates"
_LONGEST_WAIT_SECONDS = 30.0
# Enough to look back on; the whole log stays at /messages.
_SHOWN_PER_NUMBER = 20
# SQLite's integers have 64 bits.
_LARGEST_SEQUENCE = 2**63 - 1


@dataclass(frozen=True)
class Phone:
    """One number and its messages, the newest first."""

    number: str
    messages: list[Message]


class Handset:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._pages = Pages(
            _TEMPLATES,
            PRIVATE,
            directives=["form-action 'self'", "connect-src 'self'"],
            permissions=["clipboard-write"],
        )

    async def page(self, request: Request) -> Response:
        reading = inbox.read(self._sandbox.store)
        wanted = inbox.number(request.query_params.get("number"))
        phones = _phones(reading.messages)
        return self._pages.render(
            "handset",
            phones=[phone for phone in phones if wanted in (None, phone.number)],
            numbers=[phone.number for phone in phones],
            wanted=wanted,
            latest=reading.latest,
            now=self._sandbox.clock.iso(),
            app=self._sandbox.addresses.app,
            spaced=inbox.spaced,
        )

    async def messages(self, request: Request) -> Response:
        """`to` and `since` narrow the list; with `wait` (seconds) an empty one waits for the next message."""
        query = request.query_params
        try:
            since, seconds = int(query.get("since", "0")), float(query.get("wait", "0"))
        except ValueError:
            return JSONResponse({"error": "since and wait must be numbers."}, 400, PRIVATE)
        # Written this way round, a wait of NaN is none.
        seconds = min(seconds, _LONGEST_WAIT_SECONDS) if seconds > 0 else 0.0
        to = inbox.number(query.get("to"))
        since = min(max(since, 0), _LARGEST_SEQUENCE)
        reading = await inbox.wait(self._sandbox.store, to, since, seconds, request.is_disconnected)
        body = {"messages": [message.public() for message in reading.messages], "latest": reading.latest}
        return JSONResponse(body, headers=PRIVATE)

    async def refused(self, request: Request, error: Exception) -> Response:
        """Starlette's own refusals: no such page, no such method."""
        if not isinstance(error, HTTPException):
            raise error
        return self._pages.render("missing", error.status_code, path=request.url.path)


def _phones(messages: list[Message]) -> list[Phone]:
    """Grouped by number, the number with the latest message first."""
    by_number: dict[str, list[Message]] = {}
    for message in reversed(messages):
        by_number.setdefault(message.to, []).append(message)
    return [Phone(number, group[:_SHOWN_PER_NUMBER]) for number, group in by_number.items()]


def create_app(sandbox: Sandbox) -> Starlette:
    """The handset on `addresses.handset`."""
    handset = Handset(sandbox)
    return Starlette(
        routes=[
            Route("/", handset.page, methods=["GET"]),
            Route("/messages", handset.messages, methods=["GET"]),
        ],
        exception_handlers={HTTPException: handset.refused},
    )
