"""Settings from the environment: read once, at start, with every problem in one message."""

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr

from .contract import Contract, EnvironmentNames, digest_of, load_contract
from .stage import Stage, parse_stage

KEY = re.compile(r"[A-Za-z0-9_-]{43,}")
MAKE_A_KEY = "make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))'"


class TwilioAccount(BaseModel):
    model_config = ConfigDict(frozen=True)

    api_key: SecretStr
    api_secret: SecretStr
    verify_service: str


class Settings(BaseModel):
    """Everything the form needs. `request_keys`: the current one, then the previous one if there is one;
    `twilio` is None for a stage whose Action does the sending."""

    model_config = ConfigDict(frozen=True)

    contract: Contract
    stage: Stage
    stage_digest: str
    request_keys: tuple[SecretStr, ...]
    result_key: SecretStr
    twilio: TwilioAccount | None
    redis_url: SecretStr | None


class SettingsError(Exception):
    """The environment won't do; the text has one line for each problem and never shows a value."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("The form can't start:\n" + "\n".join(f"- {problem}" for problem in problems))


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read and judge the environment; SettingsError names every variable that is wrong, and its remedy."""
    try:
        contract = load_contract()
    except (OSError, ValueError) as error:
        raise SettingsError(
            ["action_src/contract.json is missing or damaged: deploy it beside the form"]
        ) from error
    return _Reader(environ, contract).settings()


class _Reader:
    def __init__(self, environ: Mapping[str, str], contract: Contract) -> None:
        self.environ = environ
        self.contract = contract
        self.problems: list[str] = []

    def settings(self) -> Settings:
        names = self.contract.environment
        stage, stage_digest = self._stage(names.stage_file)
        settings = Settings.model_construct(
            contract=self.contract,
            stage=stage,
            stage_digest=stage_digest,
            request_keys=self._request_keys(names.request_key, names.request_key_previous),
            result_key=SecretStr(self._key(names.result_key)),
            twilio=self._twilio(names) if stage is None or stage.sends else None,
            redis_url=self._store(names.redis_url, names.single_process),
        )
        self._distinct([names.request_key, names.request_key_previous, names.result_key])
        if self.problems:
            raise SettingsError(self.problems)
        return settings

    def _value(self, name: str) -> str:
        return self.environ.get(name, "").strip()

    def _text(self, name: str, shape: re.Pattern[str], example: str) -> str:
        value = self._value(name)
        if not value:
            self.problems.append(f"{name} is not set: set it to {example}")
        elif not shape.fullmatch(value):
            self.problems.append(f"{name} has the wrong shape: it should be {example}")
        return value

    def _twilio(self, names: EnvironmentNames) -> TwilioAccount:
        secret = re.compile(r"[!-~]{8,}")
        return TwilioAccount(
            api_key=SecretStr(self._text(names.twilio_api_key, _twilio_id("AC", "SK"), "AC… or SK…")),
            api_secret=SecretStr(self._text(names.twilio_api_secret, secret, "the key's secret")),
            verify_service=self._text(names.twilio_verify_service, _twilio_id("VA"), "VA…"),
        )

    def _key(self, name: str, optional: bool = False) -> str:
        value = self._value(name)
        if not value and not optional:
            self.problems.append(f"{name} is not set: {MAKE_A_KEY}, and give the Action the same")
        elif value and not KEY.fullmatch(value):
            self.problems.append(f"{name} must be at least 32 random bytes as base64url: {MAKE_A_KEY}")
        return value

    def _request_keys(self, current: str, previous: str) -> tuple[SecretStr, ...]:
        keys = [self._key(current), self._key(previous, optional=True)]
        return tuple(SecretStr(key) for key in keys if key)

    def _distinct(self, names: list[str]) -> None:
        seen: dict[str, str] = {}
        for name in names:
            if (value := self._value(name)) and value in seen:
                self.problems.append(
                    f"{name} equals {seen[value]}: each needs a key of its own; {MAKE_A_KEY}"
                )
            seen.setdefault(value, name)

    def _stage(self, name: str) -> tuple[Stage | None, str]:
        path = self._value(name)
        if not path:
            self.problems.append(f"{name} is not set: set it to the path of the stage's stage.json")
            return None, ""
        try:
            content = Path(path).read_bytes()
            stage = parse_stage(content)
        except OSError:
            self.problems.append(f"{name} names a file that can't be read: render the stage again")
            return None, ""
        except ValueError as error:
            self.problems += [f"{name}: {line}" for line in str(error).splitlines()]
            return None, ""
        if stage.contract != self.contract.digest:
            self.problems.append(
                f"{name} was made for another version of the contract (action_src/contract.json): "
                "render the stage again and deploy form and Action together"
            )
        return stage, digest_of(content)

    def _store(self, redis_name: str, single_name: str) -> SecretStr | None:
        url, single = self._value(redis_name), self._value(single_name)
        if single not in ("", "0", "1"):
            self.problems.append(f"{single_name} must be 1 (one process only) or be left out")
        if not url:
            if single != "1":
                self.problems.append(
                    f"{redis_name} is not set: limits need a Redis that all processes share; "
                    f"with one process only, set {single_name}=1"
                )
            return None
        if not re.fullmatch(r"(redis|rediss|unix)://\S+", url):
            self.problems.append(f"{redis_name} must start with redis://, rediss:// or unix://")
        return SecretStr(url)


def _twilio_id(*prefixes: str) -> re.Pattern[str]:
    return re.compile(rf"({'|'.join(prefixes)})[0-9A-Za-z]{{8,64}}")
