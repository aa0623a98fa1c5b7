"""The secrets in the working copy of the local stage's file: encrypted once, and ours again when changed."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from .local import LocalState, read_json, write_private
from .sealing import Seal

SALT = "encryptionsalt"


def fill(
    stage: dict[str, Any], key: str, here: Mapping[str, Any], wanted: Mapping[str, str], local: LocalState
) -> list[str]:
    """Put the secrets `wanted`, dotted path to value, into `stage` below its configuration's `key`.

    `here` is the working copy as it was: what stands encrypted there stays as it is, and so does what
    somebody added. Returns the names that somebody had changed there, and that are ours again. To decrypt
    takes half a second; what we encrypted is known again by its cipher text.
    """
    noted = local.folder / "secrets-set.json"
    known = read_json(noted) or {}
    held = dict(_leaves((here.get("config") or {}).get(key) or {}))
    salt = here.get(SALT)
    stale = [name for name, value in wanted.items() if known.get(name) != _mark(value, held.get(name), salt)]
    dropped = known.keys() - wanted.keys()
    fresh = {name: value for name, value in held.items() if name not in dropped}
    if SALT in here:
        stage[SALT] = here[SALT]
    if stale:
        seal, fits = Seal.of(local.passphrase.read_text(), salt)
        if not fits:  # what is there was made with a key that nobody has any more
            fresh, stage[SALT] = {}, seal.state
        again = stale if fits else wanted
        fresh |= {name: {"secure": seal.seal(wanted[name])} for name in again}
    if stale or dropped:
        marks = {name: _mark(value, fresh[name], stage.get(SALT)) for name, value in wanted.items()}
        write_private(noted, json.dumps(marks))
    stage["config"][key] = _nested(fresh)
    return [name for name in stale if name in held and _is_of(wanted[name], known.get(name))]


def _leaves(group: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in group.items():
        if isinstance(value, Mapping) and set(value) != {"secure"}:
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _nested(leaves: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for path, value in leaves.items():
        *groups, name = path.split(".")
        place = nested
        for group in groups:
            place = place.setdefault(group, {})
        place[name] = value
    return nested


def _mark(value: str, held: object, salt: object) -> list[str]:
    """What tells later whether a secret, its encrypted text and the salt of its key are still these three."""
    return [hashlib.sha256(text.encode()).hexdigest() for text in (value, json.dumps([held, salt]))]


def _is_of(value: str, mark: object) -> bool:
    return isinstance(mark, list) and mark[:1] == _mark(value, None, None)[:1]
