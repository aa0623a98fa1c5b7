"""What a carrier is to the gateway: from a message to a request, and from an answer to a receipt."""

from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from typing import ClassVar, Protocol, Self

from pydantic import BaseModel, ConfigDict

from serving.values import value


class Outcome(Enum):
    """What became of one attempt. Only ACCEPTED lets the gateway answer 200."""

    ACCEPTED = "accepted"  # the carrier has taken the message on
    REFUSED = "refused"  # this message or number will never do, with any try
    OPTED_OUT = "opted_out"  # the recipient wants no messages from this sender
    RETRYABLE = "retryable"  # certainly not sent; later or elsewhere it may work
    CONFIGURATION = (
        "configuration"  # account, key, balance or sender: the operator's to mend; elsewhere it may work
    )
    AMBIGUOUS = "ambiguous"  # nobody knows whether it was sent


@value
class Message:
    """One SMS. `to` is E.164 with its plus, `country` its ISO 3166 code, `key` a digest for carriers that
    take a client reference (32 hex digits); a repeat mostly has the same, but not surely."""

    to: str
    text: str = field(repr=False)
    sender: str | None
    country: str
    key: str


@value
class HttpRequest:
    """One HTTP request to a carrier. A POST has exactly one of `json`, `form` and `content`."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: object | None = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    content: bytes | None = field(default=None, repr=False)
    method: str = "POST"


@value
class HttpResponse:
    """A carrier's answer, at most 64 KiB of its body."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@value
class Receipt:
    """What an answer means. `reference` is the carrier's id of the message; `code` its error code, never its
    words, which may quote the number or the text. `retry_after` in seconds, when the carrier said so.
    `status` is the HTTP status of the answer, none when there was no answer; `late` when the time was over
    before anything was sent, which says nothing about the carrier."""

    outcome: Outcome
    reference: str | None = None
    code: str | None = None
    retry_after: float | None = None
    status: int | None = None
    late: bool = False

    def under(self, status: int) -> "Receipt":
        """The same, from an answer with this HTTP status."""
        return Receipt(self.outcome, self.reference, self.code, self.retry_after, status, self.late)


class CarrierSettings(BaseModel):
    """A carrier's settings. A field names its environment variable: `json_schema_extra={"env": …}`."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Carrier(Protocol):
    """A carrier that speaks HTTP. Made once, at start; its base URL has no final slash."""

    name: ClassVar[str]
    settings: ClassVar[type[CarrierSettings]]
    # The base URL when the stage names none, and the hosts (or their parents) a stage may name instead.
    base_url: ClassVar[str]
    hosts: ClassVar[tuple[str, ...]]
    # Seconds for one whole attempt.
    timeout: ClassVar[float]

    @classmethod
    def of(cls, settings: CarrierSettings, base_url: str) -> Self:
        """The carrier with its settings, which are of the class `settings`."""
        ...

    def request(self, message: Message) -> HttpRequest:
        """The request that has the message sent. It may read the clock, nothing else."""
        ...

    def read(self, response: HttpResponse) -> Receipt:
        """What the answer means. Whatever the bytes are, it returns; what it can't understand under a 2xx
        status is AMBIGUOUS, under any other what the status says."""
        ...


class Sending(Protocol):
    """A carrier reached through an SDK of its own."""

    name: ClassVar[str]
    settings: ClassVar[type[CarrierSettings]]
    timeout: ClassVar[float]

    @classmethod
    def of(cls, settings: CarrierSettings, base_url: str) -> Self: ...

    async def send(self, message: Message, seconds: float) -> Receipt:
        """Have it sent within so many seconds; never raises but for cancellation."""
        ...

    async def close(self) -> None: ...
