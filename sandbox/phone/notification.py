"""One message to a person, as the tenant's phone provider is asked to send it."""

from dataclasses import asdict, dataclass, field, replace
from typing import Literal

from ..login.incoming import Incoming
from ..store import Doc

MessageType = Literal["otp_verify", "otp_enroll", "change_password", "blocked_account", "password_breach"]
DeliveryMethod = Literal["text", "voice"]


@dataclass(frozen=True)
class Notification:
    """What is to be said to whom, and why.

    `recipient` is E.164. `client`, `connection` and `user` are stored documents; the user's is empty for
    somebody who isn't known yet. `text` is what the connection's own template made of the code; the switch
    `phone_template` says whether it or the tenant's template counts.
    """

    recipient: str
    client: Doc
    incoming: Incoming
    code: str | None = None
    message_type: MessageType = "otp_verify"
    delivery_method: DeliveryMethod = "text"
    connection: Doc | None = None
    user: Doc = field(default_factory=dict)
    locale: str | None = None
    text: str | None = None
    correlation_id: str | None = None

    def to_doc(self) -> Doc:
        """As JSON; of the request only who made it, since its parameters may be secrets."""
        return asdict(replace(self, incoming=replace(self.incoming, query={}, body={})))

    @classmethod
    def from_doc(cls, doc: Doc) -> "Notification":
        return cls(**{**doc, "incoming": Incoming(**doc["incoming"])})
