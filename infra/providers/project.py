"""A project at Vercel: https://vercel.com/docs/rest-api/projects"""

from typing import Any, ClassVar

from . import importing
from .addresses import path
from .checks import PROJECT_NAME, REGION, Check
from .errors import ConflictError, GoneError, ProviderError, UnansweredError
from .kinds import Found, Kind, Properties, Work

_DEFAULT_REGION = "iad1"
# What every project of ours is beside its inputs, and what it is at Vercel:
# the runtime's own preset (the builder looks for an ASGI `app`; without one nothing but api/ is built), and
# deployments that are not in production are seen by the team alone (vercel.com/docs/deployment-protection).
_FIXED = {"framework": "python", "protection": "all_except_custom_domains"}
# How `FormHosting` calls a project, after itself.
_SUFFIX = "-project"


class Project(Kind):
    """The id is Vercel's. A lost answer never makes a second one: the name is looked up before and after."""

    inputs: ClassVar[dict[str, Check]] = {"name": PROJECT_NAME, "region": REGION}
    replacing: ClassVar[frozenset[str]] = frozenset()
    computed: ClassVar[dict[str, bool]] = dict.fromkeys(_FIXED, False)

    def drift(self, id_: str, state: Properties) -> list[str]:
        return [name for name, value in _FIXED.items() if state.get(name) != value]

    def planned(self, old: Properties | None, inputs: Properties) -> Properties:
        return {**inputs, **_FIXED}

    async def create(self, inputs: Properties, work: Work) -> tuple[str, Properties]:
        name = inputs["name"]
        found = await find(work, name)
        if found is not None:
            return await self._taken_over(found, inputs, work)
        try:
            made = await work.call("POST", "/v11/projects", f"create the project {name}", body=_body(inputs))
        except UnansweredError:
            # Before the call there was none: if there is one now, it is ours.
            made = await find(work, name)
            if made is None:
                raise
        return str(made["id"]), {**inputs, **_FIXED}

    async def read(self, id_: str, old: Properties, work: Work) -> Found | None:
        found = await find(work, id_)
        if found is None:
            return None
        inputs = {"name": str(found["name"]), "region": _region(found, old)}
        fixed = {
            "framework": str(found.get("framework") or ""),
            "protection": str((found.get("ssoProtection") or {}).get("deploymentType") or ""),
        }
        return Found(str(found["id"]), inputs, {**inputs, **fixed})

    async def update(self, id_: str, old: Properties, inputs: Properties, work: Work) -> Properties:
        doing = f"change the project {old.get('name', id_)}"
        await work.call("PATCH", path("v9", "projects", id_), doing, body=_body(inputs))
        return {**inputs, **_FIXED}

    async def delete(self, id_: str, old: Properties, work: Work) -> None:
        try:
            doing = f"delete the project {old.get('name', id_)}"
            await work.call("DELETE", path("v9", "projects", id_), doing)
        except GoneError:
            return

    async def _taken_over(self, found: Any, inputs: Properties, work: Work) -> tuple[str, Properties]:
        """What an interrupted `up` left, a project with nothing in it; no other is touched."""
        id_, name = str(found["id"]), inputs["name"]
        if not await _is_empty(work, found):
            parent = importing.parent_of(work.urn, _SUFFIX)
            told = importing.command(work.urn, id_, parent, work.provider)
            raise ConflictError(
                f"Vercel has a project {name} ({id_}) already, which is in use, and this stack does not know "
                "it. It was not changed.\n"
                "  - If others made it, choose another name: hosting.project\n"
                f"  - If it is this stage's, take it over:\n      {told}",
                "conflict",
            )
        state = await self.update(id_, inputs, inputs, work)
        await work.warn(f"Vercel had an empty project {name} ({id_}) already: this stack has taken it over.")
        return id_, state


def production_of(project: Any) -> str:
    """The id of the deployment that a project has in production, "" without one."""
    targets = project.get("targets") or {}
    return str((targets.get("production") or {}).get("id") or "")


async def the_project(work: Work, id_: str) -> Any:
    """A project that has to be there."""
    found = await find(work, id_)
    if found is None:
        raise ProviderError(
            f"Vercel has no project {id_} any more, or VERCEL_TOKEN may not see it. If somebody deleted it, "
            "let Pulumi see that, then deploy again:\n    pulumi refresh\n    pulumi up"
        )
    return found


async def find(work: Work, id_or_name: str) -> Any:
    """A project, or None."""
    try:
        doing = f"read the project {id_or_name}"
        return await work.call("GET", path("v9", "projects", id_or_name), doing)
    except GoneError:
        return None


async def domains_of(work: Work, id_: str) -> list[str]:
    """The names of a project's domains."""
    doing = "read the project's domains"
    answer = await work.call("GET", path("v9", "projects", id_, "domains"), doing, query={"limit": "100"})
    return [str(each["name"]) for each in answer.get("domains") or ()]


async def _is_empty(work: Work, found: Any) -> bool:
    """Whether nobody has connected, deployed or set anything."""
    id_ = str(found["id"])
    if found.get("link") or found.get("latestDeployments") or production_of(found):
        return False
    # A project has a name below vercel.app from its beginning.
    if any(not name.endswith(".vercel.app") for name in await domains_of(work, id_)):
        return False
    variables = await work.call("GET", path("v10", "projects", id_, "env"), "read the project's variables")
    deployed = await work.call(
        "GET", "/v6/deployments", "list the deployments", query={"projectId": id_, "limit": "1"}
    )
    return not variables.get("envs") and not deployed.get("deployments")


def _body(inputs: Properties) -> Properties:
    return {
        "name": inputs["name"],
        "framework": _FIXED["framework"],
        "serverlessFunctionRegion": inputs["region"] or None,
        "ssoProtection": {"deploymentType": _FIXED["protection"]},
    }


def _region(found: Any, old: Properties) -> str:
    """The region as the declaration would say it: Vercel's default is shown although nobody asked for it."""
    live = str(found.get("serverlessFunctionRegion") or "")
    return "" if live == _DEFAULT_REGION and not old.get("region") else live
