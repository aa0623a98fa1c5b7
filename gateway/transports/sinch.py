"""Sinch, SMS REST API (batches).

Documented: https://developers.sinch.com/docs/sms/api-reference/sms/batches/sendsms and
https://developers.sinch.com/docs/sms/api-reference/status-codes/
"""

from dataclasses import dataclass, field
from typing import ClassVar, Self

from .answers import accepted, at, is_id, judged, parsed
from .base import CarrierSettings, HttpRequest, HttpResponse, Message, Receipt
from .credentials import Secret, Sender, digits, variable


class SinchSettings(CarrierSettings):
    plan: str = variable("SINCH_SERVICE_PLAN_ID", "the service plan's id", pattern=r"^[A-Za-z0-9_-]{1,64}$")
    api_token: Secret = variable("SINCH_API_TOKEN", "the service plan's API token")
    sender: Sender | None = variable(
        "SINCH_FROM", "number or name; without it the plan's default originator", default=None
    )


@dataclass(frozen=True)
class Sinch:
    name: ClassVar[str] = "sinch"
    settings: ClassVar[type[CarrierSettings]] = SinchSettings
    base_url: ClassVar[str] = "https://us.sms.api.sinch.com"
    # A plan lives in one region: us, eu, au, br, ca.
    hosts: ClassVar[tuple[str, ...]] = ("sms.api.sinch.com",)
    timeout: ClassVar[float] = 8.0

    account: SinchSettings = field(repr=False)
    base: str

    @classmethod
    def of(cls, settings: CarrierSettings, base_url: str) -> Self:
        return cls(SinchSettings.model_validate(settings), base_url)

    def request(self, message: Message) -> HttpRequest:
        batch = {
            "to": [digits(message.to)],
            "body": message.text,
            "type": "mt_text",
            "client_reference": message.key,
        }
        sender = self.account.sender or message.sender
        if sender is not None:
            batch["from"] = digits(sender)
        headers = {"Authorization": f"Bearer {self.account.api_token.get_secret_value()}"}
        return HttpRequest(f"{self.base}/xms/v1/{self.account.plan}/batches", headers, json=batch)

    def read(self, response: HttpResponse) -> Receipt:
        """A 201 is a batch that will be sent, unless it is marked as cancelled."""
        body = parsed(response.body)
        if response.status in (200, 201) and is_id(at(body, "id")) and at(body, "canceled") is not True:
            return accepted(at(body, "id"))
        return judged(response, at(body, "code"), {})
