"""A deployment: https://vercel.com/docs/rest-api/deployments/create-a-new-deployment"""

from collections.abc import Collection
from typing import Any, ClassVar

from . import prune, rollout, upload
from .checks import HEALTH_URL, ID, Check, files, keep
from .errors import GoneError, IncompleteError, MissingFilesError, ProviderError, UnansweredError
from .kinds import Found, Kind, Properties, Work
from .project import find, production_of, the_project
from .wire import is_known

_TRIES = 3
_LOOKED_AT = 20


class Deployment(Kind):
    """The id is Vercel's. What was asked for is never asked for twice: a deployment carries its build's id.

    As soon as there is one, an error keeps it in the state, and the next `up` goes on from there; only
    one that could not be built is forgotten. Deletion takes old ones away, never what is in production.
    """

    inputs: ClassVar[dict[str, Check]] = {
        "projectId": ID,
        "files": files,
        "environmentRevision": ID,
        "healthUrl": HEALTH_URL,
        "keep": keep,
    }
    replacing: ClassVar[frozenset[str]] = frozenset({"projectId", "files", "environmentRevision"})
    computed: ClassVar[dict[str, bool]] = {
        "build": False,
        "url": False,
        "deploymentId": False,
        "production": False,
    }

    def __init__(self) -> None:
        # A deletion knows only what its own resource was told; the newest wish counts.
        # By project: how many to keep, and the deployment that was made or changed last.
        self._wishes: dict[str, tuple[int, str]] = {}

    def drift(self, id_: str, state: Properties) -> list[str]:
        return ["production"] if state.get("production") != id_ else []

    def planned(self, old: Properties | None, inputs: Properties) -> Properties:
        plan = super().planned(old, inputs)
        if old is not None:
            return {**plan, "production": old.get("deploymentId")}
        if is_known(inputs["files"]) and is_known(inputs["environmentRevision"]):
            plan["build"] = upload.build_of(inputs["files"], inputs["environmentRevision"])
        return plan

    async def create(self, inputs: Properties, work: Work) -> tuple[str, Properties]:
        project, build = inputs["projectId"], upload.build_of(inputs["files"], inputs["environmentRevision"])
        bodies = upload.bodies(inputs["files"], build)
        name = str((await the_project(work, project))["name"])
        made = await _existing(work, project, build) or await _asked_for(work, name, project, build, bodies)
        id_ = str(made.get("id") or made.get("uid"))
        self._wishes[project] = inputs["keep"], id_
        state = {**inputs, "build": build, "url": f"https://{made.get('url')}", "deploymentId": id_}
        return id_, await _served(work, id_, state)

    async def read(self, id_: str, old: Properties, work: Work) -> Found | None:
        if not old:
            raise ProviderError(
                "A deployment is not imported: import the project, and `pulumi up` makes a deployment of "
                "what is declared."
            )
        try:
            found = await rollout.get(work, id_)
        except GoneError:
            return None
        project = await find(work, old["projectId"])
        if project is None or found.get("readyState") in rollout.ENDED_BADLY:
            return None
        inputs = {name: old[name] for name in self.inputs}
        return Found(
            id_, inputs, {**old, "url": f"https://{found.get('url')}", "production": production_of(project)}
        )

    async def update(self, id_: str, old: Properties, inputs: Properties, work: Work) -> Properties:
        """Wait for the one that is there, and put it back into production where another one is."""
        project = inputs["projectId"]
        self._wishes[project] = inputs["keep"], id_
        state = {**{name: old.get(name) for name in self.computed}, **inputs}
        try:
            state = await _served(work, id_, state)
        except (GoneError, rollout.BuildError) as error:
            # Nothing of it will ever serve. A state that is nobody's wish makes the next `up` replace it.
            raise IncompleteError(str(error), id_, {**state, "environmentRevision": ""}) from None
        if old.get("keep") != inputs["keep"]:
            await prune.prune(work, project, inputs["keep"], id_)
        return state

    async def delete(self, id_: str, old: Properties, work: Work) -> None:
        project = old["projectId"]
        keep, newest = self._wishes.get(project, (int(old["keep"]), ""))
        await prune.prune(work, project, keep, newest)


async def _served(work: Work, id_: str, state: Properties) -> Properties:
    """The state once the deployment serves."""
    try:
        await rollout.serve(work, state["projectId"], id_, state["healthUrl"], state["build"])
    except (rollout.BuildError, GoneError):
        raise
    except ProviderError as error:
        raise IncompleteError(str(error), id_, {**state, "production": ""}) from None
    return {**state, "production": id_}


async def _existing(work: Work, project: str, build: str) -> Any:
    """A deployment of the same build that can still serve: of an interrupted `up`, or kept for a rollback."""
    for each in await prune.listed(work, project, _LOOKED_AT):
        same = each["meta"][prune.BUILD_MARK] == build
        if same and each.get("readyState") not in rollout.ENDED_BADLY:
            return each
    return None


async def _asked_for(work: Work, name: str, project: str, build: str, files: Collection[upload.File]) -> Any:
    body = {
        "name": name,
        "project": project,
        "target": "production",
        "files": [{"file": each.path, "sha": each.sha1, "size": len(each.body)} for each in files],
        "meta": {prune.BUILD_MARK: build},
    }
    for _ in range(_TRIES):
        try:
            return await work.call(
                "POST",
                "/v13/deployments",
                "start the deployment",
                query={"skipAutoDetectionConfirmation": "1"},
                body=body,
            )
        except MissingFilesError as error:
            lost: ProviderError = error
            await upload.send(files, error.digests, work)
        except UnansweredError as error:
            lost = error
            if found := await _existing(work, project, build):
                return found
    raise lost
