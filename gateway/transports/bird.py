"""Bird, Channels API: the successor of MessageBird.

Documented: https://docs.bird.com/api/quickstarts/send-an-sms-message,
https://docs.bird.com/api/channels-api/message-status-and-interactions and
https://docs.bird.com/api/channels-api/rate-limit (a 429 was not processed). The sender is the channel's.
"""

from dataclasses import dataclass, field
from typing import ClassVar, Self

from .answers import accepted, at, is_id, judged, parsed
from .base import CarrierSettings, HttpRequest, HttpResponse, Message, Receipt
from .credentials import Secret, Uuid, variable

TAKEN = frozenset({"accepted", "processing", "sent", "delivered"})


class BirdSettings(CarrierSettings):
    access_key: Secret = variable("BIRD_ACCESS_KEY", "access key with the role Application Developer")
    workspace: Uuid = variable("BIRD_WORKSPACE_ID", "the workspace's id")
    channel: Uuid = variable("BIRD_CHANNEL_ID", "the SMS channel's id")


@dataclass(frozen=True)
class Bird:
    name: ClassVar[str] = "bird"
    settings: ClassVar[type[CarrierSettings]] = BirdSettings
    base_url: ClassVar[str] = "https://api.bird.com"
    hosts: ClassVar[tuple[str, ...]] = ("api.bird.com",)
    timeout: ClassVar[float] = 8.0

    account: BirdSettings = field(repr=False)
    base: str

    @classmethod
    def of(cls, settings: CarrierSettings, base_url: str) -> Self:
        return cls(BirdSettings.model_validate(settings), base_url)

    def request(self, message: Message) -> HttpRequest:
        contact = {"identifierKey": "phonenumber", "identifierValue": message.to}
        sms = {
            "receiver": {"contacts": [contact]},
            "body": {"type": "text", "text": {"text": message.text}},
        }
        headers = {"Authorization": f"AccessKey {self.account.access_key.get_secret_value()}"}
        path = f"/workspaces/{self.account.workspace}/channels/{self.account.channel}/messages"
        return HttpRequest(self.base + path, headers, json=sms)

    def read(self, response: HttpResponse) -> Receipt:
        body = parsed(response.body)
        status = at(body, "status")
        taken = isinstance(status, str) and status in TAKEN
        if response.status in (200, 201, 202) and taken and is_id(at(body, "id")):
            return accepted(at(body, "id"))
        return judged(response, at(body, "code"), {})
