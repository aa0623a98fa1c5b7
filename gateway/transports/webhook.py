"""A signed webhook: any service of your own that can receive a POST.

Documented in docs/carriers.md, since both sides are yours. The receiver compares HMAC-SHA256 (RFC 2104) over
timestamp + "." + body with the header X-Sms-Signature, "sha256=" and 64 hex digits; old ones it refuses.
"""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, SecretStr

from .answers import accepted, at, judged, parsed
from .base import CarrierSettings, HttpRequest, HttpResponse, Message, Outcome, Receipt
from .credentials import Secret, variable

TIMESTAMP = "X-Sms-Timestamp"
SIGNATURE = "X-Sms-Signature"
STATUSES = {
    "refused": Outcome.REFUSED,
    "opted_out": Outcome.OPTED_OUT,
    "retry": Outcome.RETRYABLE,
    "misconfigured": Outcome.CONFIGURATION,
}


def _long(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < 32:
        raise ValueError("should have at least 32 characters")
    return secret


class WebhookSettings(CarrierSettings):
    secret: Annotated[Secret, AfterValidator(_long)] = variable(
        "SMS_WEBHOOK_SECRET", "the key that both sides sign with, 32 characters or more"
    )


@dataclass(frozen=True)
class Webhook:
    name: ClassVar[str] = "webhook"
    settings: ClassVar[type[CarrierSettings]] = WebhookSettings
    # Nobody's by default: the stage names it, any public host.
    base_url: ClassVar[str] = ""
    hosts: ClassVar[tuple[str, ...]] = ()
    timeout: ClassVar[float] = 8.0

    account: WebhookSettings = field(repr=False)
    base: str

    @classmethod
    def of(cls, settings: CarrierSettings, base_url: str) -> Self:
        return cls(WebhookSettings.model_validate(settings), base_url)

    def request(self, message: Message) -> HttpRequest:
        sms = {"to": message.to, "text": message.text, "sender": message.sender, "key": message.key}
        content = json.dumps(sms).encode()
        timestamp = str(int(time.time()))
        secret = self.account.secret.get_secret_value().encode()
        signature = hmac.new(secret, timestamp.encode() + b"." + content, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            TIMESTAMP: timestamp,
            SIGNATURE: f"sha256={signature}",
        }
        return HttpRequest(self.base, headers, content=content)

    def read(self, response: HttpResponse) -> Receipt:
        """Accepted is `{"status": "accepted", "id": …}` under a 2xx. Another status says which kind of
        failure it is and that nothing was sent, under any HTTP status: the receiver is ours to believe."""
        body = parsed(response.body)
        status = at(body, "status")
        if 200 <= response.status < 300 and status == "accepted":
            return accepted(at(body, "id"))
        known = isinstance(status, str) and status in STATUSES
        return judged(response, status if known else None, STATUSES)
