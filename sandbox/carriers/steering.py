"""/_sandbox/carriers: what tests and tools plan the carriers' answers with."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..context import Sandbox
from . import rules
from .app import CARRIERS, PREFIX
from .carrier import Carrier, Failure

Endpoint = Callable[[Request], Awaitable[Response]]


def table(sandbox: Sandbox) -> list[tuple[str, str, Endpoint]]:
    """Method, path below the control address, endpoint."""
    steering = Steering(sandbox)
    return [
        ("GET", "/carriers", steering.describe),
        ("POST", "/carriers", steering.add),
        ("DELETE", "/carriers", steering.clear),
    ]


class Steering:
    """The endpoints."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def describe(self, request: Request) -> Response:
        """Each carrier's base URL and the failures it can answer, and the rules in force."""
        carriers = {carrier.name: self._described(carrier) for carrier in CARRIERS}
        return JSONResponse({"carriers": carriers, "rules": rules.describe(self._sandbox)})

    async def add(self, request: Request) -> Response:
        """Plan an answer; rules.Rule says what the body may hold."""
        answers = {carrier.name: carrier.answers() for carrier in CARRIERS}
        try:
            rule = rules.Rule.from_mapping(_object(await request.body()), answers)
        except rules.RuleError as error:
            return JSONResponse({"statusCode": 400, "message": str(error)}, 400)
        rules.add(self._sandbox, rule)
        return JSONResponse(rules.describe(self._sandbox)[-1], 201)

    async def clear(self, request: Request) -> Response:
        rules.clear(self._sandbox)
        return Response(status_code=204)

    def _described(self, carrier: type[Carrier]) -> dict[str, Any]:
        base_url = f"{self._sandbox.addresses.twilio}{PREFIX}/{carrier.name}"
        return {"base_url": base_url, "answers": [_shown(failure) for failure in carrier.failures]}


def _shown(failure: Failure) -> dict[str, Any]:
    return {"code": failure.code, "kind": failure.kind, "status": failure.status, "message": failure.message}


def _object(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise rules.RuleError("The body must be JSON.") from error
    if not isinstance(body, dict):
        raise rules.RuleError("The body must be a JSON object.")
    return body
