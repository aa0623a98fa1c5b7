"""Africa's Talking, SMS API.

Documented: https://developers.africastalking.com/docs/sms/sending/bulk, with the older
http://docs.africastalking.com/sms/sending. A 201 may hold a recipient that failed, or no recipient at all.
"""

from dataclasses import dataclass, field
from typing import ClassVar, Self

from .answers import accepted, at, code_of, is_id, judged, parsed
from .base import CarrierSettings, HttpRequest, HttpResponse, Message, Outcome, Receipt
from .credentials import Secret, Sender, variable

# Processed, sent, queued.
TAKEN = frozenset({"100", "101", "102"})
CODES = {
    # Invalid number; number of an unsupported type.
    **dict.fromkeys(("403", "404"), Outcome.REFUSED),
    # On the blacklist; do not disturb.
    **dict.fromkeys(("406", "409"), Outcome.OPTED_OUT),
    # Held as a risk; sender id; balance; no route.
    **dict.fromkeys(("401", "402", "405", "407"), Outcome.CONFIGURATION),
    # Rejected by the operator's gateway.
    "502": Outcome.RETRYABLE,
    # Internal error; the operator's gateway failed.
    **dict.fromkeys(("500", "501"), Outcome.AMBIGUOUS),
}


class AfricasTalkingSettings(CarrierSettings):
    username: str = variable(
        "AFRICASTALKING_USERNAME", "the application's user name", pattern=r"^[!-~]{1,64}$"
    )
    api_key: Secret = variable("AFRICASTALKING_API_KEY", "the application's API key")
    sender: Sender | None = variable(
        "AFRICASTALKING_FROM", "short code or name; without it the shared AFRICASTKNG", default=None
    )


@dataclass(frozen=True)
class AfricasTalking:
    name: ClassVar[str] = "africastalking"
    settings: ClassVar[type[CarrierSettings]] = AfricasTalkingSettings
    base_url: ClassVar[str] = "https://api.africastalking.com"
    hosts: ClassVar[tuple[str, ...]] = ("api.africastalking.com", "api.sandbox.africastalking.com")
    timeout: ClassVar[float] = 8.0

    account: AfricasTalkingSettings = field(repr=False)
    base: str

    @classmethod
    def of(cls, settings: CarrierSettings, base_url: str) -> Self:
        return cls(AfricasTalkingSettings.model_validate(settings), base_url)

    def request(self, message: Message) -> HttpRequest:
        form = {
            "username": self.account.username,
            "to": message.to,
            "message": message.text,
            "bulkSMSMode": "1",
        }
        sender = self.account.sender or message.sender
        if sender is not None:
            form["from"] = sender
        headers = {"apiKey": self.account.api_key.get_secret_value(), "Accept": "application/json"}
        return HttpRequest(f"{self.base}/version1/messaging", headers, form=form)

    def read(self, response: HttpResponse) -> Receipt:
        data = at(parsed(response.body), "SMSMessageData")
        recipient = at(data, "Recipients", 0)
        code = code_of(at(recipient, "statusCode"))
        if response.status in (200, 201) and code in TAKEN and is_id(at(recipient, "messageId")):
            return accepted(at(recipient, "messageId"))
        if at(data, "Recipients") == [] and 200 <= response.status < 300:
            return judged(response, at(data, "Message"), {}, Outcome.CONFIGURATION)
        return judged(response, code, CODES if code not in TAKEN else {})
