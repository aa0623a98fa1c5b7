"""What the form, the Actions and the deployment agree on, read from `action_src/contract.json`."""

import hashlib
import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class _Terms(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", alias_generator=to_camel)


class RequestClaims(_Terms):
    login_host: str
    flow: str
    phone: str
    proven: str
    notice: str
    skippable: str


class RequestTerms(_Terms):
    """The token that brings a person here: a JWE made by the Action. Lifetime in seconds."""

    parameter: str
    typ: str
    key_info: str
    audience: str
    lifetime_seconds: int
    claims: RequestClaims
    notices: list[str]


class ResultClaims(_Terms):
    state: str
    outcome: str
    sealed: str
    consent_at: str
    consent_version: str


class SealedClaims(_Terms):
    phone: str
    code: str


class ResultTerms(_Terms):
    """The token that takes a person back: a signed JWT around a JWE. Lifetime in seconds."""

    parameter: str
    typ: str
    audience: str
    lifetime_seconds: int
    sealed_typ: str
    sealed_key_info: str
    claims: ResultClaims
    sealed_claims: SealedClaims


class Paths(_Terms):
    start: str
    transaction: str
    health: str
    continue_: str

    model_config = ConfigDict(alias_generator=lambda name: name.rstrip("_"))


class EnvironmentNames(_Terms):
    """Names of the environment variables that the form reads."""

    request_key: str
    request_key_previous: str
    result_key: str
    twilio_api_key: str
    twilio_api_secret: str
    twilio_verify_service: str
    stage_file: str
    redis_url: str
    single_process: str


class Contract(_Terms):
    digest: str
    request: RequestTerms
    result: ResultTerms
    paths: Paths
    environment: EnvironmentNames


def contract_file() -> Path:
    """Where the contract lies: beside this package, in the repository, the wheel and the bundle alike."""
    return Path(__file__).parent.parent / "action_src" / "contract.json"


def load_contract(path: Path | None = None) -> Contract:
    """Read the contract; its digest is `sha256:` and the hex digest of the file's bytes."""
    content = (path or contract_file()).read_bytes()
    document = json.loads(content)
    return Contract.model_validate({**document, "digest": digest_of(content)})


def digest_of(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()
