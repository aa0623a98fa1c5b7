"""What mends a key: one line for a shell, ready to paste.

The file of stage `local` is edited by hand: Pulumi's command line would write to its working copy, which
every `make up` makes anew.
"""

import json
from shlex import quote

import yaml

from .schema import parse_yaml
from .stage import is_local

_MAKE_KEY = """python -c 'import secrets; print(secrets.token_urlsafe(32))'"""
_EDIT = "edit Pulumi.local.yaml"


def setting(key: str, value: str, stage: str, flags: str = "") -> str:
    if is_local(stage):
        return f"{_EDIT}: {key}: {_as_yaml(value)}"
    return f"pulumi config set {_path(key)}{flags}{quote(key)} {quote(value)} --stack {quote(stage)}"


def setting_secret(key: str, stage: str, generated: bool) -> str:
    """Secrets come from standard input, so that none stays in a shell's history."""
    if is_local(stage):
        return f"{_EDIT}: leave {key} out; `make up` makes the secrets of this stage"
    source = f"{_MAKE_KEY} | " if generated else ""
    return f"{source}pulumi config set {_path(key)}--secret {quote(key)} --stack {quote(stage)}"


def removing(key: str, stage: str, misplaced: bool = False) -> str:
    """`misplaced`: the dots are part of the key's own name, not a path."""
    if is_local(stage):
        return f"{_EDIT}: remove {key}"
    path = "" if misplaced else _path(key)
    return f"pulumi config rm {path}{quote(key)} --stack {quote(stage)}"


def _path(key: str) -> str:
    return "--path " if "." in key or "[" in key else ""


def _as_yaml(value: str) -> str:
    """The value as it stands in a stage file; quoted where YAML would read something else."""
    try:
        read = parse_yaml(value)
    except yaml.YAMLError:
        read = None
    # No number among the settings has a sign, but phone numbers, which are text, do.
    plain = read == value or isinstance(read, bool) or value.isdecimal()
    return value if plain else json.dumps(value, ensure_ascii=False)
