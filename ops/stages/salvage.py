"""`auth0-phone stage salvage`: a stack's state without the secrets that nobody can decrypt any more."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from .. import files
from ..errors import OpsError

# How the engine marks a secret: github.com/pulumi/pulumi, sdk/go/common/resource/sig
_MARK = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  (the mark's value, not a secret)
# What the plugin's bridge notes of a resource's shape; it no longer fits, and the plugin says to take it out.
_DELTA = "__pulumi_raw_state_delta"


def command(
    state: Annotated[Path, typer.Argument(help="What `pulumi stack export --file` wrote.")],
    out: Annotated[Path, typer.Option(help="The file to write, for `pulumi stack import --file`.")],
) -> None:
    """Take the secrets out of a stack's exported state, when its passphrase or key is lost."""
    try:
        document = json.loads(state.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OpsError(
            f"{state} cannot be read", f"{error}.", "Name what `pulumi stack export` wrote"
        ) from error
    text = json.dumps(without_secrets(document), indent=2)
    try:
        files.create(out, text.encode())
    except FileExistsError as error:
        raise OpsError(
            f"There is a {out} already",
            "A file is never written over here: it may be the last copy of a state.",
            "Name another one",
        ) from error
    except OSError as error:
        raise OpsError(f"{out} cannot be written", f"{error.strerror}.", "Name another file") from error


def without_secrets(document: Any) -> Any:
    """An exported state less its secrets, so that the next update writes the stage's own.

    They are left out: null in their place makes the Auth0 plugin panic (tried with 3.53).
    """
    if not isinstance(document, dict) or not isinstance(document.get("deployment"), dict):
        raise OpsError(
            "That is no exported state", "It has no deployment.", "Name what `pulumi stack export` wrote"
        )
    deployment = {
        name: value for name, value in document["deployment"].items() if name != "secrets_providers"
    }
    return {**document, "deployment": _emptied(deployment)}


def _emptied(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: inner for name, inner in value.items() if name != _DELTA and not _is_secret(inner)}
        return {name: _emptied(inner) for name, inner in kept.items()}
    return [_emptied(inner) for inner in value if not _is_secret(inner)] if isinstance(value, list) else value


def _is_secret(value: Any) -> bool:
    return isinstance(value, dict) and value.get(_MARK) == _SECRET
