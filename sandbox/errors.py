"""Errors in Auth0's envelope: {"statusCode", "error", "message"[, "errorCode"]}."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class Auth0Error(Exception):
    """An answer that refuses.

    `error` is the reason phrase, `error_code` Auth0's machine-readable code (absent from the body for None),
    `extra` further members of the body and `headers` of the response.
    """

    def __init__(
        self,
        status: int,
        error: str,
        message: str,
        error_code: str | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status} {error}: {message}")
        self.status = status
        self.error = error
        self.message = message
        self.error_code = error_code
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})

    def body(self) -> dict[str, Any]:
        body = {"statusCode": self.status, "error": self.error, "message": self.message, **self.extra}
        return body | ({"errorCode": self.error_code} if self.error_code else {})

    def response(self) -> JSONResponse:
        return JSONResponse(self.body(), self.status, self.headers)


def refusal(status: int, message: str, error_code: str | None = None, **extra: Any) -> Auth0Error:
    """An Auth0Error whose `error` is the status's usual reason phrase."""
    return Auth0Error(status, HTTPStatus(status).phrase, message, error_code, extra=extra)


def not_found(message: str, error_code: str | None = None) -> Auth0Error:
    return refusal(404, message, error_code)


def conflict(message: str, error_code: str | None = None) -> Auth0Error:
    return refusal(409, message, error_code)


def invalid_body(message: str) -> Auth0Error:
    return refusal(400, message, "invalid_body")


def unknown_endpoint(method: str, path: str) -> Auth0Error:
    """501 naming the endpoint: the sandbox never pretends to know what it doesn't."""
    return refusal(501, f"The sandbox does not know {method} {path}.", "sandbox_unknown_endpoint")


def internal() -> Auth0Error:
    """What Auth0 says when it fails itself; the cause goes to the log, not to the caller."""
    return refusal(500, "An internal server error occurred")


async def handle_unexpected(request: Request, error: Exception) -> Response:
    """The exception handler for everything nobody foresaw."""
    return internal().response()


async def handle(request: Request, error: Exception) -> Response:
    """The starlette exception handler: `exception_handlers={Auth0Error: handle}`."""
    if not isinstance(error, Auth0Error):
        raise error
    return error.response()
