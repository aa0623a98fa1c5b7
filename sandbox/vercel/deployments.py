"""Deployments: made from uploaded files, listed, deleted, and put in front of people.

Shapes: https://vercel.com/docs/rest-api/deployments/create-a-new-deployment
"""

import base64
import binascii
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..context import Sandbox
from ..store import Doc
from . import account, bodies, documents, errors, uploads, variables
from .documents import DEPLOYMENTS, EVENTS, RELEASES
from .projects import KIND as PROJECTS
from .projects import Projects

_SHAPE = {
    "name": "string",
    "project": "string",
    "target": "string|null",
    "files": "array",
    "meta": "object",
    "projectSettings": "object",
    "regions": "array",
}
_FILE = {"file": "string", "data": "string", "encoding": "string", "sha": "string", "size": "number"}
_TARGETS = ("production", "preview")
_PAGE = 20
_LARGEST_PAGE = 100
_NUMBER_DIGITS = 16


class Deployments:
    """The endpoints."""

    def __init__(self, sandbox: Sandbox, projects: Projects) -> None:
        self._sandbox = sandbox
        self._store = sandbox.store
        self._projects = projects

    async def create(self, request: Request) -> Response:
        """Take it in as QUEUED; the build follows, one after the other."""
        account.scope(self._sandbox, request)
        given = await bodies.object_body(request, _SHAPE, required=("name", "files"))
        project = self._projects.of(request, given.get("project", given["name"]))
        target = given.get("target") or "preview"
        if target not in _TARGETS:
            raise errors.invalid(f"`target` should be one of {', '.join(_TARGETS)}.")
        files = self._files(given["files"])
        meta = given.get("meta", {})
        if not all(isinstance(value, str) for value in meta.values()):
            raise errors.invalid("`meta` should be an object of strings.")
        with self._store.atomic():
            values = variables.of_target(self._sandbox, project, target)
            doc = self._new(project, target, meta)
            doc |= {"env": sorted(values), "build": {"env": sorted(values)}}
            self._store.put(DEPLOYMENTS, doc["id"], doc)
            self._store.put(RELEASES, doc["id"], {"files": files, "environment": values})
        self._sandbox.vercel.enqueue(doc["id"])
        return JSONResponse(documents.deployment(doc) | {"project": _brief(project)})

    async def get(self, request: Request) -> Response:
        doc = self._of(request)
        project = self._store.get(PROJECTS, doc["projectId"]) or {}
        return JSONResponse(documents.deployment(doc) | {"project": _brief(project)})

    async def page(self, request: Request) -> Response:
        """The newest first; `until` is where the page before ended."""
        owner, query = account.scope(self._sandbox, request), request.query_params
        docs = [doc for doc in self._store.all(DEPLOYMENTS) if doc["accountId"] == owner]
        if "projectId" in query:
            project = self._projects.find(owner, query["projectId"])
            docs = [doc for doc in docs if project and doc["projectId"] == project["id"]]
        for name, member in (("target", "target"), ("state", "readyState")):
            if name in query:
                docs = [doc for doc in docs if doc[member] in query[name].split(",")]
        limit, until = _number(request, "limit", _PAGE), _number(request, "until", 0)
        if not 1 <= limit <= _LARGEST_PAGE:
            raise errors.invalid(f"`limit` should be from 1 to {_LARGEST_PAGE}.")
        older = [doc for doc in reversed(docs) if not until or doc["createdAt"] < until]
        shown = older[:limit]
        following = shown[-1]["createdAt"] if len(older) > limit else None
        previous = shown[0]["createdAt"] if shown and until else None
        pagination = {"count": len(shown), "next": following, "prev": previous}
        listed = [documents.listed(doc) for doc in shown]
        return JSONResponse({"deployments": listed, "pagination": pagination})

    async def delete(self, request: Request) -> Response:
        """Also the one in production: its addresses then answer that there is none."""
        doc = self._of(request)
        with self._store.atomic():
            documents.remove(self._store, DEPLOYMENTS, doc)
            project = self._store.get(PROJECTS, doc["projectId"])
            if project is not None and project["production"] == doc["id"]:
                self._store.put(PROJECTS, project["id"], {**project, "production": None})
        await self._sandbox.vercel.settle()
        return JSONResponse({"uid": doc["id"], "state": "DELETED"})

    async def events(self, request: Request) -> Response:
        """The build's log."""
        doc = self._of(request)
        kept = (self._store.get(EVENTS, doc["id"]) or {"events": []})["events"]
        return JSONResponse([_event(doc, number, event) for number, event in enumerate(kept, 1)])

    async def promote(self, request: Request) -> Response:
        """Put an earlier deployment into production, as it was built; the project's
        `lastAliasRequest` tells when that is done."""
        project = self._projects.of(request)
        doc = self._of(request)
        if doc["projectId"] != project["id"]:
            raise errors.not_found("deployment", doc["id"])
        if doc["readyState"] != "READY":
            raise errors.VercelError(400, "bad_request", "Only a deployment that is READY can be promoted.")
        if project["production"] == doc["id"]:
            raise errors.VercelError(409, "conflict", "The deployment is the current production deployment.")
        self._sandbox.vercel.promote(doc["id"])
        return JSONResponse({}, 202)

    def _of(self, request: Request) -> Doc:
        owner, wanted = account.scope(self._sandbox, request), request.path_params["deployment"]
        for doc in self._store.all(DEPLOYMENTS):
            if doc["accountId"] == owner and wanted in (doc["id"], doc["url"]):
                return doc
        raise errors.VercelError(404, "not_found", "The deployment could not be found")

    def _files(self, given: list[Any]) -> dict[str, str]:
        """{path: digest}; refused as missing_files while a body has not been uploaded."""
        if not given:
            raise errors.bad_request("A deployment needs at least one file.")
        if len(given) > uploads.MOST_FILES:
            raise errors.bad_request(f"A deployment can have at most {uploads.MOST_FILES} files.")
        entries = [bodies.checked(each, _FILE, required=("file",)) for each in given]
        uploads.check_paths(each["file"] for each in entries)
        files = {each["file"]: self._digest(each) for each in entries}
        blobs = self._sandbox.vercel.blobs
        missing = sorted({digest for digest in files.values() if not blobs.has(digest)})
        if missing:
            raise errors.VercelError(400, "missing_files", "Missing files", missing=missing)
        for each in entries:
            size = blobs.path(files[each["file"]]).stat().st_size
            if each.get("size", size) != size:
                raise errors.bad_request(f"The file `{each['file']}` has {size} bytes.")
        return files

    def _digest(self, entry: dict[str, Any]) -> str:
        if "data" not in entry:
            if not uploads.is_digest(entry.get("sha")):
                raise errors.invalid("`files` should have `data`, or `sha` with the SHA1 of the file.")
            return str(entry["sha"])
        if entry.get("encoding", "utf-8") == "base64":
            try:
                body = base64.b64decode(entry["data"], validate=True)
            except (ValueError, binascii.Error):
                raise errors.invalid(f"`data` of `{entry['file']}` should be base64.") from None
        else:
            body = entry["data"].encode("utf-8", "replace")
        return self._sandbox.vercel.blobs.put(body)

    def _new(self, project: Doc, target: str, meta: dict[str, str]) -> Doc:
        ids, at = self._sandbox.ids, documents.now(self._sandbox)
        identifier = f"dpl_{ids.alphanumeric(28)}"
        return {
            "id": identifier,
            "name": project["name"],
            "projectId": project["id"],
            "accountId": project["accountId"],
            "creatorId": account.of(self._sandbox)["user"],
            "url": f"{project['name'][:40]}-{ids.alphanumeric(9).lower()}.vercel.app",
            "inspectorUrl": f"https://vercel.com/{account.USERNAME}/{project['name']}/{identifier[4:]}",
            "target": target if target == "production" else None,
            "meta": meta,
            "regions": [project["serverlessFunctionRegion"] or "iad1"],
            "readyState": "QUEUED",
            "createdAt": at,
            "buildingAt": None,
            "ready": None,
            "alias": [],
            "aliasAssigned": None,
            "aliasError": None,
            "errorCode": None,
            "errorMessage": None,
        }


def _brief(project: Doc) -> dict[str, Any]:
    return {name: project.get(name) for name in ("id", "name", "framework")}


def _event(doc: Doc, number: int, event: Doc) -> dict[str, Any]:
    return {
        **event,
        "date": event["created"],
        "deploymentId": doc["id"],
        "id": f"{event['created']}{number:06}",
        "serial": f"{event['created']}{number:06}",
        "info": {"type": "build", "name": f"bld_{doc['id'][4:13].lower()}"},
    }


def _number(request: Request, name: str, default: int) -> int:
    given = request.query_params.get(name, str(default))
    if not (given.isascii() and given.isdigit()) or len(given) > _NUMBER_DIGITS:
        raise errors.invalid(f"`{name}` should be number.")
    return int(given)
