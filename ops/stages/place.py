"""Where a new stage's state is kept, and what encrypts its secrets."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import passphrase
from ..errors import OpsError
from ..passphrase import FILE_VARIABLE, VARIABLE
from . import engine as pulumi
from .asking import Terminal, ask_until
from .engine import CLOUD, PASSPHRASE, Engine
from .questions import BACKEND, SECRETS_PROVIDER

# The encrypted secrets stand in Git, where whoever reads them may guess for ever.
_SHORTEST = 16


@dataclass(frozen=True)
class Place:
    """`passphrase` is one that was typed here; None when the environment has it or none is needed."""

    backend: str
    secrets_provider: str
    is_current: bool
    passphrase: str | None = field(default=None, repr=False)


def open_options(given: Mapping[str, Any], take_defaults: bool) -> list[str]:
    """What is missing where nobody can be asked."""
    lines = []
    if BACKEND not in given and not take_defaults:
        lines.append("--backend: where the state is kept (--yes takes the one you are logged in to)")
    provider = given.get(SECRETS_PROVIDER) or pulumi.usual_provider(given.get(BACKEND, "file://"))
    if provider == PASSPHRASE and BACKEND in given and not passphrase.given(os.environ):
        lines.append(f"{VARIABLE} or {FILE_VARIABLE} in the environment: what encrypts the secrets")
    return lines


def choose(given: Mapping[str, Any], engine: Engine, terminal: Terminal | None) -> Place:
    """The place that was named, confirmed or typed; its backend has answered. Raises OpsError."""
    current = engine.current_backend()
    backend = _backend(given, engine, current, terminal)
    provider = _provider(given, backend, terminal)
    typed = None
    if provider == PASSPHRASE and not passphrase.given(os.environ):
        typed = _passphrase(terminal)
    return Place(backend, provider, backend == current, typed)


def _backend(given: Mapping[str, Any], engine: Engine, current: str | None, terminal: Terminal | None) -> str:
    named = str(given.get(BACKEND) or ("" if terminal else current or ""))
    if named or terminal is None:
        return _usable(named, engine)
    chosen: list[str] = []

    def judge(text: str) -> str | None:
        try:
            chosen[:] = [_usable(text.strip() or current or "", engine)]
        except OpsError as refused:
            return refused.why
        return None

    terminal.say(
        f"\nWhere the state is kept\n  What Pulumi knows of the tenant; the whole team needs it. "
        f"s3://bucket, gs://bucket, azblob://container, https://api.pulumi.com, or file:///folder for a "
        f"try. docs/bootstrap.md says what each needs. "
        f"{'You are logged in to the one below.' if current else 'You are logged in nowhere.'} Checked: it "
        f"answers."
    )
    ask_until(terminal, f"  backend [{current}]: " if current else "  backend: ", judge)
    return chosen[0]


def _usable(backend: str, engine: Engine) -> str:
    if not backend:
        mend = "Give --backend, or log in first: pulumi login s3://… (docs/bootstrap.md)"
        raise OpsError("No backend is named", "The state needs a place, and you are logged in nowhere.", mend)
    if complaint := pulumi.wrong_backend(backend):
        raise OpsError(f"--backend {backend} cannot be used", f"It {complaint}.", "Name another")
    backend = pulumi.absolute(backend, Path.cwd())
    engine.on(backend).stacks()
    return backend


def _provider(given: Mapping[str, Any], backend: str, terminal: Terminal | None) -> str:
    usual = pulumi.usual_provider(backend)
    named = str(given.get(SECRETS_PROVIDER) or ("" if terminal else usual))
    if named or terminal is None:
        if complaint := pulumi.wrong_provider(named, backend):
            what = f"--secrets-provider {named} cannot be used"
            raise OpsError(what, f"It {complaint}.", "Name another")
        return named
    chosen = [usual]

    def judge(text: str) -> str | None:
        chosen[:] = [text.strip() or usual]
        return pulumi.wrong_provider(chosen[0], backend)

    terminal.say(
        "\nWhat encrypts the secrets\n  Whoever deploys needs it. A key service (awskms://…, gcpkms://…, "
        "azurekeyvault://…, hashivault://…) for a team, a passphrase for one person or a try. Checked: it "
        "encrypts."
    )
    ask_until(terminal, f"  secretsProvider [{usual}]: ", judge)
    return chosen[0]


def _passphrase(terminal: Terminal | None) -> str:
    if terminal is None:
        raise OpsError(
            "There is no passphrase",
            f"The secrets provider {PASSPHRASE} needs one, and nobody can be asked.",
            f"Put {VARIABLE} or {FILE_VARIABLE} into the environment",
        )
    terminal.say(
        f"\nThe passphrase\n  {_SHORTEST} characters or more. Lost, the secrets are lost: keep it now."
    )
    first: list[str] = []

    def long_enough(text: str) -> str | None:
        first[:] = [text]
        return f"it has {len(text)} characters" if len(text) < _SHORTEST else None

    while True:
        ask_until(terminal, "  passphrase (not shown): ", long_enough, hidden=True)
        if terminal.ask_hidden("  once more: ") == first[0]:
            return first[0]
        terminal.say("  They differ.")


def kind(provider: str) -> str:
    """A secrets provider in words."""
    return "Pulumi Cloud" if provider == CLOUD else provider.partition("?")[0]
