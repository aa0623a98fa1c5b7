"""From a deployment that was asked for to one that serves: ready, in production, and answering.

https://vercel.com/docs/rest-api/deployments/get-a-deployment-by-id-or-url
"""

import time
from typing import Any

from . import health
from .addresses import path
from .errors import ConflictError, ProviderError
from .halt import StoppedError
from .kinds import Work
from .project import production_of, the_project

ENDED_BADLY = frozenset({"ERROR", "CANCELED", "DELETED"})
_ENDED_REQUESTS = frozenset({"failed", "skipped"})
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
# Vercel gives the addresses itself, except after a rollback by hand: then they stay where they are.
_OWN_ACCORD_SECONDS = 10.0
_HEALTH_SECONDS = 120.0
_LOG_LINES = 25


class BuildError(ProviderError):
    """Vercel built it, and it failed: nothing of it will ever serve."""


async def serve(work: Work, project: str, id_: str, health_url: str, build: str) -> None:
    """Wait for all three. Raises BuildError or ProviderError."""
    # One that was ready before belongs to an earlier `up`: Vercel does nothing about it of its own accord.
    earlier = await _ready(work, id_)
    await _in_production(work, project, id_, earlier)
    await work.say("in production; waiting for its answer")
    await health.answers_with(build, health_url, min(work.rest, _HEALTH_SECONDS), work.halt)


async def get(work: Work, id_: str) -> Any:
    """The deployment. Raises GoneError."""
    return await work.call("GET", path("v13", "deployments", id_), f"read the deployment {id_}")


async def _ready(work: Work, id_: str) -> bool:
    """Wait for it; whether it was ready at once."""
    pause, looked = _FIRST_PAUSE, 0
    while True:
        found = await get(work, id_)
        state = str(found.get("readyState"))
        if state == "READY":
            return looked == 0
        if state in ENDED_BADLY:
            raise BuildError(await _failure(work, id_, found, state))
        if state == "BLOCKED":
            raise ProviderError(
                f"Vercel holds the deployment {id_} back until somebody of the team lets it go on"
                f"{_page(found)}. Then run `pulumi up` again: it goes on with the same one."
            )
        if work.rest < pause:
            raise ProviderError(
                f"Vercel has been at it for {work.elapsed:.0f} seconds and the deployment {id_} is still "
                f"{state}. Run `pulumi up` again: it goes on waiting for the same one."
            )
        await work.say(f"Vercel says {state.lower()} ({work.elapsed:.0f} s)")
        await work.halt.pause(pause)
        pause, looked = min(pause * 1.5, _LONGEST_PAUSE), looked + 1


async def _in_production(work: Work, project: str, id_: str, at_once: bool) -> None:
    pause, since = _FIRST_PAUSE, time.monotonic()
    # What failed before this run's own promotion says nothing about that.
    before: tuple[Any, Any] | None = None
    while True:
        found, live = await get(work, id_), await the_project(work, project)
        assigned = bool(found.get("aliasAssigned"))
        if production_of(live) == id_ and assigned:
            return
        seen = found.get("aliasError"), live.get("lastAliasRequest")
        promotes = before is None and (at_once or assigned or time.monotonic() - since > _OWN_ACCORD_SECONDS)
        if promotes:
            await _promote(work, project, id_)
            before = seen
        elif why := _refused(id_, seen, before or (None, seen[1])):
            raise ProviderError(
                f"The deployment {id_} is ready, but Vercel could not give it the project's addresses: "
                f"{why}. Run `pulumi up` again."
            )
        if work.rest < pause:
            raise ProviderError(
                f"The deployment {id_} is ready, but is not in production. Run `pulumi up` again."
            )
        await work.say("ready; waiting for the project's addresses")
        await work.halt.pause(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def _refused(id_: str, seen: tuple[Any, Any], before: tuple[Any, Any]) -> str:
    """Why the deployment does not get the addresses, "" as long as nothing says so.

    Both are the deployment's `aliasError` and the project's `lastAliasRequest`, now and before.
    """
    error, request = seen
    if error and error != before[0]:
        return str(error.get("message") or error.get("code"))
    if request and request != before[1] and request.get("toDeploymentId") == id_:
        status = request.get("jobStatus")
        return f"the promotion {status}" if status in _ENDED_REQUESTS else ""
    return ""


async def _promote(work: Work, project: str, id_: str) -> None:
    """Point the project's addresses to a deployment: https://vercel.com/docs/rest-api/projects/promote"""
    doing = f"put the deployment {id_} into production"
    try:
        await work.call(
            "POST", path("v10", "projects", project, "promote", id_), doing, again=True, bare=True
        )
    except StoppedError:
        raise
    except ConflictError:
        # It is there already, or on its way.
        return
    except ProviderError:
        # Vercel may have done it of its own accord meanwhile.
        if production_of(await the_project(work, project)) != id_:
            raise


async def _failure(work: Work, id_: str, found: Any, state: str) -> str:
    why = found.get("errorMessage") or found.get("errorCode") or state.lower()
    why = str(why).rstrip(".")
    told = f"Vercel could not build the deployment: {why}. What was in production still is."
    if log := await _log(work, id_):
        told += f" The end of its log:\n{log}"
    return told + (f"\nAll of it: {page}" if (page := found.get("inspectorUrl")) else "")


def _page(found: Any) -> str:
    return f": see {page}" if (page := found.get("inspectorUrl")) else ""


async def _log(work: Work, id_: str) -> str:
    query = {"builds": "1", "limit": "-1"}
    try:
        events = await work.call(
            "GET", path("v3", "deployments", id_, "events"), "show the log", query=query, expects=list
        )
    except ProviderError:
        # The failure itself matters more than its log.
        return ""
    texts = [str(each.get("text") or (each.get("payload") or {}).get("text") or "") for each in events or ()]
    lines = [line for text in texts for line in text.splitlines() if line.strip()]
    return "\n".join(f"    {line[:300]}" for line in lines[-_LOG_LINES:])
