"""The stage's constants (`gateway/stage.json`): who may ask, where it may go, how much; nothing secret."""

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Literal
from urllib.parse import urlsplit

import limits
import phonenumbers
from limits import RateLimitItem
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from .texts import compile_pattern

Short = Annotated[str, StringConstraints(min_length=1, max_length=255)]


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme != "https" or not parts.hostname or value.endswith("/"):
        raise ValueError("must be an https:// address without a final slash")
    if parts.username is not None:
        raise ValueError("must not hold a user name or password")
    if parts.query or parts.fragment:
        raise ValueError("must have no query")
    return value


def _country(value: str) -> str:
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("must be ISO 3166 country codes in capitals, such as GB")
    return value


def _limit(value: str) -> str:
    parse_limit(value)
    return value


def parse_limit(value: str) -> Sequence[RateLimitItem]:
    """Limits in the notation of the library `limits`, such as `3/10minute;5/hour`; none for no text."""
    try:
        items = limits.parse_many(value) if value else []
    except ValueError:
        items = []
    if (value and not items) or any(item.amount < 1 for item in items):
        raise ValueError("must be limits such as 3/10minute;5/hour;10/day")
    return items


Address = Annotated[str, StringConstraints(max_length=500), AfterValidator(_address)]
Country = Annotated[str, AfterValidator(_country)]
Limit = Annotated[str, AfterValidator(_limit)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", alias_generator=to_camel)


class Limits(_Part):
    number: Limit
    prefix: Limit
    country: Limit
    address: Limit
    total: Limit


class Stage(_Part):
    """One stage. `carriers` in the order in which they are tried, unless the number's country has its own."""

    stage: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    contract: str
    public_base_url: Address
    audience: Short
    subject: Short
    secret_encoding: Literal["text", "base64"]
    countries: Annotated[list[Country], Field(min_length=1)]
    senders: list[Short]
    carriers: Annotated[list[str], Field(min_length=1)]
    carriers_by_country: dict[Country, Annotated[list[str], Field(min_length=1)]]
    carrier_urls: dict[str, Address]
    delivery: Literal["at-least-once", "at-most-once"]
    patterns: list[Annotated[str, StringConstraints(min_length=1, max_length=1000)]]
    code_length: Annotated[int, Field(ge=4, le=10)]
    limits: Limits
    replay_seconds: Annotated[int, Field(ge=1, le=3600)]
    segments: Annotated[int, Field(ge=1, le=10)] = 2

    @cached_property
    def carrier_names(self) -> list[str]:
        """Every carrier that may be used, each once."""
        lists = [self.carriers, *self.carriers_by_country.values()]
        return list(dict.fromkeys(name for names in lists for name in names))

    @property
    def is_on_loopback(self) -> bool:
        """A laptop's: nobody else reaches it, so neighbours on loopback are as they should be."""
        host = urlsplit(self.public_base_url).hostname or ""
        return host == "localhost" or host.endswith(".localhost")


def parse_stage(content: bytes) -> Stage:
    """Read stage.json's bytes; ValueError lists every problem, one a line, without the values."""
    try:
        stage = Stage.model_validate(json.loads(content))
        lines = _pattern_problems(stage)
        if not lines:
            return stage
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        lines = [f"{'.'.join(map(str, p['loc'])) or 'the file'}: {_sentence(p['msg'])}" for p in problems]
    except (ValueError, RecursionError):
        lines = ["the file: is not JSON"]
    raise ValueError("\n".join(lines))


def _pattern_problems(stage: Stage) -> list[str]:
    lines = []
    for at, pattern in enumerate(stage.patterns):
        try:
            compile_pattern(pattern, stage.code_length)
        except ValueError as error:
            lines.append(f"patterns.{at}: {error}")
    return lines


def _sentence(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]
