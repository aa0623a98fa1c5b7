"""Settings from the environment and the stage file: read once, at start, every problem in one message."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from pydantic import SecretStr

from serving.environment import MAKE_A_KEY, Environment, SettingsError

from .carriers import AnyCarrier, collect
from .contract import Contract, load_contract
from .stage import Stage, parse_stage

KEY_BYTES = 32
BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
# 32 bytes or more as `openssl rand -base64` writes them: padded, which no key of ours is.
PADDED = re.compile(r"[A-Za-z0-9+/]{42,}={1,2}")
TOKEN = re.compile(r"[!-~]{16,512}")
ENCODED = ("base64",)
TRACES = "OTEL_EXPORTER_OTLP_ENDPOINT"
TRACES_PACKAGES = "opentelemetry-sdk opentelemetry-exporter-otlp-proto-http"


@dataclass(frozen=True)
class Settings:
    """Everything the gateway needs. `keys` in bytes: the current one, then the previous if there is one."""

    contract: Contract
    stage: Stage
    stage_digest: str
    keys: tuple[bytes, ...] = field(repr=False)
    carriers: Mapping[str, AnyCarrier]
    metrics_token: SecretStr | None
    redis_url: SecretStr | None
    traces: bool

    @property
    def naming_key(self) -> bytes:
        """What names are keyed by. During a rotation it is the previous secret, which gateways that haven't
        got the new one yet have, too: old and new ones count and remember together."""
        return self.keys[-1]


def is_wanted(environ: Mapping[str, str]) -> bool:
    """Whether the environment names a stage file for the gateway."""
    return bool(environ.get(_contract().gateway_environment.stage_file, "").strip())


def _contract() -> Contract:
    try:
        return load_contract()
    except (OSError, ValueError) as error:
        raise SettingsError(
            ["action_src/contract.json is missing or damaged: deploy it beside the gateway"], "gateway"
        ) from error


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read and judge the environment; SettingsError names every variable that is wrong, and its remedy."""
    contract = _contract()
    environment, names = Environment(environ), contract.gateway_environment
    stage, digest = environment.stage(
        names.stage_file, parse_stage, contract.digest, together="gateway and connection"
    )
    base64_encoded = stage is not None and stage.secret_encoding in ENCODED
    keys = [
        _key(environment, names.secret, base64_encoded),
        _key(environment, names.secret_previous, base64_encoded, optional=True),
    ]
    environment.distinct([names.secret, names.secret_previous])
    carriers = collect(stage, environment) if stage else {}
    settings = Settings(
        contract=contract,
        stage=stage,  # type: ignore[arg-type] # none only with problems, and then nobody sees this
        stage_digest=digest,
        keys=tuple(key for key in keys if key),
        carriers=carriers,
        metrics_token=_metrics_token(environment, names.metrics_token),
        redis_url=environment.store(contract.environment.redis_url, contract.environment.single_process),
        traces=_traces(environment),
    )
    _authorities(environment)
    if environment.problems:
        raise SettingsError(environment.problems, "gateway")
    return settings


def _key(environment: Environment, name: str, base64_encoded: bool, optional: bool = False) -> bytes:
    value, problems = environment.value(name), environment.problems
    if not value:
        if not optional:
            problems.append(f"{name} is not set: {MAKE_A_KEY}, and give the connection the same")
        return b""
    if base64_encoded:
        key = _decoded(value)
        if key is None:
            problems.append(
                f"{name} is no base64, but the stage says sms.secretEncoding: base64. "
                "Set the encoded key, or set sms.secretEncoding to text and render the stage again"
            )
            return b""
    else:
        key = value.encode()
        if PADDED.fullmatch(value):
            problems.append(
                f"{name} looks like base64, but the stage says sms.secretEncoding: text. "
                f"Set sms.secretEncoding to base64 and render the stage again, or {MAKE_A_KEY}"
            )
    if len(key) < KEY_BYTES:
        problems.append(f"{name} has {len(key)} bytes and must have {KEY_BYTES} or more: {MAKE_A_KEY}")
    return key


def _decoded(value: str) -> bytes | None:
    if not BASE64.fullmatch(value):
        return None
    plain = value.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        return None


def _metrics_token(environment: Environment, name: str) -> SecretStr | None:
    value = environment.value(name)
    if value and not TOKEN.fullmatch(value):
        environment.problems.append(f"{name} must be 16 or more visible characters: {MAKE_A_KEY}")
    return SecretStr(value) if value else None


def _traces(environment: Environment) -> bool:
    wanted = bool(environment.value(TRACES))
    if wanted and not (find_spec("opentelemetry") and find_spec("opentelemetry.exporter.otlp.proto.http")):
        environment.problems.append(
            f"{TRACES} is set and OpenTelemetry isn't installed: pip install {TRACES_PACKAGES}"
        )
    return wanted


def _authorities(environment: Environment) -> None:
    file = environment.value("SSL_CERT_FILE")
    if file and not Path(file).is_file():
        environment.problems.append("SSL_CERT_FILE names no file: set it to the authorities' PEM file")
