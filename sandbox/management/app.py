"""The Management API as one ASGI app, mounted at /api/v2: find, admit, read, check, handle, answer."""

import inspect
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ..context import Sandbox
from ..errors import Auth0Error, refusal, unknown_endpoint
from ..parsing import parsed
from . import access, paging
from .jobs import multipart
from .logs import recording
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
    with recording.recorded(sandbox, request, operation, claims) as outcome:
        access.authorize(operation, claims, params)
        call = Call(sandbox, params, request.query_params, await _body(request, operation), claims)
        paging.check_flags(call)
        handled = operation.handler(call)
        answer = await handled if inspect.isawaitable(handled) else handled
        # Within the record: a call whose answer can't be written hasn't succeeded.
        response = _response(answer)
        outcome.status = answer.status
    return response


def _find(router: Router, request: Request) -> tuple[Operation, dict[str, str]]:
    # Any byte may come, as the gate in front of this reads it too.
    path = request.scope["raw_path"].decode("latin-1").partition("?")[0].removeprefix(_PREFIX)
    found = router.find(request.method, path)
    if found is None:
        raise unknown_endpoint(request.method, f"{_PREFIX}{path}")
    return found


async def _body(request: Request, operation: Operation) -> Any:
    if operation.body is None:
        return None
    if operation.body["type"] == "form":
        return multipart.parse(await _raw(request), request.headers.get("content-type", ""))
    body = _parse(await _read(request))
    validate(body, operation.body)
    return body


async def _raw(request: Request) -> bytes:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > _LARGEST_BODY:
            raise refusal(413, f"Payload content length greater than maximum allowed: {_LARGEST_BODY}")
    return bytes(raw)


async def _read(request: Request) -> bytes:
    raw = await _raw(request)
    if (
        raw
        and request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json"
    ):
        raise refusal(415, "Unsupported Media Type")
    return raw


def _parse(raw: bytes) -> Any:
    try:
        return parsed(raw) if raw.strip() else None
    except ValueError as error:
        raise refusal(400, "Invalid request payload JSON format") from error


def _response(answer: Answer) -> Response:
    headers = dict(answer.headers)
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    return JSONResponse(answer.body, answer.status, headers)
