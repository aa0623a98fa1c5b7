"""The form fields of a request, checked: each refusal is 60200 or what Twilio has for the case."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args
from urllib.parse import parse_qsl

import phonenumbers
from starlette.requests import Request

from . import errors

Channel = Literal["sms", "call", "whatsapp"]
# Channels of Twilio's that the sandbox has no way to deliver by.
_ELSEWHERE = ("email", "sna", "auto", "rcs")
_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_CODE = re.compile(r"[^\s]{4,10}")
_LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# Twilio's limit on the friendly name of a service and of one request.
_NAME_LENGTH = 30


@dataclass(frozen=True)
class Start:
    """POST Verifications. `friendly_name` and `locale` are None unless given."""

    to: str
    channel: Channel
    friendly_name: str | None
    locale: str | None


@dataclass(frozen=True)
class Check:
    """POST VerificationCheck. `target` is the verification's SID or the number."""

    code: str
    target: str


async def form(request: Request) -> dict[str, str]:
    """The body's fields. Twilio reads form encoding alone: in JSON it sees no parameters at all."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return {}
    body = (await request.body()).decode("utf-8", "replace")
    return dict(parse_qsl(body))


def start(fields: Mapping[str, str]) -> Start:
    channel = _channel(_required(fields, "Channel"))
    to = _number(_required(fields, "To"), channel)
    if "CustomCode" in fields:
        raise errors.not_enabled("custom code")
    name = fields.get("CustomFriendlyName")
    if name is not None and len(name) > _NAME_LENGTH:
        raise errors.invalid("CustomFriendlyName", name)
    locale = fields.get("Locale")
    if locale is not None and not _LOCALE.fullmatch(locale):
        raise errors.invalid("Locale", locale)
    return Start(to, channel, name, locale)


def check(fields: Mapping[str, str]) -> Check:
    code = _required(fields, "Code")
    if not _CODE.fullmatch(code):
        raise errors.invalid("Code", code)
    target = fields.get("VerificationSid") or fields.get("To")
    if target is None:
        raise errors.missing("To or VerificationSid")
    return Check(code, target)


def status(fields: Mapping[str, str]) -> Literal["approved", "canceled"]:
    wanted = _required(fields, "Status")
    if wanted not in ("approved", "canceled"):
        raise errors.invalid("Status", wanted)
    return cast(Literal["approved", "canceled"], wanted)


def _required(fields: Mapping[str, str], name: str) -> str:
    value = fields.get(name)
    if value is None:
        raise errors.missing(name)
    return value


def _channel(value: str) -> Channel:
    if value in _ELSEWHERE:
        raise errors.unknown_to_sandbox(f"the channel {value}")
    if value not in get_args(Channel):
        raise errors.invalid("Channel", value)
    return cast(Channel, value)


def _number(value: str, channel: Channel) -> str:
    """Possible rather than valid: the ranges kept for fiction (+447700900123) are in no numbering plan."""
    if not _E164.fullmatch(value):
        raise errors.invalid("To", value)
    try:
        parsed = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        raise errors.invalid("To", value) from None
    if not phonenumbers.is_possible_number(parsed):
        raise errors.invalid("To", value)
    if channel == "sms" and phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.FIXED_LINE:
        raise errors.landline()
    return value
