"""Infobip's SMS API, version 3: POST /sms/3/messages.

Shapes: https://www.infobip.com/docs/api/channels/sms/outbound-sms/send-sms-messages; statuses:
https://www.infobip.com/docs/essentials/api-essentials/response-status-and-error-codes. A message can be
rejected under HTTP status 200; what the API itself refuses has two shapes, one of them from its front.
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

_REJECTED = {
    "REJECTED_NETWORK": (6, "Network is forbidden"),
    "REJECTED_PREFIX_MISSING": (8, "Number prefix missing"),
    "REJECTED_DND": (10, "Destination subscribed to DND"),
    "REJECTED_SOURCE": (11, "Invalid Source address"),
    "REJECTED_NOT_ENOUGH_CREDITS": (12, "Not enough credits"),
    "REJECTED_SENDER": (13, "By Sender"),
    "REJECTED_DESTINATION": (14, "By Destination"),
    "REJECTED_DESTINATION_NOT_REGISTERED": (16, "Destination not registered"),
    "REJECTED_ROUTE_NOT_AVAILABLE": (17, "Route not available"),
    "REJECTED_FLOODING_FILTER": (18, "Rejected flooding"),
    "REJECTED_SYSTEM_ERROR": (19, "System error"),
    "REJECTED_MESSAGE_TOO_LONG": (25, "Message too long"),
    "MISSING_TO": (51, "Missing to"),
    "REJECTED_INVALID_DESTINATION": (52, "Invalid destination"),
}
_GROUP = 5


class Infobip(Carrier):
    """Codes are the names of statuses, of service exceptions, or the API's own error codes."""

    name = "infobip"
    failures = (
        Failure("UNAUTHORIZED", 401, "Invalid login details", "credentials"),
        Failure("FORBIDDEN", 403, "Unauthorized access", "credentials"),
        Failure("TOO_MANY_REQUESTS", 429, "Too many requests", "throttled"),
        Failure("GENERAL_ERROR", 500, "Something went wrong. Please contact support.", "internal"),
        Failure("E400", 400, "Request cannot be processed.", "text"),
        Failure("REJECTED_INVALID_DESTINATION", 200, "", "number"),
        Failure("REJECTED_DND", 200, "", "opted_out"),
        Failure("REJECTED_NETWORK", 200, "", "country"),
        Failure("REJECTED_PREFIX_MISSING", 200, "", "number"),
        Failure("REJECTED_SOURCE", 200, "", "sender"),
        Failure("REJECTED_NOT_ENOUGH_CREDITS", 200, "", "balance"),
        Failure("REJECTED_SENDER", 200, "", "sender"),
        Failure("REJECTED_DESTINATION", 200, "", "opted_out"),
        Failure("REJECTED_DESTINATION_NOT_REGISTERED", 200, "", "account"),
        Failure("REJECTED_ROUTE_NOT_AVAILABLE", 200, "", "country"),
        Failure("REJECTED_FLOODING_FILTER", 200, "", "throttled"),
        Failure("REJECTED_SYSTEM_ERROR", 200, "", "internal"),
        Failure("REJECTED_MESSAGE_TOO_LONG", 200, "", "text"),
        Failure("MISSING_TO", 200, "", "number"),
    )

    @classmethod
    def account(cls, ids: Ids) -> dict[str, str]:
        return {"INFOBIP_API_KEY": f"{ids.hex(32)}-{ids.uuid()}", "INFOBIP_FROM": "Acme"}

    def endpoints(self) -> list[Endpoint]:
        return [("POST", "/sms/3/messages", self.send)]

    async def send(self, request: Request) -> Response:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme != "App" or not same(key, self.credentials.get("INFOBIP_API_KEY")):
            raise self.refusal("UNAUTHORIZED")
        message = self._message(await read_json(request))
        to = message["destinations"][0]["to"].removeprefix("+")
        identifier = str(message["destinations"][0].get("messageId") or self.sandbox.ids.digits(22))
        try:
            if not is_possible(f"+{to}"):
                raise self.refusal("REJECTED_INVALID_DESTINATION")
            self.check_plan(f"+{to}")
        except RefusedError as error:
            if error.failure.code not in _REJECTED:
                raise
            return self._answer(to, identifier, _rejection(error.failure))
        self.deliver(f"+{to}", message.get("sender"), message["content"]["text"], identifier)
        return self._answer(to, identifier, _PENDING)

    def refuse(self, error: RefusedError) -> Response:
        failure = error.failure
        if failure.code.startswith("E"):
            violation = {"property": error.detail, "violation": "must not be blank"}
            body: dict[str, Any] = {
                "errorCode": failure.code,
                "description": failure.message,
                "action": "Check the syntax, violations and adjust the request.",
                "violations": [violation] if error.detail else [],
                "resources": [],
            }
        else:
            exception = {"messageId": failure.code, "text": failure.message}
            body = {"requestError": {"serviceException": exception}}
        return JSONResponse(body, failure.status)

    def _message(self, body: Any) -> dict[str, Any]:
        """The request's only message; the sandbox takes one message with one destination at a time."""
        messages = body.get("messages") if isinstance(body, dict) else None
        if not isinstance(messages, list) or len(messages) != 1 or not isinstance(messages[0], dict):
            raise self.refusal("E400", "messages")
        message: dict[str, Any] = messages[0]
        destinations, content = message.get("destinations"), message.get("content")
        one = isinstance(destinations, list) and len(destinations) == 1 and isinstance(destinations[0], dict)
        if not one or not is_text(message["destinations"][0].get("to")):
            raise self.refusal("E400", "messages[0].destinations")
        if not isinstance(content, dict) or not is_text(content.get("text")):
            raise self.refusal("E400", "messages[0].content.text")
        if not is_text_or_absent(message.get("sender")):
            raise self.refusal("E400", "messages[0].sender")
        return message

    def _answer(self, to: str, identifier: str, status: dict[str, Any]) -> Response:
        told = {"messageId": identifier, "status": status, "destination": to, "details": {"messageCount": 1}}
        return JSONResponse({"bulkId": self.sandbox.ids.digits(22), "messages": [told]})


_PENDING = {
    "groupId": 1,
    "groupName": "PENDING",
    "id": 26,
    "name": "PENDING_ACCEPTED",
    "description": "Message sent to next instance",
}


def _rejection(failure: Failure) -> dict[str, Any]:
    number, description = _REJECTED[failure.code]
    return {
        "groupId": _GROUP,
        "groupName": "REJECTED",
        "id": number,
        "name": failure.code,
        "description": description,
    }
