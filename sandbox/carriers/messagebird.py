"""MessageBird's REST API: POST /messages.

Shapes and codes: https://developers.messagebird.com/api/sms-messaging and …/api/#errors.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..ids import Ids
from ..twilio.parameters import form
from .alphabet import as_plain
from .carrier import Carrier, Endpoint, Failure, RefusedError, is_possible, is_text, read_json, same


class MessageBird(Carrier):
    """Texts are in the default alphabet unless `datacoding` says otherwise."""

    name = "messagebird"
    failures = (
        Failure("2", 401, "Request not allowed (incorrect access_key)", "credentials"),
        Failure("9", 422, "no (correct) recipients found", "number"),
        Failure("10", 422, "originator is invalid", "sender"),
        Failure("20", 404, "message not found", "account"),
        Failure("21", 422, "parameter is invalid", "text"),
        Failure("25", 422, "Not enough balance", "balance"),
        Failure("98", 404, "API not found", "account"),
        Failure("99", 500, "Internal error", "internal"),
        Failure("429", 429, "Too Many Requests", "throttled"),
    )

    @classmethod
    def account(cls, ids: Ids) -> dict[str, str]:
        return {"MESSAGEBIRD_ACCESS_KEY": f"live_{ids.alphanumeric(25)}", "MESSAGEBIRD_FROM": "Acme"}

    def endpoints(self) -> list[Endpoint]:
        return [("POST", "/messages", self.send)]

    async def send(self, request: Request) -> Response:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme != "AccessKey" or not same(key, self.credentials.get("MESSAGEBIRD_ACCESS_KEY")):
            raise self.refusal("2", "access_key")
        body = await read_json(request) or await form(request)
        for name, code in (("originator", "10"), ("body", "21")):
            if not isinstance(body, dict) or not is_text(body.get(name)):
                raise self.refusal(code, name)
        to = f"+{_recipient(body.get('recipients')).removeprefix('+')}"
        if not is_possible(to):
            raise self.refusal("9", "recipients")
        self.check_plan(to)
        reference = self.sandbox.ids.hex(32)
        plain = body.get("datacoding", "plain") == "plain"
        text = as_plain(body["body"]) if plain else body["body"]
        self.deliver(to, body["originator"], text, reference, str(body.get("reference") or ""))
        return JSONResponse(self._shown(body, to, reference), 201)

    def refuse(self, error: RefusedError) -> Response:
        failure = error.failure
        told = {
            "code": int(failure.code),
            "description": failure.message,
            "parameter": error.detail or None,
        }
        return JSONResponse({"errors": [told]}, failure.status)

    def _shown(self, body: dict[str, Any], to: str, reference: str) -> dict[str, Any]:
        now = self.sandbox.clock.iso()[:-5] + "+00:00"
        item = {"recipient": int(to[1:]), "status": "sent", "statusDatetime": now, "messagePartCount": 1}
        return {
            "id": reference,
            "href": f"https://rest.messagebird.com/messages/{reference}",
            "direction": "mt",
            "type": "sms",
            "originator": body["originator"],
            "body": body["body"],
            "reference": body.get("reference"),
            "validity": None,
            "gateway": 10,
            "typeDetails": {},
            "datacoding": body.get("datacoding", "plain"),
            "mclass": 1,
            "scheduledDatetime": None,
            "createdDatetime": now,
            "recipients": {
                "totalCount": 1,
                "totalSentCount": 1,
                "totalDeliveredCount": 0,
                "totalDeliveryFailedCount": 0,
                "items": [item],
            },
        }


def _recipient(given: Any) -> str:
    """The only recipient: a list's or a comma list's; anything else is none."""
    if isinstance(given, list):
        return str(given[0]) if len(given) == 1 else ""
    return str(given or "")
