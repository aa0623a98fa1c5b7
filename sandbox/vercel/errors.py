"""Refusals in Vercel's envelope: {"error": {"code", "message", …}}.

Source: https://vercel.com/docs/rest-api/errors
"""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class VercelError(Exception):
    """An answer that refuses; `extra` are further members of the error."""

    def __init__(self, status: int, code: str, message: str, **extra: Any) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.extra = extra

    def response(self) -> JSONResponse:
        return JSONResponse(
            {"error": {"code": self.code, "message": self.message, **self.extra}}, self.status
        )


def bad_request(message: str) -> VercelError:
    return VercelError(400, "bad_request", message)


def invalid(message: str) -> VercelError:
    """A body or query that breaks the endpoint's schema."""
    return bad_request(f"Invalid request: {message}")


def unauthenticated() -> VercelError:
    message = "The request is missing an authentication token"
    return VercelError(401, "forbidden", message, missingToken=True)


def invalid_token() -> VercelError:
    return VercelError(403, "forbidden", "Not authorized", invalidToken=True)


def foreign_team(team: str) -> VercelError:
    message = f'Not authorized: Trying to access resource under scope "{team}". '
    return VercelError(403, "forbidden", message + "You must be a member of this team.", scope=team)


def not_found(what: str, name: str) -> VercelError:
    return VercelError(404, "not_found", f"Could not find the {what}: {name}")


def too_large(limit: int) -> VercelError:
    return VercelError(413, "payload_too_large", f"The body must not be larger than {limit} bytes")


def unknown_endpoint(method: str, path: str) -> VercelError:
    """501: Vercel may well know it, but the sandbox doesn't and won't pretend to."""
    return VercelError(501, "sandbox_unknown_endpoint", f"The sandbox does not know {method} {path}.")


async def handle(_: Request, error: Exception) -> Response:
    """The starlette handler of VercelError and of starlette's own refusals (wrong method)."""
    if isinstance(error, HTTPException):
        code = "method_unknown" if error.status_code == 405 else "bad_request"
        error = VercelError(error.status_code, code, error.detail)
    if not isinstance(error, VercelError):
        raise error
    return error.response()
