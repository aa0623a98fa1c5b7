"""What was said to the tenant and what it answered, without secrets and numbers: a recording to keep."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

MASK = "***"
_SECRET = re.compile(r"secret|token|password|assertion|authorization|^(?:code|otp|key|value)$", re.IGNORECASE)
_JWT = re.compile(r"\bey[\w-]+\.[\w-]+\.[\w-]*")
_NUMBER = re.compile(r"\+?\d{7,15}\b")


def masked(value: Any, name: str = "") -> Any:
    """A JSON value whose secrets are gone, and whose numbers show their last two digits."""
    if isinstance(value, dict):
        return {key: masked(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item, name) for item in value]
    if isinstance(value, str):
        return MASK if _SECRET.search(name) else text(value)
    return value


def text(value: str) -> str:
    """Words without tokens and whole numbers."""
    return _NUMBER.sub(lambda found: f"{MASK}{found[0][-2:]}", _JWT.sub(MASK, value))


@dataclass
class Recording:
    """Exchanges and findings of one run."""

    exchanges: list[dict[str, Any]] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)

    def add(self, method: str, url: str, sent: Any, status: int, answered: str) -> None:
        self.exchanges.append(
            {
                "method": method,
                "path": text(urlsplit(url).path),
                "request": masked(sent),
                "status": status,
                "response": masked(_read(answered)),
            }
        )

    def as_json(self, domain: str, day: str) -> str:
        """The file to keep; its shape is that of no other recording."""
        kept = {"domain": domain, "day": day, "findings": self.findings, "exchanges": self.exchanges}
        return json.dumps(kept, indent=1) + "\n"


def _read(answered: str) -> Any:
    try:
        return json.loads(answered)
    except ValueError:
        return answered[:500]
