"""What every carrier does alike: it knows its account, refuses as planned, and hands messages over."""

import base64
import hmac
import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import phonenumbers
from starlette.requests import Request
from starlette.responses import Response

from ..context import Sandbox
from ..ids import Ids
from . import rules

# What a refusal is about, in words that fit every carrier.
Kind = Literal[
    "number",
    "opted_out",
    "sender",
    "text",
    "country",
    "throttled",
    "balance",
    "credentials",
    "account",
    "internal",
]
# The seed document with every carrier's account: {carrier: {environment variable: value}}.
ACCOUNTS = "carriers"

Handler = Callable[[Request], Awaitable[Response]]
# Method, path below the carrier's base URL ("" for the base itself), handler.
Endpoint = tuple[str, str, Handler]


@dataclass(frozen=True)
class Failure:
    """One documented refusal: the carrier's own code and words, and the HTTP status it comes with."""

    code: str
    status: int
    message: str
    kind: Kind


class RefusedError(Exception):
    """A request that ends with a refusal; `detail` is what the carrier adds to the failure's words."""

    def __init__(self, failure: Failure, detail: str = "") -> None:
        super().__init__(failure.code)
        self.failure = failure
        self.detail = detail


class Carrier(ABC):
    """A carrier of the sandbox; its routes are mounted at /carriers/<name> on Twilio's port."""

    name: ClassVar[str]
    failures: ClassVar[tuple[Failure, ...]]

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    @classmethod
    @abstractmethod
    def account(cls, ids: Ids) -> dict[str, str]:
        """Fresh credentials, by the names of the environment variables a gateway reads them from."""

    @abstractmethod
    def endpoints(self) -> list[Endpoint]:
        """The API: its handlers may raise RefusedError."""

    @abstractmethod
    def refuse(self, error: RefusedError) -> Response:
        """The failure in the carrier's envelope."""

    @property
    def credentials(self) -> dict[str, str]:
        accounts = self.sandbox.store.get("seed", ACCOUNTS) or {}
        return dict(accounts.get(self.name, {}))

    def failure(self, code: str) -> Failure:
        return next(failure for failure in self.failures if failure.code == code)

    def refusal(self, code: str, detail: str = "") -> RefusedError:
        return RefusedError(self.failure(code), detail)

    def check_plan(self, to: str) -> None:
        """Raise what a rule has planned for the next message to this number."""
        answer = rules.due(self.sandbox, self.name, to, self.answers())
        if answer is not None:
            raise RefusedError(next(f for f in self.failures if answer in (f.code, f.kind)))

    def deliver(self, to: str, sender: str | None, text: str, reference: str, key: str = "") -> None:
        """Put the message on the handset; `to` is E.164 with its plus, `key` the client's own reference."""
        self.sandbox.store.append(
            "messages",
            {
                "to": to,
                "from": sender or self.name,
                "body": text,
                "channel": "sms",
                "at": self.sandbox.clock.iso(),
                "carrier": self.name,
                "reference": reference,
                "key": key,
            },
        )

    @classmethod
    def answers(cls) -> set[str]:
        """Every code and every kind a rule may ask this carrier for."""
        return {answer for failure in cls.failures for answer in (failure.code, failure.kind)}


def same(given: str, expected: str | None) -> bool:
    """Whether a credential fits; an account that has none fits nothing."""
    return bool(expected) and hmac.compare_digest(given.encode(), str(expected).encode())


def basic(request: Request) -> tuple[str, str]:
    """User and password of an Authorization header, both empty when there is none."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    try:
        decoded = base64.b64decode(credentials.strip(), validate=True).decode()
    except ValueError:
        return "", ""
    user, _, password = decoded.partition(":")
    return (user, password) if scheme.lower() == "basic" else ("", "")


async def read_json(request: Request) -> Any:
    """The body, or None when it isn't JSON or isn't said to be."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not (kind.startswith("application/") and "json" in kind):
        return None
    try:
        return json.loads(await request.body())
    except ValueError:
        return None


def is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def is_text_or_absent(value: object) -> bool:
    return value is None or isinstance(value, str)


def is_possible(number: object) -> bool:
    """Whether E.164 with its plus could be somebody's: numbers kept for fiction are in no numbering plan."""
    if not isinstance(number, str) or not number.startswith("+") or not number[1:].isdigit():
        return False
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False
