"""Infobip, SMS API version 3.

Documented: https://www.infobip.com/docs/api/channels/sms/outbound-sms/send-sms-messages and the statuses,
https://www.infobip.com/docs/developer-resources/api-fundamentals/message-status-codes
"""

from dataclasses import dataclass, field
from typing import ClassVar, Self

from .answers import accepted, at, is_id, judged, parsed
from .base import CarrierSettings, HttpRequest, HttpResponse, Message, Outcome, Receipt
from .credentials import Digits, Secret, Sender, digits, variable

# Groups of a message's status: pending and delivered were taken on; undeliverable and rejected were not sent;
# of any other, such as an expired one, nobody knows.
TAKEN = (1, 3)
UNSENT = (2, 5)
STATUSES = {
    # Prefix missing, number invalid, text too long, blocked as fraud.
    **dict.fromkeys(("8", "25", "52", "77", "87"), Outcome.REFUSED),
    # Do not disturb; destination on a blocklist.
    **dict.fromkeys(("10", "14"), Outcome.OPTED_OUT),
    # Flooding filter; "retry the submission"; not sent.
    **dict.fromkeys(("20", "21", "31"), Outcome.RETRYABLE),
    # Network not covered, sender, credits, demo, route, duplicate id, text header.
    **dict.fromkeys(("6", "11", "12", "13", "17", "18", "19", "23", "24", "51"), Outcome.CONFIGURATION),
}


class InfobipSettings(CarrierSettings):
    api_key: Secret = variable("INFOBIP_API_KEY", "API key with the scope sms:message:send")
    sender: Sender | None = variable("INFOBIP_FROM", "number or name of the sender", default=None)
    india_entity: Digits | None = variable(
        "INFOBIP_INDIA_ENTITY_ID", "DLT principal entity id, for India", default=None
    )
    india_template: Digits | None = variable(
        "INFOBIP_INDIA_TEMPLATE_ID", "DLT content template id, for India", default=None
    )


@dataclass(frozen=True)
class Infobip:
    name: ClassVar[str] = "infobip"
    settings: ClassVar[type[CarrierSettings]] = InfobipSettings
    base_url: ClassVar[str] = "https://api.infobip.com"
    # Each account has a host of its own below it.
    hosts: ClassVar[tuple[str, ...]] = ("api.infobip.com",)
    timeout: ClassVar[float] = 8.0

    account: InfobipSettings = field(repr=False)
    base: str

    @classmethod
    def of(cls, settings: CarrierSettings, base_url: str) -> Self:
        return cls(InfobipSettings.model_validate(settings), base_url)

    def request(self, message: Message) -> HttpRequest:
        sms: dict[str, object] = {
            "destinations": [{"to": digits(message.to)}],
            "content": {"text": message.text},
        }
        sender = self.account.sender or message.sender
        if sender is not None:
            sms["sender"] = digits(sender)
        if message.country == "IN" and self.account.india_entity is not None:
            dlt = {"principalEntityId": self.account.india_entity}
            if self.account.india_template is not None:
                dlt["contentTemplateId"] = self.account.india_template
            sms["options"] = {"regional": {"indiaDlt": dlt}}
        headers = {
            "Authorization": f"App {self.account.api_key.get_secret_value()}",
            "Accept": "application/json",
        }
        return HttpRequest(f"{self.base}/sms/3/messages", headers, json={"messages": [sms]})

    def read(self, response: HttpResponse) -> Receipt:
        """A 200 is about the request; the group of the message's status says whether it was taken on."""
        body = parsed(response.body)
        sms = at(body, "messages", 0)
        group = at(sms, "status", "groupId")
        if response.status == 200 and group in TAKEN and is_id(at(sms, "messageId")):
            return accepted(at(sms, "messageId"))
        if isinstance(group, int) and group not in TAKEN and 200 <= response.status < 300:
            known, otherwise = (
                (STATUSES, Outcome.CONFIGURATION) if group in UNSENT else ({}, Outcome.AMBIGUOUS)
            )
            return judged(response, at(sms, "status", "id"), known, otherwise)
        legacy = at(body, "requestError", "serviceException", "messageId")
        return judged(response, at(body, "errorCode") or legacy, {})
