"""What happens to deployments: one build after the other, and the latest one stands at the address."""

import asyncio
import contextlib
import shutil
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Protocol

from ..context import Sandbox
from ..faults import Fault
from ..store import Doc
from . import builds, documents
from .builds import BuildError, BuildLog
from .documents import DEPLOYMENTS, ENDED, RELEASES
from .process import NotStartedError, Process, Release
from .projects import KIND as PROJECTS
from .uploads import Blobs

LOG = "service.log"
# Whoever starts the sandbox waits for a service that starts again, but not for one that hangs.
RESTORE_SECONDS = 10.0
# Longer than any honest start takes.
START_SECONDS = 60.0
# Which deployment stands at the address: {"deployment": id}.
_SITE = "vercel_site"
_KEY = "current"


class Place(Protocol):
    """Where one deployment at a time runs: see `Site`."""

    async def prepare(self, release: Release, seconds: float) -> Process: ...

    async def show(self, process: Process, hosts: list[str]) -> None: ...

    async def clear(self) -> None: ...

    async def fail(self) -> None: ...

    def name(self, hosts: list[str]) -> None: ...


class Platform:
    """The sandbox's Vercel, as far as it does something by itself."""

    def __init__(self, sandbox: Sandbox, folder: Path, site: Place) -> None:
        self.blobs = Blobs(folder / "files")
        # What the deployments print.
        self.log = folder / LOG
        self._sandbox = sandbox
        self._store = sandbox.store
        self._folder = folder / "deployments"
        self._site = site
        # The deployment that shall stand at the address, whether it runs or not.
        self._placed: str | None = None
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def enqueue(self, deployment: str) -> None:
        """Build it when those before it are done."""
        self._spawn(self._in_turn(self._build(deployment)))

    def promote(self, deployment: str) -> None:
        """Run what was built before, and give it the production addresses."""
        doc = self._store.get(DEPLOYMENTS, deployment) or {}
        self._alias_request(doc, "pending")
        self._spawn(self._in_turn(self._promote(deployment)))

    async def resume(self) -> None:
        """After a start: what stood at the address answers again, and builds that were cut off begin anew."""
        doc = self._current()
        if doc is not None:
            await self._restore(doc)
        releases = self._store.all(RELEASES)
        self.blobs.keep({digest for release in releases for digest in release["files"].values()})
        for waiting in self._store.all(DEPLOYMENTS):
            kept = self._store.get(RELEASES, waiting["id"]) or {}
            if waiting["readyState"] not in ENDED and not kept.get("stuck"):
                self.enqueue(waiting["id"])

    async def settle(self) -> None:
        """After deployments or everything disappeared: nothing runs that isn't known any more."""
        doc = self._current()
        if doc is None and self._placed is not None:
            self._placed = None
            await self._site.clear()
        elif doc is not None and doc["id"] != self._placed:
            await self._restore(doc)
        self._sweep()

    async def rename(self) -> None:
        """After a project's domains changed: its production deployment answers to those it has now."""
        for project in self._store.all(PROJECTS):
            doc = self._store.get(DEPLOYMENTS, project["production"] or "")
            if doc is not None:
                self._change(doc["id"], alias=builds.aliases(self._sandbox, doc))
        current = self._current()
        if current is not None:
            self._site.name(builds.domains(self._sandbox, current["projectId"]))

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _build(self, deployment: str) -> None:
        doc, kept = self._store.get(DEPLOYMENTS, deployment), self._store.get(RELEASES, deployment)
        if doc is None or kept is None:
            return
        log, fault = BuildLog(self._sandbox, deployment), self._sandbox.faults.pick_build(doc["name"])
        doc |= {"readyState": "BUILDING", "buildingAt": documents.now(self._sandbox)}
        builds.begin(self._sandbox, doc, log, len(kept["files"]))
        if fault is not None and fault.kind == "never_ready":
            self._store.put(RELEASES, deployment, {**kept, "stuck": True})
            return
        try:
            release, process = await self._made(doc, kept, fault)
        except BuildError as error:
            self._fail(deployment, error, log)
            return
        log.say(f"Found the application {release.entrypoint.name} in {release.entrypoint.file}")
        log.say("Build Completed")
        if self._change(deployment, readyState="READY", ready=documents.now(self._sandbox)) is None:
            await _discard(process)
        elif process is not None:
            await self._alias(doc, process, fault)

    async def _made(self, doc: Doc, kept: Doc, fault: Fault | None) -> tuple[Release, Process | None]:
        if fault is not None and fault.kind == "build_error":
            told = fault.body if isinstance(fault.body, dict) else {}
            message = str(told.get("errorMessage", 'Command "uv sync" exited with 1'))
            raise BuildError(str(told.get("errorCode", "BUILD_FAILED")), message)
        folder = self._folder / doc["id"]
        try:
            await asyncio.to_thread(builds.extract, self.blobs, kept["files"], folder)
        except OSError as error:
            raise BuildError("BUILD_FAILED", f"The files can't be written: {error.strerror}") from error
        release = builds.release(self._sandbox, doc, kept["environment"], folder)
        if not doc["target"]:
            return release, None
        try:
            return release, await self._site.prepare(release, START_SECONDS)
        except NotStartedError as error:
            last = next((line for line in reversed(error.lines) if line.strip()), "")
            raise BuildError("BUILD_FAILED", f"{error}. {last}".strip(), error.lines) from error

    async def _alias(self, doc: Doc, process: Process, fault: Fault | None) -> bool:
        """Whether the production addresses lead to the deployment now."""
        if fault is not None and fault.kind == "alias_error":
            await _discard(process)
            told = fault.body if isinstance(fault.body, dict) else {}
            error = {"code": "cert_missing", "message": "The certificate could not be issued", **told}
            self._change(doc["id"], aliasError=error)
            return False
        try:
            await self._site.show(process, builds.domains(self._sandbox, doc["projectId"]))
            self._placed = doc["id"]
        except NotStartedError as error:
            self._change(doc["id"], aliasError={"code": "internal_server_error", "message": str(error)})
            return False
        with self._store.atomic():
            assigned = documents.now(self._sandbox)
            aliases = builds.aliases(self._sandbox, doc)
            known = self._change(doc["id"], alias=aliases, aliasAssigned=assigned, aliasError=None)
            project = self._store.get(PROJECTS, doc["projectId"])
            if known and project:
                self._take_aliases(project["production"], doc["id"])
                self._store.put(PROJECTS, project["id"], {**project, "production": doc["id"]})
                self._store.put(_SITE, _KEY, {"deployment": doc["id"]})
        await self.settle()
        return known is not None

    async def _promote(self, deployment: str) -> None:
        doc, kept = self._store.get(DEPLOYMENTS, deployment), self._store.get(RELEASES, deployment)
        if doc is None or kept is None:
            return
        try:
            folder = self._folder / deployment
            release = builds.release(
                self._sandbox, {**doc, "target": "production"}, kept["environment"], folder
            )
            process = await self._site.prepare(release, START_SECONDS)
        except (BuildError, NotStartedError):
            self._alias_request(doc, "failed")
            return
        done = await self._alias(doc, process, None)
        self._alias_request(doc, "succeeded" if done else "failed")

    async def _restore(self, doc: Doc) -> None:
        """Run a deployment again that was built before; where that fails, its address says so."""
        kept = self._store.get(RELEASES, doc["id"]) or {}
        self._placed = doc["id"]
        try:
            release = builds.release(self._sandbox, doc, kept["environment"], self._folder / doc["id"])
            process = await self._site.prepare(release, RESTORE_SECONDS)
            await self._site.show(process, builds.domains(self._sandbox, doc["projectId"]))
        except (BuildError, NotStartedError):
            await self._site.fail()

    def _take_aliases(self, before: str | None, deployment: str) -> None:
        if before is not None and before != deployment:
            self._change(before, alias=[])

    def _fail(self, deployment: str, error: BuildError, log: BuildLog) -> None:
        for line in error.lines:
            log.say(line, "stderr")
        log.say(f"Error: {error.message}", "stderr")
        self._change(deployment, readyState="ERROR", errorCode=error.code, errorMessage=error.message)

    def _alias_request(self, doc: Doc, status: str) -> None:
        project = self._store.get(PROJECTS, doc.get("projectId", ""))
        if project is None:
            return
        pending = {
            "type": "promote",
            "fromDeploymentId": project["production"],
            "toDeploymentId": doc["id"],
            "requestedAt": documents.now(self._sandbox),
        }
        request = {**pending, **(project["lastAliasRequest"] or {})} if status != "pending" else pending
        self._store.put(
            PROJECTS, project["id"], {**project, "lastAliasRequest": {**request, "jobStatus": status}}
        )

    def _current(self) -> Doc | None:
        current = self._store.get(_SITE, _KEY)
        return self._store.get(DEPLOYMENTS, current["deployment"]) if current else None

    def _change(self, deployment: str, **members: Any) -> Doc | None:
        """Set members of a deployment; None when it was deleted meanwhile."""
        with self._store.atomic():
            doc = self._store.get(DEPLOYMENTS, deployment)
            if doc is not None:
                doc |= members
                self._store.put(DEPLOYMENTS, deployment, doc)
        return doc

    def _sweep(self) -> None:
        """Folders of deployments that are gone."""
        known = {doc["id"] for doc in self._store.all(DEPLOYMENTS)}
        for folder in self._folder.glob("dpl_*"):
            if folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)

    async def _in_turn(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            async with self._turn:
                await work
        finally:
            work.close()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _discard(process: Process | None) -> None:
    if process is not None:
        await process.kill()
