"""Vonage, SMS API.

Documented: https://developer.vonage.com/messaging/sms/guides/troubleshooting-sms and
https://developer.vonage.com/api-errors/sms. HTTP 200 says nothing: each part of a message has its own status.
Who wrote STOP to a number is status 0 here and an err-code 9 in the delivery receipt, so no answer tells it:
https://developer.vonage.com/opt-out-assist/guides/messaging-opted-out-numbers
"""

from dataclasses import dataclass, field
from typing import ClassVar, Self

from ..texts import GSM, GSM_EXTENSION
from .answers import accepted, at, is_id, judged, parsed
from .base import CarrierSettings, HttpRequest, HttpResponse, Message, Outcome, Receipt
from .credentials import Digits, Secret, Sender, digits, variable

GSM_7 = GSM | GSM_EXTENSION
CODES = {
    # Throttled; too many binds.
    **dict.fromkeys(("1", "10"), Outcome.RETRYABLE),
    # The platform's own failure, with no word on the message.
    "5": Outcome.AMBIGUOUS,
    # No such number or prefix; text too long; number deactivated.
    **dict.fromkeys(("6", "12", "33"), Outcome.REFUSED),
    # The number is on a blocklist.
    "7": Outcome.OPTED_OUT,
    # Our parameters, credentials, account, credit, HTTP, signature, sender, network, callback, demo.
    **dict.fromkeys(
        ("2", "3", "4", "8", "9", "11", "14", "15", "22", "23", "29", "32"), Outcome.CONFIGURATION
    ),
}


class VonageSettings(CarrierSettings):
    api_key: str = variable("VONAGE_API_KEY", "the account's API key", pattern=r"^[0-9A-Za-z]{1,64}$")
    api_secret: Secret = variable("VONAGE_API_SECRET", "the account's API secret")
    sender: Sender | None = variable("VONAGE_FROM", "number or name of the sender", default=None)
    india_entity: Digits | None = variable(
        "VONAGE_INDIA_ENTITY_ID", "DLT principal entity id, for India", default=None
    )
    india_template: Digits | None = variable(
        "VONAGE_INDIA_TEMPLATE_ID", "DLT content template id, for India", default=None
    )


@dataclass(frozen=True)
class Vonage:
    name: ClassVar[str] = "vonage"
    settings: ClassVar[type[CarrierSettings]] = VonageSettings
    base_url: ClassVar[str] = "https://rest.nexmo.com"
    hosts: ClassVar[tuple[str, ...]] = ("rest.nexmo.com",)
    timeout: ClassVar[float] = 8.0

    account: VonageSettings = field(repr=False)
    base: str

    @classmethod
    def of(cls, settings: CarrierSettings, base_url: str) -> Self:
        return cls(VonageSettings.model_validate(settings), base_url)

    @property
    def needs_sender(self) -> bool:
        return self.account.sender is None

    def request(self, message: Message) -> HttpRequest:
        form = {
            "api_key": self.account.api_key,
            "api_secret": self.account.api_secret.get_secret_value(),
            "to": digits(message.to),
            "text": message.text,
            # Without it Vonage sends a question mark for each character that GSM lacks.
            "type": "text" if GSM_7.issuperset(message.text) else "unicode",
            "client-ref": message.key,
        }
        sender = self.account.sender or message.sender
        if sender is not None:
            form["from"] = digits(sender)
        if message.country == "IN" and self.account.india_entity is not None:
            form["entity-id"] = self.account.india_entity
            if self.account.india_template is not None:
                form["content-id"] = self.account.india_template
        return HttpRequest(f"{self.base}/sms/json", form=form)

    def read(self, response: HttpResponse) -> Receipt:
        """Accepted when every part is. When only some are, the person may get a torn text: ambiguous."""
        body = parsed(response.body)
        parts = at(body, "messages")
        if not isinstance(parts, list) or not parts:
            return judged(response, None, {})
        failed = [at(part, "status") for part in parts if at(part, "status") != "0"]
        if not failed and response.status == 200 and is_id(at(parts, 0, "message-id")):
            return accepted(at(parts, 0, "message-id"))
        if len(failed) < len(parts):
            return judged(response, failed[0] if failed else None, {}, Outcome.AMBIGUOUS)
        return judged(response, failed[0], CODES)
