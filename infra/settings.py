"""What a stage may say: the only judge of a stage's configuration.

`Settings.from_mapping` reads the nested mapping of one stage once, and either returns frozen settings or
raises `SettingsError` with every problem found. The mapping comes from `config`, which asks the engine, or
from `stage_file`, which reads the files.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field

from . import values
from .fields import (
    CLIENT,
    ClientId,
    ConnectionName,
    Country,
    Domain,
    Group,
    Items,
    Key,
    Name,
    Organization,
    SmsSecret,
    TwilioKey,
    TwilioSecret,
    Url,
    VerifyService,
    Version,
    by_stage,
    matching,
    moment,
    text_of,
)
from .host import Hosting, VariableName, VariableValue
from .sms import Sms

DEFAULT_CONSENT = (
    "By continuing you agree to receive messages with a code at this number, to confirm that it is yours. "
    "Message and data rates may apply."
)


class Auth0(Group):
    domain: Domain = Field(examples=["acme.eu.auth0.com"])
    login_hosts: Annotated[tuple[Domain, ...], Items] = Field((), examples=["login.acme.example"])


class Action(Group):
    name: Name = Field("auth0-phone verification", examples=["auth0-phone verification"])


class Bindings(Group):
    before: Annotated[tuple[Name, ...], Items] = Field((), examples=["Link accounts"])
    after: Annotated[tuple[Name, ...], Items] = Field((), examples=["Audit log"])


class Verification(Group):
    enforcement: Literal["off", "observe", "optional", "required"] = Field("off", examples=["observe"])
    flow: Literal["form", "action"] = Field("form", examples=["form"])
    applications: Annotated[tuple[ClientId, ...], Items] = Field((), examples=[CLIENT])
    connections: Annotated[tuple[ConnectionName, ...], Items] = Field(
        (), examples=["Username-Password-Authentication"]
    )
    organizations: Annotated[tuple[Organization, ...], Items] = Field((), examples=["org_9ybsU1dN2dKfDkBi"])
    percentage: Annotated[int, Field(ge=0, le=100)] = Field(100, examples=[100])
    starts_at: Annotated[datetime, BeforeValidator(moment)] | None = Field(
        None, examples=["2026-12-01T09:00:00+01:00"]
    )
    allow_without_redirect: Annotated[tuple[ClientId, ...], Items] = Field((), examples=[CLIENT])
    trusted_connections: Annotated[tuple[ConnectionName, ...], Items] = Field((), examples=["corporate-sso"])


class Phone(Group):
    countries: Annotated[tuple[Country, ...], Items] = Field(examples=["GB"])
    channel: Literal["sms", "call", "whatsapp"] = Field("sms", examples=["sms"])
    # Twilio Verify makes codes of 4 to 10 digits: twilio.com/docs/verify/api/service
    code_length: Annotated[int, Field(ge=4, le=10)] = Field(6, examples=[6])
    # A verification lives ten minutes, so a longer wait would never end.
    resend_seconds: Annotated[int, Field(ge=5, le=600)] = Field(30, examples=[30])


class Twilio(Group):
    verify_url: Annotated[str, by_stage(values.twilio_origin)] = Field(
        "https://verify.twilio.com", examples=["https://verify.twilio.com"]
    )


class Consent(Group):
    mode: Literal["on-form", "at-sign-up"] = Field("on-form", examples=["on-form"])
    text: Annotated[str, text_of(1000, lines=True)] = Field(DEFAULT_CONSENT, examples=[DEFAULT_CONSENT])
    version: Version = Field("1", examples=["2026-11-01"])
    terms_url: Url | None = Field(None, examples=["https://acme.example/terms"])
    privacy_url: Url | None = Field(None, examples=["https://acme.example/privacy"])


class Brand(Group):
    name: Annotated[str, text_of(60)] = Field(examples=["Acme"])
    color: Annotated[str, matching(r"#[0-9a-fA-F]{6}", "a colour such as #0b5fff")] = Field(
        "#0b5fff", examples=["#0b5fff"]
    )


class Secrets(Group):
    request_key: Key | None = None
    request_key_previous: Key | None = None
    result_key: Key | None = None
    result_key_previous: Key | None = None
    twilio_api_key: TwilioKey | None = None
    twilio_api_secret: TwilioSecret | None = None
    twilio_verify_service: VerifyService | None = None
    sms_gateway_secret: SmsSecret | None = None
    sms_gateway_secret_previous: SmsSecret | None = None
    environment: dict[VariableName, VariableValue] = Field({})


class Settings(Group):
    """One stage, judged: every value is valid by itself and with the others."""

    stage: str
    auth0: Auth0
    public_base_url: Annotated[str, by_stage(values.origin)] = Field(examples=["https://phone.acme.example"])
    claim_namespace: Annotated[str, by_stage(values.claim_namespace)] = Field(
        "", examples=["https://phone.acme.example/"]
    )
    protect: bool = Field(True, examples=["true"])
    action: Action
    bindings: Bindings
    verification: Verification
    phone: Phone
    twilio: Twilio
    sms: Sms
    consent: Consent
    brand: Brand
    hosting: Hosting
    secrets: Secrets

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, object], *, stage: str, require_secrets: bool = True) -> Self:
        """Judge one stage.

        `mapping` is nested as in the stage file: `{"auth0": {"domain": …}, "publicBaseUrl": …}`. Each secret
        in it is a `Secret`; absent, None and blank mean "not set". `require_secrets=False` accepts a stage
        without its secrets, which is enough to render. Raises `SettingsError` with every problem.
        """
        from .judging import judge  # the judge reads this class's fields

        return judge(cls, mapping, stage, require_secrets)
