"""Vonage's SMS API: POST /sms/json.

Shapes and codes: https://developer.vonage.com/en/api/sms and https://developer.vonage.com/api-errors/sms.
Every answer, refusals too, has HTTP status 200.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..ids import Ids
from ..twilio.parameters import form
from .alphabet import as_plain
from .carrier import Carrier, Endpoint, Failure, RefusedError, is_possible, read_json, same

_LONGEST = 3200


class Vonage(Carrier):
    """The key is told wrong in the body's status alone, like everything else."""

    name = "vonage"
    failures = (
        Failure("1", 200, "Throughput Rate Exceeded - please wait [ 250 ] and retry", "throttled"),
        Failure("2", 200, "Missing", "text"),
        Failure("3", 200, "Invalid value for param", "number"),
        Failure("4", 200, "Bad Credentials", "credentials"),
        Failure("5", 200, "Internal Error", "internal"),
        Failure("6", 200, "Unroutable message - rejected", "number"),
        Failure("7", 200, "Number barred", "opted_out"),
        Failure("8", 200, "Partner account barred", "account"),
        Failure("9", 200, "Quota Exceeded - rejected", "balance"),
        Failure("10", 200, "Too many existing binds", "throttled"),
        Failure("11", 200, "Account not enabled for HTTP", "account"),
        Failure("12", 200, "Message too long", "text"),
        Failure("14", 200, "Invalid Signature", "credentials"),
        Failure("15", 200, "Illegal Sender Address - rejected", "sender"),
        Failure("22", 200, "Invalid Network Code", "number"),
        Failure("23", 200, "Invalid Callback URL", "account"),
        Failure("29", 200, "Non White-listed Destination - rejected", "account"),
        Failure("32", 200, "Signature And API Secret Disallowed", "credentials"),
        Failure("33", 200, "Number De-activated", "number"),
    )

    @classmethod
    def account(cls, ids: Ids) -> dict[str, str]:
        return {
            "VONAGE_API_KEY": ids.hex(8),
            "VONAGE_API_SECRET": ids.alphanumeric(16),
            "VONAGE_FROM": "Acme",
        }

    def endpoints(self) -> list[Endpoint]:
        return [("POST", "/sms/json", self.send)]

    async def send(self, request: Request) -> Response:
        fields = await read_json(request) or await form(request)
        fields = {name: str(value) for name, value in fields.items()} if isinstance(fields, dict) else {}
        self._check(fields)
        text = fields["text"] if fields.get("type") == "unicode" else as_plain(fields["text"])
        reference = self.sandbox.ids.uuid()
        self.deliver(f"+{fields['to']}", fields["from"], text, reference, fields.get("client-ref", ""))
        return _answer(_accepted(fields, reference))

    def refuse(self, error: RefusedError) -> Response:
        failure = error.failure
        words = {"2": f"Missing {error.detail}", "3": f"Invalid value for param: {error.detail}"}
        text = words[failure.code] if error.detail else failure.message
        return _answer({"status": failure.code, "error-text": text})

    def _check(self, fields: dict[str, str]) -> None:
        for name in ("api_key", "api_secret", "to", "from", "text"):
            if not fields.get(name):
                raise self.refusal("2", name)
        account = self.credentials
        right = same(fields["api_key"], account.get("VONAGE_API_KEY"))
        if not (same(fields["api_secret"], account.get("VONAGE_API_SECRET")) and right):
            raise self.refusal("4")
        if len(fields["text"]) > _LONGEST:
            raise self.refusal("12")
        # "Don't use a leading + or 00".
        if not is_possible(f"+{fields['to']}"):
            raise self.refusal("3", "to")
        self.check_plan(f"+{fields['to']}")


def _accepted(fields: dict[str, str], reference: str) -> dict[str, Any]:
    told = {
        "to": fields["to"],
        "message-id": reference,
        "status": "0",
        "remaining-balance": "15.53590000",
        "message-price": "0.03330000",
        "network": "23430",
    }
    return told | ({"client-ref": fields["client-ref"]} if "client-ref" in fields else {})


def _answer(message: dict[str, Any]) -> Response:
    return JSONResponse({"message-count": "1", "messages": [message]})
