"""Which project a command works on: the checkout around the current folder, with this checkout's program."""

import os
from collections.abc import Mapping
from pathlib import Path

from infra.schema import read_yaml

from .errors import OpsError

PROJECT = "auth0-phone"
SOURCES = Path(__file__).resolve().parent.parent


def project(here: Path | None = None) -> Path:
    """The nearest folder, from `here` upwards, that holds the project: where Pulumi, too, would find it.

    Raises OpsError when there is none, or when its program is not the one that this command belongs to;
    StageFileError for a Pulumi.yaml on the way that is no YAML.
    """
    root = _nearest(here or Path.cwd())
    if (root / "infra").resolve() != SOURCES / "infra":
        raise OpsError(
            f"This command belongs to {SOURCES}",
            f"The project here, {root}, has a program of its own.",
            "Run the command of this checkout: .venv/bin/auth0-phone",
        )
    return root


def _nearest(here: Path) -> Path:
    for folder in (here, *here.parents):
        file = folder / "Pulumi.yaml"
        if file.is_file() and read_yaml(file).get("name") == PROJECT:
            return folder
    raise OpsError(
        f"There is no {PROJECT} project here",
        f"Neither {here} nor a folder above it has its Pulumi.yaml.",
        "Go to the checkout, then run the command again",
    )


def pulumi_home(env: Mapping[str, str] = os.environ) -> Path:
    """Where a person's Pulumi keeps plugins and logins (pulumi.com/docs/iac/cli/environment-variables)."""
    return Path(env.get("PULUMI_HOME") or Path.home() / ".pulumi")
