"""Which stages a fleet is made of, and whether each of them can be deployed at all: told at once."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from infra import stage_file
from infra.errors import SettingsError, StageFileError
from infra.settings import Settings
from infra.stage import is_local

from ..errors import OpsError
from . import credentials


@dataclass(frozen=True)
class Member:
    """A stage, what its engine's environment is, and the words that it says differently from all others."""

    name: str
    file: Path
    env: Mapping[str, str] = field(repr=False)
    words: Mapping[str, str]


def matching(root: Path, patterns: Sequence[str]) -> list[str]:
    """The stages in `root` that a pattern matches, never the local one. Raises OpsError for none."""
    known = [name for name in stage_file.stages(root) if not is_local(name)]
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in known):
            raise OpsError(
                f"No stage is called {pattern}",
                f"Stages in {root}: {', '.join(known) or 'none yet'}.",
                "Give --stages a name or a pattern of these, such as 'eu-*' (in quotes)",
            )
    return [name for name in known if any(fnmatchcase(name, pattern) for pattern in patterns)]


def members(root: Path, names: Sequence[str], everything: Mapping[str, str] = os.environ) -> list[Member]:
    """The stages as members of a fleet. Raises OpsError with all that any of them lacks."""
    complaints: list[str] = []
    found, tenants, suffixes = [], dict[str, str](), dict[str, str]()
    for name in names:
        file, env = root / f"Pulumi.{name}.yaml", credentials.environment(name, everything)
        end = credentials.suffix(name)
        if (twin := suffixes.setdefault(end, name)) != name:
            complaints.append(f"{name}: its variables would be {twin}'s, too: both end in {end}")
        if lack := credentials.missing(name, env, file):
            complaints.append(f"{name}: {lack}")
        settings = _judged(name, root, complaints)
        if settings is None:
            continue
        if settings.hosting.kind == "vercel" and not env.get("VERCEL_TOKEN"):
            complaints.append(f"{name}: VERCEL_TOKEN is not set, nor VERCEL_TOKEN{end}, its own")
        domain = settings.auth0.domain
        if (twin := tenants.setdefault(domain, name)) != name:
            complaints.append(f"{name}: its tenant {domain} is {twin}'s, and a tenant has room for one stack")
        found.append(Member(name, file, env, _words(settings)))
    if complaints:
        bad = {line.partition(":")[0] for line in complaints}
        raise OpsError(
            f"{len(bad)} of {len(names)} stages cannot be deployed",
            "Nothing was begun.\n  - " + "\n  - ".join(complaints),
            "Mend all of it, then run the command again (docs/fleet.md)",
        )
    return found


def _judged(name: str, root: Path, complaints: list[str]) -> Settings | None:
    try:
        return Settings.from_mapping(stage_file.load(name, root), stage=name)
    except (SettingsError, StageFileError) as error:
        lines = str(error).strip().splitlines()
        complaints.append("\n    ".join([f"{name}: {lines[0]}", *lines[1:]]))
        return None


def _words(settings: Settings) -> dict[str, str]:
    """Longest first, so that none is found inside another."""
    public = settings.public_base_url.partition("://")[2]
    words = {public: "<host>", settings.auth0.domain: "<tenant>", settings.stage: "<stage>"}
    return dict(sorted(words.items(), key=lambda pair: -len(pair[0])))
