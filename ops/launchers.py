"""A checkout's commands beside its interpreter: ours, and the provider that the engine looks for on PATH."""

import sys
from pathlib import Path

from . import files
from .errors import OpsError

COMMANDS = {
    "auth0-phone": "from ops.__main__ import main",
    "pulumi-resource-auth0-phone": "from infra.providers.main import main",
}
# By their own place: the checkout can be moved or copied. The shell's line is a text to Python, and Python's
# line is behind `exec` to the shell.
_LAUNCHER = """\
#!/bin/sh
'''exec' "$(dirname -- "$0")/python" "$0" "$@"
' '''
# Written by `python -m ops launchers`.
import os
import sys

sys.path[0] = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
{load}

sys.exit(main())
"""


def folder() -> Path:
    """Where this interpreter lies, in a checkout `.venv/bin`."""
    return Path(sys.executable).parent


def ensure(place: Path | None = None) -> list[Path]:
    """Write those that are absent or out of date; returns which. Raises OpsError."""
    written = []
    for name, load in COMMANDS.items():
        path, text = (place or folder()) / name, _LAUNCHER.format(load=load)
        try:
            if not path.is_file() or path.read_text() != text:
                files.replace(path, text.encode(), 0o755)
                written.append(path)
        except OSError as error:
            raise OpsError(
                f"Cannot write {path}",
                f"{error.strerror}; the engine looks for the command there.",
                "Fix the folder's owner, or make the virtual environment anew: rm -rf .venv",
            ) from error
    return written
