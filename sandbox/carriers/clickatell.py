"""Clickatell's One API: POST /v1/message.

Shapes and codes: https://docs.clickatell.com/channels/one-api/one-api-reference/ (errors table) and
https://guides.clickatell.com (Send messages).
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

_MOST_MESSAGES = 200
# Refusals of the whole request; all others belong to one message.
_GLOBAL = ("1", "2", "3", "7", "18", "19", "21", "22", "43")


class Clickatell(Carrier):
    """A request with one message has its status; with several, of which one is refused, it is 207."""

    name = "clickatell"
    failures = (
        Failure("1", 401, "Invalid or missing integration API Key", "credentials"),
        Failure("2", 400, "Account is not active", "account"),
        Failure("3", 400, "Integration is not active", "account"),
        Failure("7", 401, "Originating IP address is not approved in your account", "credentials"),
        Failure("19", 503, "Internal error, please retry", "internal"),
        Failure("18", 500, "Internal error", "internal"),
        Failure("20", 402, "Insufficient account balance", "balance"),
        Failure("21", 400, "Payload data is malformed", "text"),
        Failure("22", 400, "Maximum messages per request payload exceeded", "text"),
        Failure("23", 400, "Invalid or missing parameter", "text"),
        Failure("24", 400, "Maximum message content size exceeded", "text"),
        Failure("25", 400, "Invalid recipient address", "number"),
        Failure("26", 400, "Recipient opted out", "opted_out"),
        Failure("27", 400, "Recipient not available on channel", "number"),
        Failure("28", 400, "Recipient not available on sandbox", "number"),
        Failure("38", 400, "Channel/feature is not active on integration", "account"),
        Failure("39", 400, "Channel is not available on integration", "account"),
        Failure("43", 400, "Rate limit", "throttled"),
        Failure("44", 400, "FROM number is suspended", "sender"),
        Failure("45", 400, "FROM number is not related to integration", "sender"),
        Failure("46", 400, "Demo access has expired", "account"),
        Failure("100", 400, "Maximum message parts exceeded", "text"),
        Failure("101", 400, "Destination does not support two-way messaging", "country"),
        Failure("110", 400, "USA country limit: must use two-way integration", "country"),
        Failure(
            "111", 400, "USA country limit: must enable STOP/SUBSCRIBE commands on integration", "country"
        ),
    )

    @classmethod
    def account(cls, ids: Ids) -> dict[str, str]:
        return {"CLICKATELL_API_KEY": ids.alphanumeric(22) + "=="}

    def endpoints(self) -> list[Endpoint]:
        return [("POST", "/v1/message", self.send)]

    async def send(self, request: Request) -> Response:
        # The bare key, without any scheme before it.
        if not same(request.headers.get("authorization", ""), self.credentials.get("CLICKATELL_API_KEY")):
            raise self.refusal("1")
        messages = _messages(await read_json(request))
        if messages is None:
            raise self.refusal("21")
        if len(messages) > _MOST_MESSAGES:
            raise self.refusal("22")
        results = [self._send(message) for message in messages]
        refused = [failure for failure, _ in results if failure]
        status = 202 if not refused else refused[0].status if len(results) == 1 else 207
        return JSONResponse({"messages": [shown for _, shown in results], "error": None}, status)

    def refuse(self, error: RefusedError) -> Response:
        return JSONResponse({"messages": [], "error": _error(error)}, error.failure.status)

    def _send(self, message: dict[str, Any]) -> tuple[Failure | None, dict[str, Any]]:
        to = message.get("to")
        try:
            self._check(message)
        except RefusedError as error:
            if error.failure.code in _GLOBAL:
                raise
            shown = {"apiMessageId": None, "accepted": False, "to": to, "error": _error(error)}
            return error.failure, shown
        reference = self.sandbox.ids.hex(32)
        key = str(message.get("clientMessageId", ""))
        self.deliver(f"+{to}", message.get("from"), message["content"], reference, key)
        return None, {"apiMessageId": reference, "accepted": True, "to": to, "error": None}

    def _check(self, message: dict[str, Any]) -> None:
        if message.get("channel", "sms") != "sms":
            raise self.refusal("39")
        for name in ("to", "content"):
            if not is_text(message.get(name)):
                raise self.refusal("23", name)
        if not is_text_or_absent(message.get("from")):
            raise self.refusal("23", "from")
        # Digits alone: a leading plus or 00 is refused.
        to = message["to"]
        if not is_possible(f"+{to}"):
            raise self.refusal("25", to)
        self.check_plan(f"+{to}")


def _messages(body: Any) -> list[dict[str, Any]] | None:
    messages = body.get("messages") if isinstance(body, dict) else None
    if not isinstance(messages, list) or not messages:
        return None
    return messages if all(isinstance(message, dict) for message in messages) else None


def _error(error: RefusedError) -> dict[str, Any]:
    description = error.failure.message + (f": {error.detail}" if error.detail else "")
    return {"code": int(error.failure.code), "description": description}
