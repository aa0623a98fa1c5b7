"""The provider's own configuration: one API, one team."""

from typing import Any

from . import patterns
from .addresses import VERCEL, api_problem
from .checks import Failure
from .wire import UNKNOWN, Secret


def check(inputs: dict[str, Any]) -> list[Failure]:
    """What is wrong with a configuration, property by property."""
    failures = [
        Failure(name, "is not a setting of this provider")
        for name in inputs
        if name not in {"apiUrl", "team", "version", "pluginDownloadURL"}
    ]
    for name, value in (("apiUrl", inputs.get("apiUrl", VERCEL)), ("team", inputs.get("team", ""))):
        if value is UNKNOWN:
            continue
        if isinstance(value, Secret) or not isinstance(value, str):
            failures.append(Failure(name, "must be text, and no secret"))
        elif problem := api_problem(value) if name == "apiUrl" else _team_problem(value):
            failures.append(Failure(name, problem))
    return failures


def _team_problem(value: str) -> str | None:
    return (
        None
        if not value or patterns.TEAM.fullmatch(value)
        else "must be a team's id (team_…), or empty (hosting.team)"
    )
