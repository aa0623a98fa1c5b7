"""Telnyx's Messaging API: POST /v2/messages.

Shapes: https://developers.telnyx.com/api-reference/messages/send-a-message; codes:
https://developers.telnyx.com/development/api-fundamentals/api-errors and
https://support.telnyx.com/en/articles/6505121-telnyx-messaging-error-codes. The documents don't say which
HTTP status each messaging code comes with; here it is 400.
"""

from typing import Any

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


class Telnyx(Carrier):
    """Numbers have their plus."""

    name = "telnyx"
    failures = (
        Failure("10009", 401, "Authentication failed", "credentials"),
        Failure("10010", 403, "Authorization failed", "credentials"),
        Failure("10011", 429, "Too many requests", "throttled"),
        Failure("10007", 500, "Unexpected error", "internal"),
        Failure("40310", 400, "Invalid 'to' address", "number"),
        Failure("40300", 400, "Blocked due to STOP message", "opted_out"),
        Failure("10002", 422, "Invalid phone number", "number"),
        Failure("10004", 422, "Missing required parameter", "text"),
        Failure("10015", 400, "Bad Request", "text"),
        Failure("10016", 422, "Phone number must be in +E.164 format", "number"),
        Failure("20100", 403, "Insufficient Funds", "balance"),
        Failure("40301", 400, "Unsupported message type", "number"),
        Failure("40302", 400, "Message too large", "text"),
        Failure("40305", 400, "Invalid 'from' address", "sender"),
        Failure("40309", 400, "Invalid destination region", "country"),
        Failure("40311", 400, "Invalid messaging profile id", "account"),
        Failure("40312", 400, "Messaging profile disabled", "account"),
        Failure("40318", 429, "Message queue full", "throttled"),
    )

    @classmethod
    def account(cls, ids: Ids) -> dict[str, str]:
        return {
            "TELNYX_API_KEY": f"KEY{ids.hex(32).upper()}_{ids.alphanumeric(22)}",
            "TELNYX_FROM": "+14155550199",
        }

    def endpoints(self) -> list[Endpoint]:
        return [("POST", "/v2/messages", self.send)]

    async def send(self, request: Request) -> Response:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not same(key, self.credentials.get("TELNYX_API_KEY")):
            raise self.refusal("10009")
        body = await read_json(request)
        if not isinstance(body, dict):
            raise self.refusal("10015")
        for name in ("to", "text"):
            if not is_text(body.get(name)):
                raise self.refusal("10004", name)
        if not is_text_or_absent(body.get("from")):
            raise self.refusal("40305")
        if not (is_text(body.get("from")) or is_text(body.get("messaging_profile_id"))):
            raise self.refusal("10004", "from")
        if not is_possible(body["to"]):
            raise self.refusal("40310")
        self.check_plan(body["to"])
        reference = self.sandbox.ids.uuid()
        self.deliver(body["to"], body.get("from"), body["text"], reference)
        return JSONResponse({"data": self._shown(body, reference)})

    def refuse(self, error: RefusedError) -> Response:
        failure = error.failure
        told = {
            "code": failure.code,
            "title": failure.message,
            "detail": f"{failure.message}: {error.detail}" if error.detail else failure.message,
            "meta": {"url": f"https://developers.telnyx.com/docs/overview/errors/{failure.code}"},
        }
        return JSONResponse({"errors": [told]}, failure.status)

    def _shown(self, body: dict[str, Any], reference: str) -> dict[str, Any]:
        return {
            "record_type": "message",
            "direction": "outbound",
            "id": reference,
            "type": "SMS",
            "messaging_profile_id": body.get("messaging_profile_id"),
            "from": {"phone_number": body.get("from"), "carrier": "", "line_type": ""},
            "to": [{"phone_number": body["to"], "status": "queued", "carrier": "", "line_type": ""}],
            "text": body["text"],
            "encoding": "GSM-7",
            "parts": 1,
            "received_at": self.sandbox.clock.iso(),
            "sent_at": None,
            "completed_at": None,
            "errors": [],
        }
