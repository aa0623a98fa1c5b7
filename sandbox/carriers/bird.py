"""Bird's Channels API: POST /workspaces/{workspace}/channels/{channel}/messages.

Shapes: https://docs.bird.com/api/channels-api/supported-channels/programmable-sms/sending-sms-messages. The
documents name the code InvalidPayload (422) alone; those of the other statuses are the sandbox's own.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..ids import Ids
from .carrier import Carrier, Endpoint, Failure, RefusedError, is_possible, is_text, read_json, same


class Bird(Carrier):
    """What a number can't get is told later, by the message's status."""

    name = "bird"
    failures = (
        Failure("Unauthorized", 401, "Unauthenticated", "credentials"),
        Failure("Forbidden", 403, "The access key does not allow this", "credentials"),
        Failure("NotFound", 404, "The channel does not exist", "account"),
        Failure("InvalidPayload", 422, "The request did not pass validation requirements", "number"),
        Failure("TooManyRequests", 429, "Rate limit exceeded", "throttled"),
        Failure("InternalError", 500, "Internal error", "internal"),
    )

    @classmethod
    def account(cls, ids: Ids) -> dict[str, str]:
        return {
            "BIRD_ACCESS_KEY": ids.alphanumeric(36),
            "BIRD_WORKSPACE_ID": ids.uuid(),
            "BIRD_CHANNEL_ID": ids.uuid(),
        }

    def endpoints(self) -> list[Endpoint]:
        return [("POST", "/workspaces/{workspace}/channels/{channel}/messages", self.send)]

    async def send(self, request: Request) -> Response:
        account = self.credentials
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme != "AccessKey" or not same(key, account.get("BIRD_ACCESS_KEY")):
            raise self.refusal("Unauthorized")
        given = (request.path_params["workspace"], request.path_params["channel"])
        if given != (account["BIRD_WORKSPACE_ID"], account["BIRD_CHANNEL_ID"]):
            raise self.refusal("NotFound")
        body = await read_json(request)
        to, text = _recipient(body), _text(body)
        if not is_possible(to):
            raise self.refusal("InvalidPayload", "receiver.contacts")
        if text is None:
            raise self.refusal("InvalidPayload", "body")
        self.check_plan(str(to))
        reference = self.sandbox.ids.uuid()
        self.deliver(str(to), None, text, reference, str(body.get("reference", "")))
        return JSONResponse(self._shown(body, reference), 202)

    def refuse(self, error: RefusedError) -> Response:
        failure = error.failure
        body: dict[str, Any] = {"code": failure.code, "message": failure.message}
        details = {error.detail: ["is invalid"]} if error.detail else {}
        return JSONResponse(body | ({"details": details} if details else {}), failure.status)

    def _shown(self, body: dict[str, Any], reference: str) -> dict[str, Any]:
        now = self.sandbox.clock.iso()
        contact = {"id": self.sandbox.ids.uuid(), "identifierKey": "phonenumber", **_contacts(body)[0]}
        return {
            "id": reference,
            "channelId": self.credentials["BIRD_CHANNEL_ID"],
            "sender": {"connector": {"id": self.sandbox.ids.uuid(), "identifierValue": "Acme"}},
            "receiver": {"contacts": [contact]},
            "body": body["body"],
            "reference": body.get("reference", ""),
            "status": "accepted",
            "reason": "",
            "direction": "outgoing",
            "lastStatusAt": now,
            "createdAt": now,
            "updatedAt": now,
        }


def _contacts(body: Any) -> list[dict[str, Any]]:
    receiver = body.get("receiver") if isinstance(body, dict) else None
    contacts = receiver.get("contacts") if isinstance(receiver, dict) else None
    known = isinstance(contacts, list) and all(isinstance(contact, dict) for contact in contacts)
    return contacts if known and contacts else []


def _recipient(body: Any) -> object:
    contacts = _contacts(body)
    return contacts[0].get("identifierValue") if len(contacts) == 1 else None


def _text(body: Any) -> str | None:
    content = body.get("body") if isinstance(body, dict) else None
    text = content.get("text") if isinstance(content, dict) and content.get("type") == "text" else None
    words = text.get("text") if isinstance(text, dict) else None
    return words if is_text(words) else None
