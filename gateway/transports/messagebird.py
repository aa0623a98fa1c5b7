"""MessageBird, SMS API (rest.messagebird.com): the accounts from before Bird.

Documented: https://developers.messagebird.com/api/sms-messaging/ and https://developers.messagebird.com/api/#errors
"""

from dataclasses import dataclass, field
from typing import ClassVar, Self

from .answers import accepted, at, is_id, judged, parsed
from .base import CarrierSettings, HttpRequest, HttpResponse, Message, Outcome, Receipt
from .credentials import Secret, Sender, digits, variable

# 9 and 10 are missing and invalid parameters; which one stands beside them.
PARAMETERS = ("9", "10", "21")
OF_THE_MESSAGE = frozenset({"recipient", "recipients", "body"})
CODES = {
    # Access key; not found; balance; no such API.
    **dict.fromkeys(("2", "20", "25", "98"), Outcome.CONFIGURATION),
    "99": Outcome.AMBIGUOUS,
}
TAKEN = frozenset({"scheduled", "sent", "buffered", "delivered"})


class MessageBirdSettings(CarrierSettings):
    access_key: Secret = variable("MESSAGEBIRD_ACCESS_KEY", "a live access key")
    sender: Sender | None = variable("MESSAGEBIRD_FROM", "number or name of the sender", default=None)


@dataclass(frozen=True)
class MessageBird:
    name: ClassVar[str] = "messagebird"
    settings: ClassVar[type[CarrierSettings]] = MessageBirdSettings
    base_url: ClassVar[str] = "https://rest.messagebird.com"
    hosts: ClassVar[tuple[str, ...]] = ("rest.messagebird.com",)
    timeout: ClassVar[float] = 8.0

    account: MessageBirdSettings = field(repr=False)
    base: str

    @classmethod
    def of(cls, settings: CarrierSettings, base_url: str) -> Self:
        return cls(MessageBirdSettings.model_validate(settings), base_url)

    @property
    def needs_sender(self) -> bool:
        return self.account.sender is None

    def request(self, message: Message) -> HttpRequest:
        sms = {
            "recipients": [digits(message.to)],
            "body": message.text,
            # The default, plain, replaces what GSM lacks.
            "datacoding": "auto",
            "reference": message.key,
        }
        sender = self.account.sender or message.sender
        if sender is not None:
            sms["originator"] = digits(sender)
        headers = {
            "Authorization": f"AccessKey {self.account.access_key.get_secret_value()}",
            "Accept": "application/json",
        }
        return HttpRequest(f"{self.base}/messages", headers, json=sms)

    def read(self, response: HttpResponse) -> Receipt:
        body = parsed(response.body)
        status = at(body, "recipients", "items", 0, "status")
        taken = isinstance(status, str) and status in TAKEN
        if response.status in (200, 201) and taken and is_id(at(body, "id")):
            return accepted(at(body, "id"))
        error = at(body, "errors", 0)
        code, parameter = at(error, "code"), at(error, "parameter")
        ours = isinstance(parameter, str) and parameter in OF_THE_MESSAGE
        known = CODES | dict.fromkeys(PARAMETERS, Outcome.REFUSED if ours else Outcome.CONFIGURATION)
        return judged(response, code, known)
