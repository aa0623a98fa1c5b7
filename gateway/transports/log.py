"""No carrier at all: the message is written to the service's own output, to be read on a laptop."""

import json
import sys
from dataclasses import dataclass
from typing import ClassVar, Self

from .base import CarrierSettings, Message, Outcome, Receipt


class LogSettings(CarrierSettings):
    """Nothing to set."""


@dataclass(frozen=True)
class Log:
    name: ClassVar[str] = "log"
    settings: ClassVar[type[CarrierSettings]] = LogSettings
    base_url: ClassVar[str] = ""
    hosts: ClassVar[tuple[str, ...]] = ()
    timeout: ClassVar[float] = 1.0
    # It shows codes in clear: any stage but a laptop's refuses it.
    development: ClassVar[bool] = True

    @classmethod
    def of(cls, settings: CarrierSettings, base_url: str) -> Self:
        return cls()

    async def send(self, message: Message, seconds: float) -> Receipt:
        """One line of JSON on the standard output: no character of a text can pass for another line."""
        sms = {"carrier": self.name, "to": message.to, "sender": message.sender, "text": message.text}
        try:
            sys.stdout.write(json.dumps(sms) + "\n")
            sys.stdout.flush()
        except (OSError, ValueError):
            return Receipt(Outcome.RETRYABLE, code="output_closed")
        return Receipt(Outcome.ACCEPTED, reference=message.key)

    async def close(self) -> None:
        return None
