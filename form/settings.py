"""Settings from the environment: read once, at start, with every problem in one message."""

import re
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, SecretStr

from serving.addresses import HEADER_NAME
from serving.build import read_build
from serving.environment import MAKE_A_KEY, Environment, SettingsError

from .contract import Contract, EnvironmentNames, load_contract
from .stage import Stage, parse_stage

KEY = re.compile(r"[A-Za-z0-9_-]{43,}")


class TwilioAccount(BaseModel):
    model_config = ConfigDict(frozen=True)

    api_key: SecretStr
    api_secret: SecretStr
    verify_service: str


class Settings(BaseModel):
    """Everything the form needs. `request_keys`: the current one, then the previous one if there is one;
    `twilio` is None for a stage whose Action does the sending; `client_address_header` is the one in which
    the host's proxy gives the visitor's address; `build` is the build's id, where a deployment has one."""

    model_config = ConfigDict(frozen=True)

    contract: Contract
    stage: Stage
    stage_digest: str
    request_keys: tuple[SecretStr, ...]
    result_key: SecretStr
    twilio: TwilioAccount | None
    redis_url: SecretStr | None
    client_address_header: str | None
    build: str | None


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read and judge the environment; SettingsError names every variable that is wrong, and its remedy."""
    try:
        contract = load_contract()
    except (OSError, ValueError) as error:
        raise SettingsError(
            ["action_src/contract.json is missing or damaged: deploy it beside the form"]
        ) from error
    environment, names = Environment(environ), contract.environment
    stage, stage_digest = environment.stage(
        names.stage_file, parse_stage, contract.digest, together="form and Action"
    )
    settings = Settings.model_construct(
        contract=contract,
        stage=stage,
        stage_digest=stage_digest,
        request_keys=_request_keys(environment, names),
        result_key=SecretStr(_key(environment, names.result_key)),
        twilio=_twilio(environment, names) if stage is None or stage.sends else None,
        redis_url=environment.store(names.redis_url, names.single_process),
        client_address_header=_header(environment, names.client_address_header),
        build=_build(environment),
    )
    environment.distinct([names.request_key, names.request_key_previous, names.result_key])
    if environment.problems:
        raise SettingsError(environment.problems)
    return settings


def _header(environment: Environment, name: str) -> str | None:
    value = environment.value(name)
    if value and not HEADER_NAME.fullmatch(value):
        environment.problems.append(
            f"{name} must be the name of the header in which the host's own proxy gives the visitor's "
            "address, such as x-vercel-forwarded-for, or be left out"
        )
    return value or None


def _build(environment: Environment) -> str | None:
    try:
        return read_build()
    except (OSError, ValueError):
        environment.problems.append("build.json can't be read: deploy the service again")
        return None


def _twilio(environment: Environment, names: EnvironmentNames) -> TwilioAccount:
    secret = re.compile(r"[!-~]{8,}")
    key = environment.text(names.twilio_api_key, _twilio_id("AC", "SK"), "AC… or SK…")
    return TwilioAccount(
        api_key=SecretStr(key),
        api_secret=SecretStr(environment.text(names.twilio_api_secret, secret, "the key's secret")),
        verify_service=environment.text(names.twilio_verify_service, _twilio_id("VA"), "VA…"),
    )


def _key(environment: Environment, name: str, optional: bool = False) -> str:
    value = environment.value(name)
    if not value and not optional:
        environment.problems.append(f"{name} is not set: {MAKE_A_KEY}, and give the Action the same")
    elif value and not KEY.fullmatch(value):
        environment.problems.append(f"{name} must be at least 32 random bytes as base64url: {MAKE_A_KEY}")
    return value


def _request_keys(environment: Environment, names: EnvironmentNames) -> tuple[SecretStr, ...]:
    current = _key(environment, names.request_key)
    previous = _key(environment, names.request_key_previous, optional=True)
    return tuple(SecretStr(key) for key in (current, previous) if key)


def _twilio_id(*prefixes: str) -> re.Pattern[str]:
    return re.compile(rf"({'|'.join(prefixes)})[0-9A-Za-z]{{8,64}}")
