"""Each stage's own credentials: variables of the environment whose names end in the stage's.

    AUTH0_CLIENT_ID__EU_1=…   AUTH0_CLIENT_SECRET__EU_1=…     for the stage eu-1

Never a file: a job's environment ends with the job.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from infra.errors import StageFileError
from infra.schema import read_yaml

from .. import passphrase

# docs/operations.md, Credentials: any one of them lets somebody in.
_WAYS = (
    ("AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET"),
    ("AUTH0_CLIENT_ID", "AUTH0_CLIENT_ASSERTION_PRIVATE_KEY"),
    ("AUTH0_API_TOKEN",),
)
# An application of Auth0 belongs to one tenant; whatever else is common may be all stages' own.
_NEVER_SHARED, _SETTINGS = "AUTH0_", "AUTH0_PHONE_"
_SEPARATOR = "__"
_OWN = re.compile(r"(AUTH0|VERCEL|PULUMI)_[A-Z0-9_]*?[A-Z0-9]__[A-Z0-9_]+")


def suffix(stage: str) -> str:
    """What the names of a stage's variables end in: `eu-1` gives `__EU_1`."""
    return _SEPARATOR + re.sub(r"[^A-Z0-9]", "_", stage.upper())


def environment(stage: str, everything: Mapping[str, str]) -> dict[str, str]:
    """What a stage's engine sees: what is nobody's credential, and its own ones under plain names."""
    end = suffix(stage)
    common = {name: value for name, value in everything.items() if not _is_some_stages(name)}
    own = {
        name.removesuffix(end): value
        for name, value in everything.items()
        if name.endswith(end) and _OWN.fullmatch(name)
    }
    if own.keys() & set(passphrase.VARIABLES):
        common = {name: value for name, value in common.items() if name not in passphrase.VARIABLES}
    return common | own


def missing(stage: str, env: Mapping[str, str], file: Path) -> str | None:
    """What a stage lacks, by the names to set; None when it has all. `env` is the stage's `environment`."""
    if not any(all(env.get(name) for name in way) for way in _WAYS):
        return f"{_WAYS[0][0]}{suffix(stage)} and {_WAYS[0][1]}{suffix(stage)} are not set"
    if not any(env.get(name) for name in passphrase.VARIABLES) and _is_salted(file):
        return f"{passphrase.VARIABLES[0]} is not set, nor {passphrase.VARIABLES[0]}{suffix(stage)}, its own"
    return None


def _is_some_stages(name: str) -> bool:
    if _OWN.fullmatch(name):
        return True
    return name.startswith(_NEVER_SHARED) and not name.startswith(_SETTINGS)


def _is_salted(file: Path) -> bool:
    """Whether a passphrase encrypts the secrets."""
    try:
        return "encryptionsalt" in read_yaml(file)
    except StageFileError:
        return False  # told by whoever judges its settings
