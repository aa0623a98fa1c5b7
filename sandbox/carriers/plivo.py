"""Plivo's Message API: POST /v1/Account/{auth_id}/Message/.

Shapes: https://www.plivo.com/docs/messaging/api/message and …/messaging/api/response.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..ids import Ids
from .carrier import (
    Carrier,
    Endpoint,
    Failure,
    RefusedError,
    basic,
    is_possible,
    is_text,
    is_text_or_absent,
    read_json,
    same,
)


class Plivo(Carrier):
    """Whether a recipient has opted out is told later, in the delivery report, not in the answer."""

    name = "plivo"
    failures = (
        Failure("authentication_failed", 401, "authentication_failed", "credentials"),
        Failure("invalid_parameter", 400, "invalid_parameter", "number"),
        Failure("not_found", 404, "not_found", "account"),
        Failure("rate_limit_exceeded", 429, "rate_limit_exceeded", "throttled"),
        Failure("server_error", 500, "server_error", "internal"),
    )

    @classmethod
    def account(cls, ids: Ids) -> dict[str, str]:
        return {
            "PLIVO_AUTH_ID": f"MA{ids.alphanumeric(18).upper()}",
            "PLIVO_AUTH_TOKEN": ids.alphanumeric(40),
            "PLIVO_FROM": "Acme",
        }

    def endpoints(self) -> list[Endpoint]:
        return [("POST", "/v1/Account/{account}/Message/", self.send)]

    async def send(self, request: Request) -> Response:
        account = self.credentials
        user, password = basic(request)
        right = same(user, account.get("PLIVO_AUTH_ID")) and same(password, account.get("PLIVO_AUTH_TOKEN"))
        if not right:
            raise self.refusal("authentication_failed")
        if request.path_params["account"] != account["PLIVO_AUTH_ID"]:
            raise self.refusal("not_found")
        body = await read_json(request)
        if not isinstance(body, dict) or not (is_text(body.get("dst")) and is_text(body.get("text"))):
            raise self.refusal("invalid_parameter")
        to = f"+{body['dst'].removeprefix('+')}"
        if not is_text_or_absent(body.get("src")):
            raise self.refusal("invalid_parameter")
        if not is_possible(to) or not (is_text(body.get("src")) or is_text(body.get("powerpack_uuid"))):
            raise self.refusal("invalid_parameter")
        self.check_plan(to)
        reference = self.sandbox.ids.uuid()
        self.deliver(to, body.get("src"), body["text"], reference)
        told = {
            "message": "message(s) queued",
            "message_uuid": [reference],
            "api_id": self.sandbox.ids.uuid(),
        }
        return JSONResponse(told, 202)

    def refuse(self, error: RefusedError) -> Response:
        body = {"api_id": self.sandbox.ids.uuid(), "error": error.failure.message}
        return JSONResponse(body, error.failure.status)
