"""The Management API as one ASGI app, mounted at /api/v2: find, admit, read, check, handle, answer."""

import inspect
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ..context import Sandbox
from ..errors import Auth0Error, refusal, unknown_endpoint
from . import access
from .operations import OPERATIONS
from .routing import Answer, Call, Operation, Router
from .schema import validate

_PREFIX = "/api/v2"
# hapi's default, which Auth0 keeps.
_LARGEST_BODY = 1_048_576


def create_app(sandbox: Sandbox) -> ASGIApp:
    """An ASGI app that answers the Management API of this sandbox's tenant."""
    router = Router(OPERATIONS)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await _answer(sandbox, router, request)
        except Auth0Error as error:
            response = error.response()
        await response(scope, receive, send)

    return app


async def _answer(sandbox: Sandbox, router: Router, request: Request) -> Response:
    operation, params = _find(router, request)
    claims = access.authenticate(sandbox, request.headers.get("authorization"))
    access.authorize(operation, claims, params)
    call = Call(sandbox, params, request.query_params, await _body(request, operation), claims)
    outcome = operation.handler(call)
    return _response(await outcome if inspect.isawaitable(outcome) else outcome)


def _find(router: Router, request: Request) -> tuple[Operation, dict[str, str]]:
    path = request.scope["raw_path"].decode("ascii").partition("?")[0].removeprefix(_PREFIX)
    found = router.find(request.method, path)
    if found is None:
        raise unknown_endpoint(request.method, f"{_PREFIX}{path}")
    return found


async def _body(request: Request, operation: Operation) -> Any:
    if operation.body is None:
        return None
    body = _parse(await _read(request))
    validate(body, operation.body)
    return body


async def _read(request: Request) -> bytes:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > _LARGEST_BODY:
            raise refusal(413, f"Payload content length greater than maximum allowed: {_LARGEST_BODY}")
    if (
        raw
        and request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json"
    ):
        raise refusal(415, "Unsupported Media Type")
    return bytes(raw)


def _parse(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw.strip() else None
    except ValueError as error:
        raise refusal(400, "Invalid request payload JSON format") from error


def _response(answer: Answer) -> Response:
    headers = dict(answer.headers)
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    return JSONResponse(answer.body, answer.status, headers)
