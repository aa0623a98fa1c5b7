"""Sinch's SMS REST API: POST /xms/v1/{service_plan_id}/batches.

Shapes: https://developers.sinch.com/docs/sms/api-reference/sms/batches/sendsms; codes:
https://developers.sinch.com/docs/sms/api-reference/status-codes. Only 400 and 403 have a body with a code;
for the other statuses the code here is the status.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..ids import Ids
from .carrier import (
    Carrier,
    Endpoint,
    Failure,
    RefusedError,
    is_possible,
    is_text,
    is_text_or_absent,
    read_json,
    same,
)


class Sinch(Carrier):
    """A batch here has one recipient."""

    name = "sinch"
    failures = (
        Failure("401", 401, "", "credentials"),
        Failure("404", 404, "", "account"),
        Failure("429", 429, "", "throttled"),
        Failure("500", 500, "", "internal"),
        Failure("503", 503, "", "internal"),
        Failure("syntax_invalid_parameter_format", 400, "Invalid MSISDN", "number"),
        Failure("syntax_invalid_json", 400, "Invalid JSON", "text"),
        Failure("syntax_constraint_violation", 400, "May not be empty", "text"),
        Failure("blocked_account", 403, "The account has been blocked", "account"),
        Failure("illegal_number_type", 403, "Illegal type of number for the region", "number"),
        Failure("unknown_group", 403, "Unknown group", "number"),
        Failure("missing_callback_url", 403, "Missing callback URL", "account"),
    )

    @classmethod
    def account(cls, ids: Ids) -> dict[str, str]:
        return {
            "SINCH_SERVICE_PLAN_ID": ids.hex(32),
            "SINCH_API_TOKEN": ids.hex(32),
            "SINCH_FROM": "Acme",
        }

    def endpoints(self) -> list[Endpoint]:
        return [("POST", "/xms/v1/{plan}/batches", self.send)]

    async def send(self, request: Request) -> Response:
        account = self.credentials
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not same(token, account.get("SINCH_API_TOKEN")):
            raise self.refusal("401")
        if request.path_params["plan"] != account["SINCH_SERVICE_PLAN_ID"]:
            raise self.refusal("404")
        body = await read_json(request)
        if not isinstance(body, dict):
            raise self.refusal("syntax_invalid_json")
        recipients = body.get("to")
        if not isinstance(recipients, list) or len(recipients) != 1 or not is_text(body.get("body")):
            raise self.refusal("syntax_constraint_violation")
        to = f"+{str(recipients[0]).removeprefix('+')}"
        if not is_possible(to) or not is_text_or_absent(body.get("from")):
            raise self.refusal("syntax_invalid_parameter_format")
        self.check_plan(to)
        reference = f"01{self.sandbox.ids.hex(24).upper()}"
        sender, key = body.get("from"), str(body.get("client_reference", ""))
        self.deliver(to, sender, body["body"], reference, key)
        now = self.sandbox.clock.iso()
        told = {
            "id": reference,
            "to": [to.removeprefix("+")],
            "from": sender,
            "canceled": False,
            "body": body["body"],
            "type": "mt_text",
            "created_at": now,
            "modified_at": now,
            "delivery_report": body.get("delivery_report", "none"),
            "flash_message": False,
        }
        return JSONResponse(told | ({"client_reference": key} if key else {}), 201)

    def refuse(self, error: RefusedError) -> Response:
        failure = error.failure
        if not failure.message:
            return Response(status_code=failure.status)
        return JSONResponse({"code": failure.code, "text": failure.message}, failure.status)
