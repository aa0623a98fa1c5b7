"""What a person does next, as commands to type, in their order."""

import shlex
from collections.abc import Mapping
from typing import Any

from ..passphrase import FILE_VARIABLE
from ..toolchain import Toolchain
from .engine import PASSPHRASE
from .place import Place


def lines(
    stage: str, answers: Mapping[str, Any], place: Place, unset: Mapping[str, str], tools: Toolchain
) -> list[str]:
    """Steps, each a sentence followed by its commands."""
    steps = [_shell(place, tools)]
    if unset:
        steps.append(["The secrets of your accounts, each value from standard input:", *unset.values()])
    steps.append(
        [
            "What reviewers read; commit it with the stage's file:",
            f".venv/bin/python -m infra.render --stage {stage} --write",
            f"git add Pulumi.{stage}.yaml rendered/{stage}",
        ]
    )
    steps.append(
        [
            f"The machine-to-machine application of {answers['auth0.domain']} (docs/scopes.md), then `up`:",
            "export AUTH0_CLIENT_ID=… AUTH0_CLIENT_SECRET=…",
            *(["export VERCEL_TOKEN=…"] if _on_vercel(answers) else []),
            f"pulumi preview --stack {stage}",
            f"pulumi up --stack {stage}",
        ]
    )
    steps.append(_host(stage, answers))
    return [
        line
        for number, (title, *commands) in enumerate(steps, 1)
        for line in (f"{number}. {title}", *(f"     {command}" for command in commands))
    ]


def _shell(place: Place, tools: Toolchain) -> list[str]:
    folder = '"$(.venv/bin/python -m ops.toolchain):$PWD/.venv/bin:$PATH"'
    step = ["In the shell that deploys:"]
    step.append('export PATH="$PWD/.venv/bin:$PATH"' if tools.source == "path" else f"export PATH={folder}")
    if not place.is_current:
        step.append(f"pulumi login {shlex.quote(place.backend)}")
    if place.secrets_provider == PASSPHRASE:
        step.append(f"export {FILE_VARIABLE}=…    # a file that you alone can read")
    return step


def _host(stage: str, answers: Mapping[str, Any]) -> list[str]:
    if _on_vercel(answers):
        return [
            f"Point {answers['publicBaseUrl']} to Vercel (docs/hosting.md), then ask people:",
            f"auth0-phone enable {stage} --to observe",
        ]
    return [
        "The host's environment, then the host (docs/hosting.md); when it answers, ask people:",
        f"auth0-phone host-env {stage} --out ../{stage}.env    # outside the checkout",
        f"auth0-phone enable {stage} --to observe",
    ]


def _on_vercel(answers: Mapping[str, Any]) -> bool:
    return answers.get("hosting.kind") == "vercel"
