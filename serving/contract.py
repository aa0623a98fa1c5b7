"""Where the contract between the rooms lies, and how its parts are read."""

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Terms(BaseModel):
    """A part of the contract: what a service doesn't use it needn't know."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", alias_generator=to_camel)


def contract_file() -> Path:
    """Where the contract lies: beside this package, in the repository, the wheel and the bundle alike."""
    return Path(__file__).parent.parent / "action_src" / "contract.json"


def read_contract(path: Path | None = None) -> tuple[dict[str, Any], str]:
    """The contract and its digest: `sha256:` and the hex digest of the bytes. OSError or ValueError."""
    content = (path or contract_file()).read_bytes()
    return json.loads(content), digest_of(content)


def digest_of(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()
