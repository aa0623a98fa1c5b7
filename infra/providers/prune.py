"""Which deployments stay for a rollback, and which go.

https://vercel.com/docs/rest-api/deployments/list-deployments
"""

from typing import Any

from .addresses import path
from .errors import GoneError
from .kinds import Work
from .project import domains_of, find, production_of
from .rollout import ENDED_BADLY

# What this provider writes into a deployment, to know its own again.
BUILD_MARK = "auth0PhoneBuild"
_PAGE = 100


async def listed(work: Work, project: str, most: int | None = None) -> list[Any]:
    """This provider's deployments of a project, newest first; only the newest `most` of all if given."""
    found: list[Any] = []
    query = {"projectId": project, "target": "production", "limit": str(most or _PAGE)}
    while True:
        page = await work.call("GET", "/v6/deployments", "list the deployments", query=query)
        found += page.get("deployments") or ()
        following = (page.get("pagination") or {}).get("next")
        if most is not None or not following:
            return [each for each in found if BUILD_MARK in (each.get("meta") or {})]
        query["until"] = str(following)


async def prune(work: Work, project: str, keep: int, newest: str) -> None:
    """Delete all but what serves, the newest `keep` besides it, and what is being built.

    `newest` is the deployment that this run has made or changed, if any: it stays, whatever Vercel shows.
    Nothing is deleted where it cannot be seen what serves.
    """
    found = await find(work, project)
    if found is None:
        return
    current = production_of(found)
    if not current:
        await work.warn("Vercel shows no deployment in production, so no old one was deleted.")
        return
    serving = {current, newest, *await _addressed(work, project)}
    others = [each for each in await listed(work, project) if each["uid"] not in serving]
    good = [each for each in others if each.get("readyState") == "READY"]
    bad = [each for each in others if each.get("readyState") in ENDED_BADLY]
    for each in [*good[keep:], *bad[keep:]]:
        try:
            doing = f"delete the deployment {each['uid']}"
            await work.call("DELETE", path("v13", "deployments", each["uid"]), doing)
        except GoneError:
            continue


async def _addressed(work: Work, project: str) -> set[str]:
    """The deployments that the project's domains lead to: https://vercel.com/docs/rest-api/aliases"""
    found = set()
    for domain in await domains_of(work, project):
        try:
            alias = await work.call(
                "GET",
                path("v4", "aliases", domain),
                f"read where {domain} leads",
                query={"projectId": project},
            )
        except GoneError:
            continue
        found.add(str(alias.get("deploymentId")))
    return found
