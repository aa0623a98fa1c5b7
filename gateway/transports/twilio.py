"""Twilio Messaging, the Messages resource.

Documented: https://www.twilio.com/docs/messaging/api/message-resource and, for each code,
https://www.twilio.com/docs/api/errors
"""

from dataclasses import dataclass, field
from typing import ClassVar, Self

from .answers import accepted, at, is_id, judged, parsed
from .base import CarrierSettings, HttpRequest, HttpResponse, Message, Outcome, Receipt
from .credentials import Secret, Sender, basic, variable

# A repeat after a 5xx may send twice (https://www.twilio.com/docs/api/errors/20500): those stay ambiguous.
CODES = {
    # Not a number, no mobile, a landline, a short code; text empty or too long; blocked as pumping.
    **dict.fromkeys(("21211", "21614", "21635", "21265", "21602", "21617", "30450"), Outcome.REFUSED),
    "21610": Outcome.OPTED_OUT,
    # Too many requests, the sender's queue is full, the number's rate is exceeded.
    **dict.fromkeys(("20429", "21611", "14107"), Outcome.RETRYABLE),
    **dict.fromkeys(("20500", "20503"), Outcome.AMBIGUOUS),
    # Login, account, country not permitted; sender missing, foreign, unfit, unfit for this number; service.
    **dict.fromkeys(("20003", "20005", "20008", "20404", "21408", "21608", "63038"), Outcome.CONFIGURATION),
    **dict.fromkeys(("21212", "21266", "21603", "21606", "21612", "21659", "21660"), Outcome.CONFIGURATION),
    **dict.fromkeys(("21661", "21701", "21703", "21704", "21705"), Outcome.CONFIGURATION),
}
# https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
TAKEN = frozenset({"accepted", "scheduled", "queued", "sending", "sent", "delivered"})


class TwilioSettings(CarrierSettings):
    account_sid: str = variable("TWILIO_ACCOUNT_SID", "the account, AC…", pattern=r"^AC[0-9a-fA-F]{32}$")
    api_key: str = variable(
        "TWILIO_API_KEY", "an API key, SK…, or the account again", pattern=r"^(?:SK|AC)[0-9a-fA-F]{32}$"
    )
    api_secret: Secret = variable("TWILIO_API_SECRET", "the API key's secret, or the account's auth token")
    sender: Sender | None = variable(
        "TWILIO_FROM", "number, short code or name that belongs to the account", default=None
    )
    service: str | None = variable(
        "TWILIO_MESSAGING_SERVICE_SID",
        "a Messaging Service, MG…, which picks the sender",
        default=None,
        pattern=r"^MG[0-9a-fA-F]{32}$",
    )


@dataclass(frozen=True)
class Twilio:
    name: ClassVar[str] = "twilio"
    settings: ClassVar[type[CarrierSettings]] = TwilioSettings
    base_url: ClassVar[str] = "https://api.twilio.com"
    # Other regions and edges: https://www.twilio.com/docs/global-infrastructure
    hosts: ClassVar[tuple[str, ...]] = ("api.twilio.com", "twilio.com")
    timeout: ClassVar[float] = 8.0

    account: TwilioSettings = field(repr=False)
    base: str

    @classmethod
    def of(cls, settings: CarrierSettings, base_url: str) -> Self:
        return cls(TwilioSettings.model_validate(settings), base_url)

    @property
    def needs_sender(self) -> bool:
        return self.account.sender is None and self.account.service is None

    def request(self, message: Message) -> HttpRequest:
        account = self.account
        form = {"To": message.to, "Body": message.text}
        if account.service is not None:
            form["MessagingServiceSid"] = account.service
        # A service has its own senders: the connection's may not be among them.
        sender = account.sender or (message.sender if account.service is None else None)
        if sender is not None:
            form["From"] = sender
        headers = {"Authorization": basic(account.api_key, account.api_secret)}
        return HttpRequest(
            f"{self.base}/2010-04-01/Accounts/{account.account_sid}/Messages.json", headers, form=form
        )

    def read(self, response: HttpResponse) -> Receipt:
        body = parsed(response.body)
        status = at(body, "status")
        taken = isinstance(status, str) and status in TAKEN
        if response.status in (200, 201) and taken and is_id(at(body, "sid")):
            return accepted(at(body, "sid"))
        return judged(response, at(body, "code") or at(body, "error_code"), CODES)
