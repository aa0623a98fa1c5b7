"""From uploaded files to a release: a folder, its application, the environment it runs in."""

import shutil
from pathlib import Path

from ..context import Sandbox
from ..store import Doc
from . import documents, entrypoint
from .documents import DOMAINS, EVENTS
from .process import Release
from .uploads import Blobs

_PATH = "/usr/local/bin:/usr/bin:/bin"
_NO_ENTRYPOINT = (
    "No Python entrypoint found. Define a top-level `app` in one of: "
    f"{', '.join(entrypoint.CANDIDATES[:6])} (also in src/, app/ or api/), "
    'or name it in pyproject.toml: [project.scripts] app = "module:app".'
)


class BuildError(Exception):
    """A deployment that ends as ERROR, with Vercel's code for it; `lines` go into its log."""

    def __init__(self, code: str, message: str, lines: list[str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.lines = lines or []


class BuildLog:
    """The events of one deployment's build."""

    def __init__(self, sandbox: Sandbox, deployment: str) -> None:
        self._sandbox = sandbox
        self._deployment = deployment

    def say(self, text: str, kind: str = "stdout") -> None:
        store = self._sandbox.store
        with store.atomic():
            if store.get(documents.DEPLOYMENTS, self._deployment) is None:
                return
            kept = (store.get(EVENTS, self._deployment) or {"events": []})["events"]
            created = int(self._sandbox.clock.now() * 1000)
            event = {"type": kind, "created": created, "text": text}
            store.put(EVENTS, self._deployment, {"events": [*kept, event]})


def extract(blobs: Blobs, files: dict[str, str], folder: Path) -> None:
    """Lay the files out in a folder of their own; their paths were checked when they were taken in."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    for path, digest in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(blobs.path(digest), target)


def release(sandbox: Sandbox, doc: Doc, environment: dict[str, str], folder: Path) -> Release:
    """What a deployment's folder runs as, or BuildError where no application is in it."""
    found = entrypoint.find(folder)
    if found is None:
        raise BuildError("PYTHON_ENTRYPOINT_NOT_FOUND", _NO_ENTRYPOINT)
    return Release(doc["id"], folder, found, {**environment, **_system(sandbox, doc)})


def domains(sandbox: Sandbox, project: str) -> list[str]:
    """The names that answer for a project."""
    found = sandbox.store.where(DOMAINS, "projectId", project)
    return [doc["name"] for doc in found if doc["verified"]]


def aliases(sandbox: Sandbox, doc: Doc) -> list[str]:
    """The addresses that a production deployment gets."""
    return [*domains(sandbox, doc["projectId"]), f"{doc['name']}.vercel.app"]


def _system(sandbox: Sandbox, doc: Doc) -> dict[str, str]:
    """Source: https://vercel.com/docs/environment-variables/system-environment-variables"""
    target = "production" if doc["target"] else "preview"
    ca = {"SSL_CERT_FILE": str(sandbox.ca.absolute())} if sandbox.ca else {}
    return {
        "VERCEL": "1",
        "VERCEL_ENV": target,
        "VERCEL_TARGET_ENV": target,
        "VERCEL_URL": doc["url"],
        "VERCEL_DEPLOYMENT_ID": doc["id"],
        "VERCEL_PROJECT_ID": doc["projectId"],
        "VERCEL_PROJECT_PRODUCTION_URL": aliases(sandbox, doc)[0],
        "VERCEL_REGION": doc["regions"][0],
        "PATH": _PATH,
        "TZ": "UTC",
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        # What the emulated machine trusts: there is no other authority on a laptop.
        **ca,
    }


def begin(sandbox: Sandbox, doc: Doc, log: BuildLog, files: int) -> None:
    log.say(f"Running build in {doc['regions'][0]} (sandbox)")
    log.say(f"Taking {files} deployment files...")
    log.say("Nothing is installed here: the sandbox's interpreter has what it has.")
    sandbox.store.put(documents.DEPLOYMENTS, doc["id"], doc)
