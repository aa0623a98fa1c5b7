"""A dotenv file that shells and Docker Compose read alike, and where they can, `docker run` and systemd."""

import re
from collections.abc import Mapping

# Needs no quotes anywhere; `docker run --env-file` knows none.
_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
# What a shell or Compose would change inside double quotes.
_CHANGED = frozenset('"$`\\!')


class UnwritableError(Exception):
    """Values that no dotenv file holds for all readers; `names` says whose."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


def dotenv(variables: Mapping[str, str]) -> str:
    """The variables in lines of NAME=value, in alphabetical order; UnwritableError for values of several
    lines, for those that end in a backslash, and for an apostrophe beside what double quotes don't keep."""
    lines, unwritable = [], []
    for name, value in sorted(variables.items()):
        quoted = _quoted(value)
        if quoted is None:
            unwritable.append(name)
        else:
            lines.append(f"{name}={quoted}\n")
    if unwritable:
        raise UnwritableError(unwritable)
    return "".join(lines)


def _quoted(value: str) -> str | None:
    if _PLAIN.fullmatch(value):
        return value
    # Compose takes \' for an apostrophe even between single quotes, where a shell takes it for the end.
    if value.endswith("\\") or not all(character.isprintable() for character in value):
        return None
    if "'" not in value:
        return f"'{value}'"
    return None if _CHANGED.intersection(value) else f'"{value}"'
