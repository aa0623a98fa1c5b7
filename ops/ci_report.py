"""`python -m ops.ci_report STAGE LOG OUT`: what Pulumi said, once it is known to hold no secret.

CI publishes it, in a comment or an issue. The engine masks what it knows as a secret; this looks for the
values themselves: what was never marked, or was printed by a program, is found before it is public.
"""

import base64
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rich.console import Console

from .errors import OpsError
from .project import PROJECT
from .real import RealStage

_NAMES = re.compile(r"(SECRET|TOKEN|PASSWORD|PASSPHRASE|PRIVATE_KEY|ACCESS_KEY|CREDENTIALS)$")
# Shorter values, such as a flag, stand in any text.
_SHORTEST = 8
_TERMINAL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def clean(text: str, secrets: Mapping[str, str]) -> str:
    """The text without a terminal's codes. Raises OpsError with the names of the secrets that it shows."""
    plain = _TERMINAL.sub("", text)
    shown = sorted(name for name, value in secrets.items() if _stands_in(plain, value))
    if shown:
        raise OpsError(
            f"The output shows {', '.join(shown)}",
            "It is not published, and nothing of it is kept here.",
            "Set it as a secret (pulumi config set --path --secret …), or mend what prints it; rotate it",
        )
    return plain


def _stands_in(text: str, value: str) -> bool:
    return any(form in text for form in _forms(value) if len(form) >= _SHORTEST)


def _forms(value: str) -> Iterator[str]:
    """A value as it is written in code, JSON, addresses and headers; a key's file line by line."""
    lines = (line for line in value.splitlines() if not line.startswith("-----"))
    for each in {value, value.strip(), *lines}:
        yield each
        yield json.dumps(each)[1:-1]
        yield quote(each, safe="")
        yield base64.b64encode(each.encode()).decode().rstrip("=")


def of_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that hold secrets, by what they are called."""
    return {name: value for name, value in environment.items() if _NAMES.search(name)}


def of_stage(shown: str) -> dict[str, str]:
    """The secrets of a stage, from what `pulumi config --show-secrets --json` prints."""
    held = json.loads(shown).get(f"{PROJECT}:secrets", {}).get("objectValue") or {}
    return dict(_leaves("secrets", held))


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(f"{path}.{name}", inner)
    else:
        yield path, str(value)


def main(arguments: list[str] | None = None) -> int:
    """0 once OUT is written; 1 when the log gives something away, or the stage's secrets can't be read."""
    stage, log, out = sys.argv[1:] if arguments is None else arguments
    try:
        held = RealStage.at(stage, Console(stderr=True)).asked("config", "--show-secrets", "--json")
        text = clean(
            Path(log).read_text(errors="replace"),
            {**of_environment(os.environ), **of_stage(held)},
        )
    except OpsError as error:
        print(f"✗ {error.what}\n  {error.why}\n  {error.mend}.", file=sys.stderr)
        return 1
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    Path(out).write_text(text)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
