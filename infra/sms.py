"""What a stage may say of its own SMS: connection, message, gateway, carriers and limits."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from . import values
from .carriers import CarrierName
from .fields import CLIENT, ClientId, ConnectionName, Country, Group, Items, by_stage, matching, text_of

Limited = Literal["number", "prefix", "country", "address", "total"]

DEFAULT_TEMPLATE = "Your code for {{ application.name }} is {{ code }}."
# For one person who mistypes, asks again and comes back the next day; a prefix is a thousand or ten thousand
# neighbouring numbers, which pumping walks through. Whoever sends more than a small product does sets more.
DEFAULT_LIMITS: dict[Limited, str] = {
    "number": "3/10minute;5/hour;10/day",
    "prefix": "20/hour;60/day",
    "country": "500/hour;3000/day",
    "address": "10/10minute;30/hour;60/day",
    "total": "1000/hour;5000/day",
}
# Bounds of the Management API's schema for strategy sms: auth0.com/docs/api/management/v2/connections
TEMPLATE_LIMIT = 5120
CODE_LENGTHS = (4, 10)  # Auth0 takes 40; a person types no more than ten
CODE_SECONDS = (60, 86_400)  # Auth0 names no upper bound; a day is ours

Sender = Annotated[str, AfterValidator(values.sender)]
Carriers = Annotated[tuple[CarrierName, ...], Items]
Claim = Annotated[str, matching(r"[!-~]{1,255}", "a claim of 1 to 255 visible characters, without spaces")]
Pattern = Annotated[str, AfterValidator(values.pattern)]
Rate = Annotated[str, AfterValidator(values.rates)]


def _once_each(carriers: tuple[CarrierName, ...]) -> tuple[CarrierName, ...]:
    twice = [name for place, name in enumerate(carriers) if name in carriers[:place]]
    if twice:
        raise ValueError(f"repeats '{twice[0]}'")
    return carriers


def _over_defaults(given: dict[Limited, str]) -> dict[Limited, str]:
    return DEFAULT_LIMITS | given


class Sms(Group):
    """`gateway_url` and `audience` follow from the public address when the stage names none."""

    mode: Literal["off", "gateway", "provider"] = Field("off", examples=["gateway"])
    connection_name: ConnectionName = Field("sms", examples=["sms"])
    sender: Sender | None = Field(None, alias="from", examples=["+14155550100"])
    syntax: Literal["liquid", "md_with_macros"] = Field("liquid", examples=["liquid"])
    template: Annotated[str, text_of(TEMPLATE_LIMIT, lines=True)] = Field(
        DEFAULT_TEMPLATE, examples=[DEFAULT_TEMPLATE]
    )
    code_length: Annotated[int, Field(ge=CODE_LENGTHS[0], le=CODE_LENGTHS[1])] = Field(6, examples=[6])
    code_seconds: Annotated[int, Field(ge=CODE_SECONDS[0], le=CODE_SECONDS[1])] = Field(180, examples=[180])
    brute_force_protection: bool = Field(True, examples=["true"])
    sign_up: bool = Field(True, examples=["true"])
    forward_request_info: bool = Field(True, examples=["true"])
    applications: Annotated[tuple[ClientId, ...], Items] = Field((), examples=[CLIENT])
    applications_owner: Literal["all", "each"] = Field("each", examples=["each"])
    subject: Claim = Field("auth0-phone/sms", examples=["auth0-phone/sms"])
    audience: Claim = Field("", examples=["https://phone.acme.example/sms"])
    secret_encoding: Literal["text", "base64"] = Field("text", examples=["text"])
    gateway_url: Annotated[str, by_stage(values.gateway_url)] = Field(
        "", examples=["https://phone.acme.example/sms"]
    )
    countries: Annotated[tuple[Country, ...], Items] = Field((), examples=["GB"])
    carriers: Carriers = Field((), examples=["clickatell"])
    carriers_by_country: dict[Country, Annotated[Carriers, AfterValidator(_once_each)]] = Field(
        {}, examples=["clickatell"]
    )
    carrier_urls: dict[CarrierName, Annotated[str, by_stage(values.service)]] = Field(
        {}, examples=["https://sms.acme.example"]
    )
    delivery: Literal["at-least-once", "at-most-once"] = Field("at-least-once", examples=["at-least-once"])
    patterns: Annotated[tuple[Pattern, ...], Items] = Field((), examples=["Your code for {text} is {code}."])
    limits: Annotated[dict[Limited, Rate], AfterValidator(_over_defaults)] = Field(
        DEFAULT_LIMITS, examples=["5/hour;10/day"]
    )
    delivery_methods: Annotated[tuple[Literal["text", "voice"], ...], Items] = Field(
        ("text",), examples=["text"]
    )
    notification_templates: bool = Field(True, examples=["true"])
