"""The new stage's secrets: its own keys are made here, those of other people's accounts are asked for."""

import os
import secrets
from collections.abc import Mapping
from typing import Any

from infra import contract, rules
from infra.errors import SettingsError
from infra.secret import Secret
from infra.settings import Settings

from ..errors import OpsError
from .answers import settings_of
from .asking import Terminal, ask_until

_BYTES = 32


def collect(
    stage: str, answers: Mapping[str, Any], terminal: Terminal | None
) -> tuple[dict[str, Secret], dict[str, str]]:
    """By key: the values, and the commands for those that are still to be set.

    Without a terminal, an account's secret is taken from the variable that the host knows it by, such as
    TWILIO_API_KEY. Raises OpsError for one that cannot be right.
    """
    values: dict[str, Secret] = {}
    wanted = _missing(stage, answers, values)
    while made := [key for key in wanted if key in rules.GENERATED]:
        values |= {key: Secret(secrets.token_urlsafe(_BYTES)) for key in made}
        wanted = _missing(stage, answers, values)
    for key in wanted:
        if terminal is None:
            _from_environment(key, stage, answers, values)
        else:
            _ask(key, stage, answers, values, terminal)
    return values, _missing(stage, answers, values)


def variable(key: str) -> str:
    """The name by which the host knows a secret."""
    group, _, name = key.rpartition(".")
    agreed = contract.load()["environment"]
    return name if group == "secrets.environment" else str(agreed[name])


def _missing(stage: str, answers: Mapping[str, Any], values: Mapping[str, Secret]) -> dict[str, str]:
    """The secrets that the settings still want, with the command that sets each."""
    return {key: mend for key, _, mend in _judged(stage, answers, values) if key not in values}


def _judged(
    stage: str, answers: Mapping[str, Any], values: Mapping[str, Secret]
) -> list[tuple[str, str, str]]:
    mapping = settings_of({**answers})
    group: dict[str, Any] = {}
    for key, value in values.items():
        _, name, *inner = key.split(".")
        if inner:
            group.setdefault(name, {})[inner[0]] = value
        else:
            group[name] = value
    mapping["secrets"] = group
    try:
        Settings.from_mapping(mapping, stage=stage)
    except SettingsError as error:
        return [(one.key, one.message, one.mend) for one in error.problems]
    return []


def _complaint(
    key: str, value: Secret, stage: str, answers: Mapping[str, Any], values: Mapping[str, Secret]
) -> str | None:
    found = _judged(stage, answers, {**values, key: value})
    return next((message for place, message, _ in found if place == key), None)


def _from_environment(key: str, stage: str, answers: Mapping[str, Any], values: dict[str, Secret]) -> None:
    text = os.environ.get(variable(key), "")
    if not text:
        return
    if complaint := _complaint(key, Secret(text), stage, answers, values):
        raise OpsError(
            f"{variable(key)} in the environment cannot be {key}",
            f"It {complaint}.",
            "Correct it, or unset it to set the secret later",
        )
    values[key] = Secret(text)


def _ask(
    key: str, stage: str, answers: Mapping[str, Any], values: dict[str, Secret], terminal: Terminal
) -> None:
    terminal.say(f"\n{key}\n  The host knows it as {variable(key)}. It is not shown, and is kept encrypted.")

    def judge(text: str) -> str | None:
        if not text:
            return None
        complaint = _complaint(key, Secret(text), stage, answers, values)
        if complaint is None:
            values[key] = Secret(text)
        return complaint

    ask_until(terminal, f"  {key}, or nothing to set it later: ", judge, hidden=True)
