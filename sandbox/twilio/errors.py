"""Refusals in Twilio's envelope: {"code", "message", "more_info", "status"}.

Codes, statuses and texts: https://www.twilio.com/docs/api/errors/<code>.
"""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class TwilioError(Exception):
    """An answer that refuses; clients branch on `code`, `status` is the HTTP status."""

    def __init__(self, code: int, status: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.status = status
        self.message = message

    def response(self) -> JSONResponse:
        more_info = f"https://www.twilio.com/docs/errors/{self.code}"
        body = {"code": self.code, "message": self.message, "more_info": more_info, "status": self.status}
        headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if self.status == 401 else None
        return JSONResponse(body, self.status, headers)


def unauthenticated() -> TwilioError:
    return TwilioError(20003, 401, "Authenticate")


def not_found(path: str) -> TwilioError:
    """Also the answer about a verification that is over: Twilio doesn't say which way it ended."""
    return TwilioError(20404, 404, f"The requested resource {path.removeprefix('/v2')} was not found")


def too_many_requests() -> TwilioError:
    return TwilioError(20429, 429, "Too many requests")


def missing(parameter: str) -> TwilioError:
    return TwilioError(60200, 400, f"Missing required parameter {parameter} in the post body")


def invalid(parameter: str, value: str) -> TwilioError:
    return TwilioError(60200, 400, f"Invalid parameter `{parameter}`: {value}")


def max_checks() -> TwilioError:
    return TwilioError(60202, 429, "Max check attempts reached")


def max_sends() -> TwilioError:
    return TwilioError(60203, 429, "Max send attempts reached")


def not_enabled(feature: str) -> TwilioError:
    return TwilioError(60204, 403, f"Service does not support this feature: {feature}")


def landline() -> TwilioError:
    return TwilioError(60205, 403, "SMS is not supported by landline phone number")


def concurrent() -> TwilioError:
    return TwilioError(60212, 429, "Too many concurrent requests for phone number")


def unknown_to_sandbox(what: str) -> TwilioError:
    """501: Twilio may well know it, but the sandbox doesn't and won't pretend to."""
    return TwilioError(501, 501, f"The sandbox does not know {what}.")


async def handle(_: Request, error: Exception) -> Response:
    """The starlette handler of TwilioError and of starlette's own refusals (wrong method)."""
    if isinstance(error, HTTPException):
        error = TwilioError(20004, error.status_code, error.detail)
    if not isinstance(error, TwilioError):
        raise error
    return error.response()
