"""Clickatell, One API.

Documented: https://docs.clickatell.com/channels/one-api/one-api-reference/ and its errors table,
https://docs.clickatell.com/channels/one-api/one-api-errors-table/
"""

from dataclasses import dataclass, field
from typing import ClassVar, Self

from .answers import accepted, at, is_id, judged, parsed
from .base import CarrierSettings, HttpRequest, HttpResponse, Message, Outcome, Receipt
from .credentials import Secret, Sender, digits, variable

# Clickatell validates before it takes a message on, charges nothing for what it refuses here, and asks to try
# again on 19. 18 (HTTP 500, internal error) says nothing of the message: it stays ambiguous.
CODES = {
    **dict.fromkeys(("19", "43"), Outcome.RETRYABLE),
    **dict.fromkeys(("24", "25", "27", "30", "40", "100"), Outcome.REFUSED),
    "26": Outcome.OPTED_OUT,
    "18": Outcome.AMBIGUOUS,
    # Key, account, balance, our own payload, the integration, its channel, its sender, the USA's rules.
    **dict.fromkeys(("1", "2", "3", "7", "20", "21", "22", "23", "28", "38"), Outcome.CONFIGURATION),
    **dict.fromkeys(("39", "41", "42", "44", "45", "46", "101", "110", "111"), Outcome.CONFIGURATION),
}


class ClickatellSettings(CarrierSettings):
    api_key: Secret = variable("CLICKATELL_API_KEY", "API key of a One API integration")
    sender: Sender | None = variable(
        "CLICKATELL_FROM", "two-way number of the integration, only for two-way messaging", default=None
    )


@dataclass(frozen=True)
class Clickatell:
    name: ClassVar[str] = "clickatell"
    settings: ClassVar[type[CarrierSettings]] = ClickatellSettings
    base_url: ClassVar[str] = "https://platform.clickatell.com"
    hosts: ClassVar[tuple[str, ...]] = ("platform.clickatell.com",)
    timeout: ClassVar[float] = 8.0

    account: ClickatellSettings = field(repr=False)
    base: str

    @classmethod
    def of(cls, settings: CarrierSettings, base_url: str) -> Self:
        return cls(ClickatellSettings.model_validate(settings), base_url)

    def request(self, message: Message) -> HttpRequest:
        sms = {"channel": "sms", "to": digits(message.to), "content": message.text}
        sender = self.account.sender or message.sender
        if sender is not None:
            sms["from"] = digits(sender)
        headers = {"Authorization": self.account.api_key.get_secret_value(), "Accept": "application/json"}
        return HttpRequest(f"{self.base}/v1/message", headers, json={"messages": [sms]})

    def read(self, response: HttpResponse) -> Receipt:
        """A 202 or 207 is about the request; whether the message was taken stands beside the message."""
        body = parsed(response.body)
        sms = at(body, "messages", 0)
        error = at(sms, "error", "code") or at(body, "error", "code")
        taken = at(sms, "accepted") is True and is_id(at(sms, "apiMessageId"))
        if response.status in (200, 202, 207) and taken and error is None:
            return accepted(at(sms, "apiMessageId"))
        refused = Outcome.CONFIGURATION if at(sms, "accepted") is False else None
        return judged(response, error, CODES, refused)
