"""The stage's constants (`stage.json`): addresses, countries, texts and looks; nothing secret."""

import json
import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

import phonenumbers
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

HOST = re.compile(r"(?=.{1,253}(:|$))[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")


def _host(value: str) -> str:
    if not HOST.fullmatch(value):
        raise ValueError("must be a host in lower case, with a port if it has one, such as login.example.com")
    return value


def _origin(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme != "https" or not HOST.fullmatch(parts.netloc) or value != f"https://{parts.netloc}":
        raise ValueError("must be https:// and a host, without a path, such as https://phone.example.com")
    return value


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme != "https" or not parts.hostname or parts.username is not None:
        raise ValueError("must be an https:// address")
    return value


def _country(value: str) -> str:
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("must be ISO 3166 country codes in capitals, such as GB")
    return value


Host = Annotated[str, AfterValidator(_host)]
Origin = Annotated[str, AfterValidator(_origin)]
WebAddress = Annotated[str, StringConstraints(max_length=500), AfterValidator(_web_address)]
Country = Annotated[str, AfterValidator(_country)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", alias_generator=to_camel)


class Consent(_Part):
    mode: Literal["on-form", "at-sign-up"]
    text: Annotated[str, StringConstraints(max_length=1000)]
    version: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    terms_url: WebAddress | None
    privacy_url: WebAddress | None


class Brand(_Part):
    name: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    color: Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]


class Stage(_Part):
    """One stage. `login_hosts` are those that a person may be returned to; `resend_seconds` >= 1.

    `flow` is the only one that the stage's requests may have; with `action` Twilio is none of the form's
    business. A stage that names none may have both.
    """

    stage: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    contract: str
    public_base_url: Origin
    flow: Literal["form", "action"] | None = None
    login_hosts: Annotated[list[Host], Field(min_length=1)]
    twilio_verify_url: Origin
    channel: Literal["sms", "call", "whatsapp"]
    countries: Annotated[list[Country], Field(min_length=1)]
    code_length: Annotated[int, Field(ge=4, le=10)]
    resend_seconds: Annotated[int, Field(ge=1, le=600)]
    consent: Consent
    brand: Brand

    @property
    def public_host(self) -> str:
        return self.public_base_url.removeprefix("https://")

    @property
    def sends(self) -> bool:
        return self.flow != "action"

    @property
    def asks_consent(self) -> bool:
        return self.consent.mode == "on-form"


def parse_stage(content: bytes) -> Stage:
    """Read stage.json's bytes; ValueError lists every problem, one a line, without the values."""
    try:
        return Stage.model_validate(json.loads(content))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        lines = [f"{'.'.join(map(str, p['loc'])) or 'the file'}: {_sentence(p['msg'])}" for p in problems]
    except (ValueError, RecursionError):
        lines = ["the file: is not JSON"]
    raise ValueError("\n".join(lines))


def _sentence(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]
