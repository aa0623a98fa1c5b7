"""Plivo, Message API.

Documented: https://www.plivo.com/docs/messaging/api/messages/ and, for errors,
https://www.plivo.com/docs/messaging/api/response. Its errors are sentences: the HTTP status decides.
"""

from dataclasses import dataclass, field
from typing import ClassVar, Self

from .answers import accepted, at, is_id, judged, parsed
from .base import CarrierSettings, HttpRequest, HttpResponse, Message, Outcome, Receipt
from .credentials import Digits, Secret, Sender, Uuid, basic, digits, variable


class PlivoSettings(CarrierSettings):
    auth_id: str = variable("PLIVO_AUTH_ID", "the account's Auth ID, MA… or SA…", pattern=r"^[A-Z0-9]{20}$")
    auth_token: Secret = variable("PLIVO_AUTH_TOKEN", "the account's Auth Token")
    sender: Sender | None = variable("PLIVO_FROM", "number or name of the sender", default=None)
    powerpack: Uuid | None = variable(
        "PLIVO_POWERPACK_UUID", "a Powerpack, which picks the sender", default=None
    )
    india_entity: Digits | None = variable("PLIVO_INDIA_ENTITY_ID", "DLT entity id, for India", default=None)
    india_template: Digits | None = variable(
        "PLIVO_INDIA_TEMPLATE_ID", "DLT template id, for India", default=None
    )


@dataclass(frozen=True)
class Plivo:
    name: ClassVar[str] = "plivo"
    settings: ClassVar[type[CarrierSettings]] = PlivoSettings
    base_url: ClassVar[str] = "https://api.plivo.com"
    hosts: ClassVar[tuple[str, ...]] = ("api.plivo.com",)
    timeout: ClassVar[float] = 8.0

    account: PlivoSettings = field(repr=False)
    base: str

    @classmethod
    def of(cls, settings: CarrierSettings, base_url: str) -> Self:
        return cls(PlivoSettings.model_validate(settings), base_url)

    @property
    def needs_sender(self) -> bool:
        return self.account.sender is None and self.account.powerpack is None

    def request(self, message: Message) -> HttpRequest:
        account = self.account
        sms = {"dst": digits(message.to), "text": message.text, "type": "sms"}
        if account.powerpack is not None:
            sms["powerpack_uuid"] = account.powerpack
        elif (sender := account.sender or message.sender) is not None:
            sms["src"] = digits(sender)
        if message.country == "IN" and account.india_entity is not None:
            sms["dlt_entity_id"] = account.india_entity
            if account.india_template is not None:
                sms["dlt_template_id"] = account.india_template
        headers = {"Authorization": basic(account.auth_id, account.auth_token)}
        return HttpRequest(f"{self.base}/v1/Account/{account.auth_id}/Message/", headers, json=sms)

    def read(self, response: HttpResponse) -> Receipt:
        """A 202 names the messages that it queued, and the numbers that it left out."""
        body = parsed(response.body)
        if response.status in (200, 201, 202):
            if at(body, "invalid_number"):
                return Receipt(Outcome.REFUSED, code="invalid_number")
            if is_id(at(body, "message_uuid", 0)):
                return accepted(at(body, "message_uuid", 0))
        return judged(response, None, {})
