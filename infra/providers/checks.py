"""Inputs before anything is done with them: what is wrong, by the property's name."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import patterns
from .addresses import health_problem
from .wire import UNKNOWN, Secret, is_known, without_secrets

_HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+|localhost"
)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
# https://vercel.com/docs/environment-variables : all of a deployment's together
_ENVIRONMENT_BYTES = 64 * 1024


@dataclass(frozen=True)
class Failure:
    """What is wrong with one property; `path` as the engine writes paths."""

    path: str
    reason: str


# From a property's name and value to the value as it is kept, and what is wrong with it.
Check = Callable[[str, Any], tuple[Any, list[Failure]]]


def at(name: str, key: str) -> str:
    """The path of a key in a map: variables.NAME, files["a/b.py"]."""
    return f"{name}.{key}" if re.fullmatch(r"[A-Za-z_$][\w$]*", key) else f'{name}["{key}"]'


def _text(problem: Callable[[str], str | None]) -> Check:
    def check(name: str, value: Any) -> tuple[Any, list[Failure]]:
        if value is UNKNOWN:
            return value, []
        if isinstance(value, Secret):
            # Kept as a plain value it would be shown everywhere.
            return value, [Failure(name, "must not be a secret: it is shown in previews")]
        found = problem(value) if isinstance(value, str) else "must be text"
        return value, [Failure(name, found)] if found else []

    return check


def _shape(pattern: re.Pattern[str], told: str) -> Check:
    return _text(lambda value: None if pattern.fullmatch(value) else told)


PROJECT_NAME = _shape(
    patterns.PROJECT,
    "must be at most 100 of a-z, 0-9, '.', '_' and '-', without '---' and with a letter or digit first "
    "(hosting.project)",
)
REGION = _shape(
    re.compile(f"({patterns.REGION.pattern})?"),
    "must be one of Vercel's regions, like fra1, or empty (hosting.region)",
)
DOMAIN = _shape(_HOST, "must be a host in lower case without a port, like form.example.com")
ID = _shape(_ID, "must be an id")
HEALTH_URL = _text(health_problem)


def keep(name: str, value: Any) -> tuple[Any, list[Failure]]:
    """How many deployments stay for a rollback."""
    if value is UNKNOWN or (type(value) is int and 0 <= value <= patterns.MOST_KEPT):
        return value, []
    return value, [Failure(name, f"must be a whole number from 0 to {patterns.MOST_KEPT} (hosting.keep)")]


def files(name: str, value: Any) -> tuple[Any, list[Failure]]:
    """{path: SHA-256}: paths that stay below the deployment's folder, and none that the provider adds."""
    if value is UNKNOWN:
        return value, []
    if not isinstance(value, dict) or not value:
        return value, [Failure(name, "must be a map from paths to SHA-256 digests, with one file at least")]
    failures = [
        Failure(at(name, path), problem)
        for path, digest in value.items()
        if (problem := _path_problem(path) or _digest_problem(digest))
    ]
    return value, failures


def _path_problem(path: str) -> str | None:
    if path == "build.json":
        return "is added by the provider: it names the build"
    stays = all(part not in {"", ".", ".."} for part in path.split("/"))
    if not stays or "\\" in path or '"' in path or not path.isprintable():
        return "must be a relative path with '/', without '..' and without quotation marks"
    return None


def _digest_problem(digest: Any) -> str | None:
    if digest is UNKNOWN or (isinstance(digest, str) and _DIGEST.fullmatch(digest)):
        return None
    return "must be a SHA-256 digest: 64 hex digits in lower case"


def variables(name: str, value: Any) -> tuple[Any, list[Failure]]:
    """{NAME: value}: each value is kept as a secret, whether it came as one or not."""
    bare = without_secrets(value)
    if bare is UNKNOWN:
        return Secret(UNKNOWN), []
    if not isinstance(bare, dict):
        return Secret(bare), [Failure(name, "must be a map from names to values")]
    failures = [
        Failure(at(name, key), problem)
        for key, each in bare.items()
        if (problem := _variable_problem(key, each))
    ]
    if not failures and is_known(bare) and _bytes(bare) > _ENVIRONMENT_BYTES:
        failures = [Failure(name, "is too long: Vercel takes 64 KB of names and values together")]
    return {key: Secret(each) for key, each in bare.items()}, failures


def _variable_problem(key: str, value: Any) -> str | None:
    if not patterns.VARIABLE.fullmatch(key):
        return "has a name that is none: capital letters, digits and '_', with a letter first"
    if value is UNKNOWN:
        return None
    if not isinstance(value, str) or not value:
        return "must be text, and not empty: leave a variable out that has no value"
    return "holds a zero byte" if "\0" in value else None


def _bytes(variables: dict[str, str]) -> int:
    return sum(len(key.encode()) + len(value.encode()) for key, value in variables.items())
