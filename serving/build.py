"""Which build this is: a file beside the service, put there by whoever deploys it."""

import json
import re
from pathlib import Path

FILE = Path(__file__).parent.parent / "build.json"
ID = re.compile(r"[0-9a-f]{8,128}")


def read_build(path: Path = FILE) -> str | None:
    """The build's id, in hex; None where no file says it. ValueError for a file that is damaged."""
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    build = document.get("build") if isinstance(document, dict) else None
    if not isinstance(build, str) or not ID.fullmatch(build):
        raise ValueError("no build's id")
    return build
