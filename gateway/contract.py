"""The gateway's part of `action_src/contract.json`."""

from pathlib import Path
from typing import Literal

from pydantic import ConfigDict

from serving.contract import Terms, read_contract


class Addresses(Terms):
    """Where the gateway answers, and the one algorithm that a token may be signed with."""

    path: str
    ready: str
    metrics: str
    algorithm: Literal["HS256"]


class Paths(Terms):
    health: str


class EnvironmentNames(Terms):
    """Names of the environment variables that only the gateway reads."""

    secret: str
    secret_previous: str
    stage_file: str
    metrics_token: str


class SharedNames(Terms):
    """Names of those that form and gateway both read."""

    redis_url: str
    single_process: str


class Contract(Terms):
    digest: str
    paths: Paths
    gateway: Addresses
    gateway_environment: EnvironmentNames
    environment: SharedNames

    model_config = ConfigDict(frozen=True)


def load_contract(path: Path | None = None) -> Contract:
    """Read the contract, or ValueError, OSError."""
    document, digest = read_contract(path)
    return Contract.model_validate({**document, "digest": digest})
