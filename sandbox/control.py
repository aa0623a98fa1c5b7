"""/_sandbox: what tests and tools steer the sandbox with.

It asks for no token: it answers on loopback alone, and no page of another site.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from . import members, seed
from .actions import execution
from .carriers import steering
from .context import Sandbox, Switches
from .dashboard.app import Dashboard
from .faults import Fault, FaultError
from .middleware import CONTROL
from .phone import steering as phone_steering

Endpoint = Callable[[Request], Awaitable[Response]]
# More are no sequence number, and too large for the store.
_MOST_DIGITS = 18


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    control = Control(sandbox)
    table: list[tuple[str, str, Endpoint]] = [
        ("GET", "/health", control.health),
        ("POST", "/reset", control.reset),
        ("GET", "/outbox", control.outbox),
        ("GET", "/clock", control.clock),
        ("POST", "/clock", control.advance),
        ("GET", "/faults", control.faults),
        ("POST", "/faults", control.add_fault),
        ("DELETE", "/faults", control.clear_faults),
        ("GET", "/switches", control.switches),
        ("POST", "/switches", control.set_switches),
        ("GET", "/state", control.state),
        ("POST", "/state", control.load_state),
        ("GET", "/calls", control.calls),
        ("GET", "/logs", control.logs),
        ("POST", "/gateway/{status:int}", control.gateway),
        *steering.table(sandbox),
        *phone_steering.table(sandbox),
        *Dashboard(sandbox, CONTROL).routes(),
    ]
    return [Route(CONTROL + path, _guarded(endpoint), methods=[method]) for method, path, endpoint in table]


def _guarded(endpoint: Endpoint) -> Endpoint:
    """Refuse what a page of another site could make a browser send: steering needs no password."""

    async def guarded(request: Request) -> Response:
        site = request.headers.get("sec-fetch-site", "none")
        origin = request.headers.get("origin")
        host = request.headers.get("host", "")
        own = f"{request.url.scheme}://{host}"
        if site not in ("none", "same-origin") or origin not in (None, own) or not _is_own(host):
            return _refused(403, "The control address answers no other site's pages.")
        try:
            return await endpoint(request)
        except _RefusedError as error:
            return _refused(400, str(error))

    return guarded


class _RefusedError(Exception):
    """What was asked makes no sense; the text says why."""


def _refused(status: int, message: str) -> JSONResponse:
    return JSONResponse({"statusCode": status, "message": message}, status)


class Control:
    """The endpoints."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def health(self, request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def reset(self, request: Request) -> Response:
        """A fresh tenant; client ids, secrets and signing keys stay, so that configurations still work."""
        seed.reset(self._sandbox)
        await self._sandbox.vercel.settle()
        return Response(status_code=204)

    async def outbox(self, request: Request) -> Response:
        """Messages as the handset got them, the oldest first; `to` filters by number, `since` by sequence."""
        to, since = request.query_params.get("to"), _integer(request, "since")
        found = self._sandbox.store.since("messages", since)
        messages = [{"sequence": number, **doc} for number, doc in found if to in (None, doc["to"])]
        return JSONResponse({"messages": messages})

    async def clock(self, request: Request) -> Response:
        clock = self._sandbox.clock
        frozen = clock.frozen is not None
        return JSONResponse(
            {"now": clock.now(), "iso": clock.iso(), "offset": clock.offset, "frozen": frozen}
        )

    async def advance(self, request: Request) -> Response:
        """`advance` moves it by seconds, `frozen` makes it stand still (true) or run again (false)."""
        given = await _body(request)
        clock, seconds, frozen = self._sandbox.clock, given.get("advance"), given.get("frozen")
        if given.keys() - {"advance", "frozen"} or not isinstance(frozen, bool | None):
            raise _RefusedError("The body is {advance: seconds} or {frozen: true or false}.")
        if seconds is None and frozen is not None:
            seconds = 0
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
            raise _RefusedError("advance must be a number of seconds, 0 or more.")
        if frozen is not None:
            (clock.freeze if frozen else clock.thaw)()
        clock.advance(seconds)
        return await self.clock(request)

    async def faults(self, request: Request) -> Response:
        return JSONResponse({"faults": self._sandbox.faults.describe()})

    async def add_fault(self, request: Request) -> Response:
        try:
            fault = Fault.from_mapping(await _body(request))
        except FaultError as error:
            raise _RefusedError(str(error)) from error
        self._sandbox.faults.add(fault)
        return JSONResponse(asdict(fault), 201)

    async def clear_faults(self, request: Request) -> Response:
        self._sandbox.faults.clear()
        return Response(status_code=204)

    async def switches(self, request: Request) -> Response:
        return JSONResponse(asdict(self._sandbox.switches))

    async def set_switches(self, request: Request) -> Response:
        given = await _body(request)
        try:
            members.check(Switches, given)
        except members.MembersError as error:
            raise _RefusedError(str(error)) from error
        for name, value in given.items():
            setattr(self._sandbox.switches, name, value)
        return await self.switches(request)

    async def state(self, request: Request) -> Response:
        """Everything stored, secrets and signing key included: for tests, and to put back with POST."""
        return JSONResponse(self._sandbox.store.dump())

    async def load_state(self, request: Request) -> Response:
        kinds = await _body(request)
        if not all(_are_documents(documents) for documents in kinds.values()):
            raise _RefusedError("The body must be what GET answered: {kind: {key: document}}.")
        self._sandbox.store.load(kinds)
        self._sandbox.keys.forget()
        await self._sandbox.vercel.settle()
        return Response(status_code=204)

    async def calls(self, request: Request) -> Response:
        """The last 500 answered requests, without queries; `since` is a sequence number."""
        return JSONResponse({"calls": self._sandbox.calls.since(_integer(request, "since"))})

    async def gateway(self, request: Request) -> Response:
        """An SMS gateway that answers as its address says, whatever it is sent."""
        status = request.path_params["status"]
        if not 200 <= status <= 599:
            raise _RefusedError("A gateway answers with a status from 200 to 599.")
        return Response(status_code=status)

    async def logs(self, request: Request) -> Response:
        """The tenant's log; each entry with the whole of what its Actions did, in `runs`."""
        found = self._sandbox.store.since("tenant_logs", _integer(request, "since"))
        return JSONResponse({"logs": [self._entry(number, doc) for number, doc in found]})

    def _entry(self, number: int, doc: dict[str, Any]) -> dict[str, Any]:
        ran = execution.runs(self._sandbox, execution.of_entry(doc))
        return {"sequence": number, **doc, **({"runs": ran} if ran else {})}


def _are_documents(documents: Any) -> bool:
    return isinstance(documents, dict) and all(isinstance(doc, dict) for doc in documents.values())


def _is_own(host: str) -> bool:
    """Whether a Host header is an address or a loopback name: any other name may be rebound to us."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        ip_address(name)
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
    return True


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise _RefusedError("The body must be JSON.") from error
    if not isinstance(body, dict):
        raise _RefusedError("The body must be a JSON object.")
    return body


def _integer(request: Request, name: str) -> int:
    given = request.query_params.get(name, "0")
    if not (given.isascii() and given.isdigit()) or len(given) > _MOST_DIGITS:
        raise _RefusedError(f"{name} must be a number.")
    return int(given)
