"""Telnyx, Messaging API version 2.

Documented: https://developers.telnyx.com/api-reference/messages/send-a-message and
https://developers.telnyx.com/docs/messaging/messages/error-codes/index
"""

from dataclasses import dataclass, field
from typing import ClassVar, Self

from .answers import accepted, at, is_id, judged, parsed
from .base import CarrierSettings, HttpRequest, HttpResponse, Message, Outcome, Receipt
from .credentials import Secret, Sender, Uuid, variable

CODES = {
    # No route to the number, invalid destination, invalid "to"; invalid or too long a text.
    **dict.fromkeys(("40001", "40012", "40310", "40009", "40302"), Outcome.REFUSED),
    "40300": Outcome.OPTED_OUT,
    # Too many requests, here or upstream; the queue is full.
    **dict.fromkeys(("10011", "40011", "40318"), Outcome.RETRYABLE),
    # An unexpected error, or a time-out inside.
    **dict.fromkeys(("10007", "10008"), Outcome.AMBIGUOUS),
    # Key and rights; sender; profile and its sender; destination not in the profile; 10DLC; spending limit.
    **dict.fromkeys(("10009", "10010", "40013", "40305", "40306", "40309", "40333"), Outcome.CONFIGURATION),
}
TAKEN = frozenset({"queued", "sending", "sent", "delivered", "delivery_unconfirmed"})


class TelnyxSettings(CarrierSettings):
    api_key: Secret = variable("TELNYX_API_KEY", "API key, version 2")
    sender: Sender | None = variable("TELNYX_FROM", "number or name of the sender", default=None)
    profile: Uuid | None = variable(
        "TELNYX_MESSAGING_PROFILE_ID",
        "messaging profile: needed for a name, or to let its pool pick the number",
        default=None,
    )


@dataclass(frozen=True)
class Telnyx:
    name: ClassVar[str] = "telnyx"
    settings: ClassVar[type[CarrierSettings]] = TelnyxSettings
    base_url: ClassVar[str] = "https://api.telnyx.com"
    hosts: ClassVar[tuple[str, ...]] = ("api.telnyx.com",)
    timeout: ClassVar[float] = 8.0

    account: TelnyxSettings = field(repr=False)
    base: str

    @classmethod
    def of(cls, settings: CarrierSettings, base_url: str) -> Self:
        return cls(TelnyxSettings.model_validate(settings), base_url)

    @property
    def needs_sender(self) -> bool:
        return self.account.sender is None and self.account.profile is None

    def request(self, message: Message) -> HttpRequest:
        sms = {"to": message.to, "text": message.text, "type": "SMS"}
        sender = self.account.sender or message.sender
        if sender is not None:
            sms["from"] = sender
        if self.account.profile is not None:
            sms["messaging_profile_id"] = self.account.profile
        headers = {"Authorization": f"Bearer {self.account.api_key.get_secret_value()}"}
        return HttpRequest(f"{self.base}/v2/messages", headers, json=sms)

    def read(self, response: HttpResponse) -> Receipt:
        """A 200 holds the message with a status for its recipient, which may be a failure already."""
        body = parsed(response.body)
        sms = at(body, "data")
        status = at(sms, "to", 0, "status")
        if response.status == 200 and is_id(at(sms, "id")) and isinstance(status, str) and status in TAKEN:
            return accepted(at(sms, "id"))
        error = at(body, "errors", 0) or at(sms, "errors", 0)
        if at(error, "source", "pointer") == "/to" and 400 <= response.status < 500:
            return judged(response, at(error, "code"), CODES, Outcome.REFUSED)
        return judged(response, at(error, "code"), CODES)
