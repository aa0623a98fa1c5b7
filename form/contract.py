"""What the form, the Actions and the deployment agree on, read from `action_src/contract.json`."""

from pathlib import Path

from pydantic import ConfigDict

from serving.contract import Terms, read_contract


class RequestClaims(Terms):
    login_host: str
    flow: str
    phone: str
    proven: str
    notice: str
    skippable: str


class RequestTerms(Terms):
    """The token that brings a person here: a JWE made by the Action. Lifetime in seconds."""

    parameter: str
    typ: str
    key_info: str
    audience: str
    lifetime_seconds: int
    claims: RequestClaims
    notices: list[str]


class ResultClaims(Terms):
    state: str
    outcome: str
    sealed: str
    consent_at: str
    consent_version: str


class SealedClaims(Terms):
    phone: str
    code: str


class ResultTerms(Terms):
    """The token that takes a person back: a signed JWT around a JWE. Lifetime in seconds."""

    parameter: str
    typ: str
    audience: str
    lifetime_seconds: int
    sealed_typ: str
    sealed_key_info: str
    claims: ResultClaims
    sealed_claims: SealedClaims


class ProbeTerms(Terms):
    """How an operator has a host prove its keys. Lifetime in seconds."""

    parameter: str
    typ: str
    key_info: str
    audience: str
    lifetime_seconds: int
    proof_typ: str
    proof_key_info: str
    proof_audience: str


class Paths(Terms):
    start: str
    transaction: str
    health: str
    continue_: str

    model_config = ConfigDict(alias_generator=lambda name: name.rstrip("_"))


class EnvironmentNames(Terms):
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
    client_address_header: str


class Contract(Terms):
    digest: str
    request: RequestTerms
    result: ResultTerms
    probe: ProbeTerms
    paths: Paths
    environment: EnvironmentNames


def load_contract(path: Path | None = None) -> Contract:
    """Read the contract, or ValueError, OSError."""
    document, digest = read_contract(path)
    return Contract.model_validate({**document, "digest": digest})
