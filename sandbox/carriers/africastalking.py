"""Africa's Talking, bulk SMS: POST /version1/messaging.

Shapes and codes: https://developers.africastalking.com/docs/sms/sending/bulk and …/docs/sms/status_codes.
What becomes of each recipient is told under HTTP status 201, and in XML unless JSON is asked for.
"""

from typing import Any
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ..ids import Ids
from ..twilio.parameters import form
from .carrier import Carrier, Endpoint, Failure, RefusedError, is_possible, same

_AUTHENTICATION = "authentication"
_COST = "KES 0.8000"


class AfricasTalking(Carrier):
    """Codes are those of recipients, except of what the API refuses before it looks at any."""

    name = "africastalking"
    failures = (
        Failure(_AUTHENTICATION, 401, "The supplied authentication is invalid", "credentials"),
        Failure("bad_request", 400, "Request is missing required form field", "text"),
        Failure("429", 429, "Too Many Requests", "throttled"),
        Failure("unavailable", 503, "Service Unavailable", "internal"),
        Failure("401", 201, "RiskHold", "account"),
        Failure("402", 201, "InvalidSenderId", "sender"),
        Failure("403", 201, "InvalidPhoneNumber", "number"),
        Failure("404", 201, "UnsupportedNumberType", "number"),
        Failure("405", 201, "InsufficientBalance", "balance"),
        Failure("406", 201, "UserInBlacklist", "opted_out"),
        Failure("407", 201, "CouldNotRoute", "country"),
        Failure("409", 201, "DoNotDisturbRejection", "opted_out"),
        Failure("500", 201, "InternalServerError", "internal"),
        Failure("501", 201, "GatewayError", "internal"),
        Failure("502", 201, "RejectedByGateway", "internal"),
    )

    @classmethod
    def account(cls, ids: Ids) -> dict[str, str]:
        return {"AFRICASTALKING_USERNAME": "acme", "AFRICASTALKING_API_KEY": f"atsk_{ids.hex(64)}"}

    def endpoints(self) -> list[Endpoint]:
        return [("POST", "/version1/messaging", self.send)]

    async def send(self, request: Request) -> Response:
        account, fields = self.credentials, await form(request)
        right = same(request.headers.get("apikey", ""), account.get("AFRICASTALKING_API_KEY"))
        if not right or fields.get("username") != account["AFRICASTALKING_USERNAME"]:
            raise self.refusal(_AUTHENTICATION)
        for name in ("to", "message"):
            if not fields.get(name):
                raise self.refusal("bad_request", name)
        as_json = "application/json" in request.headers.get("accept", "")
        return _answer(self._send(fields), as_json)

    def refuse(self, error: RefusedError) -> Response:
        words = error.failure.message + (f" '{error.detail}'" if error.detail else "")
        return PlainTextResponse(words, error.failure.status)

    def _send(self, fields: dict[str, str]) -> dict[str, Any]:
        """The recipient's line in the answer; the sandbox takes one recipient at a time."""
        to = fields["to"]
        try:
            if not is_possible(to):
                raise self.refusal("403")
            self.check_plan(to)
        except RefusedError as error:
            if error.failure.status != 201:
                raise
            failure = error.failure
            return _line(int(failure.code), to, failure.message, "0", "None")
        reference = f"ATXid_{self.sandbox.ids.hex(32)}"
        self.deliver(to, fields.get("from"), fields["message"], reference)
        return _line(101, to, "Success", _COST, reference)


def _line(code: int, number: str, status: str, cost: str, reference: str) -> dict[str, Any]:
    return {"statusCode": code, "number": number, "status": status, "cost": cost, "messageId": reference}


def _answer(line: dict[str, Any], as_json: bool) -> Response:
    sent = int(line["statusCode"] == 101)
    message = f"Sent to {sent}/1 Total Cost: {_COST if sent else 'KES 0'}"
    if as_json:
        return JSONResponse({"SMSMessageData": {"Message": message, "Recipients": [line]}}, 201)
    inner = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in line.items())
    xml = (
        "<AfricasTalkingResponse><SMSMessageData>"
        f"<Message>{escape(message)}</Message><Recipients><Recipient>{inner}</Recipient></Recipients>"
        "</SMSMessageData></AfricasTalkingResponse>"
    )
    return Response(xml, 201, media_type="application/xml")
