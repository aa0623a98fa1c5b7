"""One line of the carriers' table, and what is made of it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from gateway.transports import carrier_class
from gateway.transports.base import Carrier, CarrierSettings, HttpResponse, Message, Outcome

TO = "+447700900123"
TEXT = "Your code is 482915"
# What an error's words may hold, and a receipt's code never.
WORDS = f"could not send '{TEXT}' to {TO}"
KEY = "0123456789abcdef0123456789abcdef"
BASE = "https://carrier.example/there"


def sms(text: str = TEXT, sender: str | None = None, country: str = "GB", to: str = TO) -> Message:
    return Message(to=to, text=text, sender=sender, country=country, key=KEY)


@dataclass(frozen=True)
class Case:
    """A carrier: its environment, the values of it that must stay hidden, what it sends, what it is answered.

    `taken` is an accepted answer; `error` makes a body with a code; `failures` are (status, code, outcome);
    `others` are answers of another shape, (status, body, outcome, code).
    """

    name: str
    env: Mapping[str, str]
    secrets: Sequence[str]
    sent: Callable[[Any], tuple[str, str, str | None]]
    plus: bool
    taken: tuple[int, Any]
    reference: str
    error: Callable[[Any], Any]
    failures: Sequence[tuple[int, int | str, Outcome]]
    others: Sequence[tuple[int, Any, Outcome, str]] = ()
    sender: str | None = None
    senders: bool = True
    india: Mapping[str, str] = field(default_factory=dict)

    def carrier(self, base: str = BASE, **more: str) -> Carrier:
        kind = carrier_class(self.name)
        made: Carrier = kind.of(settings_of(kind.settings, {**self.env, **more}), base)
        return made

    def accepted(self) -> HttpResponse:
        return answer(*self.taken)


def settings_of(kind: type[CarrierSettings], environ: Mapping[str, str]) -> CarrierSettings:
    """The settings from an environment, by the names that the class states."""
    values = {name: environ[env] for name, env in variables(kind).items() if env in environ}
    return kind.model_validate(values)


def variables(kind: type[CarrierSettings]) -> dict[str, str]:
    """Field → environment variable."""
    found = {}
    for name, info in kind.model_fields.items():
        assert isinstance(info.json_schema_extra, dict), f"{kind.__name__}.{name} names no variable"
        found[name] = str(info.json_schema_extra["env"])
    return found


def answer(status: int, body: Any, headers: Mapping[str, str] | None = None) -> HttpResponse:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpResponse(status, content, headers or {})


def decoded(content_type: str, body: bytes) -> Any:
    """A request's body as the carrier's server sees it."""
    if content_type.startswith("application/x-www-form-urlencoded"):
        fields = parse_qs(body.decode(), keep_blank_values=True, strict_parsing=True)
        assert all(len(values) == 1 for values in fields.values()), "a field was doubled"
        return {name: values[0] for name, values in fields.items()}
    assert content_type.startswith("application/json"), content_type
    return json.loads(body)
