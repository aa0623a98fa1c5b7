"""What Action, form and declaration agree on: `action_src/contract.json`."""

import hashlib
import json
from pathlib import Path
from typing import Any

ACTION_SOURCES = Path(__file__).resolve().parent.parent / "action_src"
CONTRACT_FILE = ACTION_SOURCES / "contract.json"


def load() -> dict[str, Any]:
    contract = json.loads(CONTRACT_FILE.read_bytes())
    if not isinstance(contract, dict):
        raise TypeError(f"{CONTRACT_FILE} must hold one JSON object")
    return contract


def digest() -> str:
    """The contract's fingerprint, `sha256:<hex>` of its bytes, by which deployed parts know each other."""
    return f"sha256:{hashlib.sha256(CONTRACT_FILE.read_bytes()).hexdigest()}"
