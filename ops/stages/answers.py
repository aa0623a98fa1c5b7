"""Answers: read from a file and from options, parsed as their settings want them, judged by the settings."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.errors import Problem, SettingsError, StageFileError
from infra.leaves import Leaf, leaves
from infra.schema import read_yaml
from infra.settings import Settings

from ..errors import OpsError
from .questions import BACKEND, QUESTIONS, SECRETS_PROVIDER, Question

LEAVES: Mapping[str, Leaf] = {leaf.key: leaf for leaf in leaves(Settings)}
ENFORCEMENT = "verification.enforcement"
_OPTIONS = {question.key: question.option for question in QUESTIONS}
_SECRETS = "secrets"
_DOMAIN = "auth0.domain"
# Which tenant, host and applications a stage has: another stage has others.
_OWN = frozenset(
    {
        _DOMAIN,
        "auth0.loginHosts",
        "publicBaseUrl",
        "claimNamespace",
        "hosting.project",
        "sms.applications",
        "sms.audience",
        "sms.gatewayUrl",
        "verification.applications",
        "verification.organizations",
    }
)
_STAGE_FILE = re.compile(r"Pulumi\.(.+)\.ya?ml")
_TRUTH = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}


def parse(key: str, text: str) -> Any:
    """What a person typed, in its setting's shape; what does not fit stays text, and is refused as such."""
    leaf = LEAVES.get(key)
    if leaf is not None and leaf.is_list:
        return [item for item in re.split(r"[\s,]+", text) if item]
    if leaf is not None and leaf.field.annotation is bool:
        return _TRUTH.get(text.strip().lower(), text.strip())
    return text.strip()


def shown(value: Any) -> str:
    """A value as a person would type it."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def default(question: Question, answers: Mapping[str, Any]) -> Any:
    """What holds when a question is left open; None for nothing."""
    if question.follows is not None:
        return question.follows(answers)
    if question.needed:
        return None
    value = LEAVES[question.key].field.default
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True)
class Given:
    """Answers of a file; `left_out` names the settings of another stage that are nobody else's."""

    answers: dict[str, Any]
    left_out: tuple[str, ...] = ()


def from_file(path: Path, stage: str, domain: str | None = None) -> Given:
    """Answers by dotted key: settings, nested or dotted, and `backend` and `secretsProvider`.

    A stage's file will do, less its secrets and its enforcement, which a new stage has of its own. It is
    another stage's when it is called so, or when `domain`, if given, is another than its own.
    """
    try:
        document = read_yaml(path)
    except StageFileError as error:
        raise OpsError(f"{path} cannot be used", str(error), "Name another file, or mend this one") from error
    if isinstance(document.get("config"), Mapping):
        return _inherited(path, _flat(document["config"]), stage, domain)
    flat = _flat(document)
    if secret := next((key for key in flat if key.partition(".")[0] == _SECRETS), None):
        raise OpsError(
            f"{path} holds {secret}",
            "A file of answers holds no secrets: ours are made here, those of accounts are asked for.",
            "Take it out; without a terminal, put it into the environment: see docs/bootstrap.md",
        )
    return Given(flat)


def _inherited(path: Path, flat: Mapping[str, Any], stage: str, domain: str | None) -> Given:
    answers = {key: value for key, value in flat.items() if _is_inherited(key)}
    called = _STAGE_FILE.fullmatch(path.name)
    renamed = called is not None and called[1] != stage
    moved = domain is not None and domain.strip() != answers.get(_DOMAIN)
    own = sorted(_OWN & answers.keys()) if renamed or moved else []
    return Given({key: value for key, value in answers.items() if key not in own}, tuple(own))


def _flat(document: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    groups = {key.partition(".")[0] for key in LEAVES if "." in key}
    for name, value in document.items():
        key = str(name).removeprefix("auth0-phone:")
        nested = value if key in groups and isinstance(value, Mapping) else None
        flat |= {key: value} if nested is None else {f"{key}.{inner}": each for inner, each in nested.items()}
    # `pulumi config set` writes `true` as text.
    return {key: parse(key, value) if isinstance(value, str) else value for key, value in flat.items()}


def _is_inherited(key: str) -> bool:
    return key.partition(".")[0] != _SECRETS and key != ENFORCEMENT and ":" not in key


def settings_of(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers to settings, nested as in a stage file."""
    nested: dict[str, Any] = {}
    for key, value in answers.items():
        if key in (BACKEND, SECRETS_PROVIDER):
            continue
        group, _, leaf = key.rpartition(".")
        (nested.setdefault(group, {}) if group else nested)[leaf] = value
    return nested


def problems(stage: str, answers: Mapping[str, Any], keys: Iterable[str] | None = None) -> list[Problem]:
    """What the settings find wrong with the answers; with `keys`, only what was said of these."""
    try:
        Settings.from_mapping(settings_of(answers), stage=stage, require_secrets=False)
    except SettingsError as error:
        wanted = None if keys is None else tuple(keys)
        return [one for one in error.problems if wanted is None or _is_about(one.key, wanted)]
    return []


def _is_about(place: str, keys: tuple[str, ...]) -> bool:
    return any(re.match(rf"{re.escape(key)}(?![A-Za-z])", place) for key in keys)


def told(found: Iterable[Problem]) -> str:
    """Problems in lines, each with the option that answers it."""
    return "\n  ".join(f"{_named(problem.key)}: {problem.message}" for problem in found)


def _named(place: str) -> str:
    key = next((known for known in _OPTIONS if _is_about(place, (known,))), None)
    return f"{_OPTIONS[key]} ({place})" if key else place
