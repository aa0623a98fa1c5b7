"""Projects: what an account deploys into.

Shapes: https://vercel.com/docs/rest-api/projects
"""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..context import Sandbox
from ..store import Doc
from . import account, bodies, documents, errors

KIND = "vercel_projects"
_NAME = re.compile(r"[a-z0-9._-]{1,100}")
_SETTINGS = {
    "buildCommand": "string|null",
    "devCommand": "string|null",
    "framework": "string|null",
    "installCommand": "string|null",
    "outputDirectory": "string|null",
    "rootDirectory": "string|null",
    "publicSource": "boolean|null",
    "serverlessFunctionRegion": "string|null",
    "ssoProtection": "object|null",
}
_SHAPE = {"name": "string", **_SETTINGS}
_REGION = re.compile(r"[a-z]{3}[0-9]")
_PROTECTION = {"deploymentType": "all_except_custom_domains"}


class Projects:
    """The endpoints."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._store = sandbox.store

    async def create(self, request: Request) -> Response:
        owner = account.scope(self._sandbox, request)
        given = await bodies.object_body(request, _SHAPE, required=("name",))
        _check(given)
        with self._store.atomic():
            self._refuse_taken(owner, given["name"])
            doc = self._new(owner, given)
            self._store.put(KIND, doc["id"], doc)
        return JSONResponse(self.public(doc))

    async def get(self, request: Request) -> Response:
        return JSONResponse(self.public(self.of(request)))

    async def update(self, request: Request) -> Response:
        doc = self.of(request)
        given = await bodies.object_body(request, _SHAPE)
        _check(given)
        with self._store.atomic():
            if given.get("name", doc["name"]) != doc["name"]:
                self._refuse_taken(doc["accountId"], given["name"])
            doc |= {**given, "updatedAt": documents.now(self._sandbox)}
            self._store.put(KIND, doc["id"], doc)
        return JSONResponse(self.public(doc))

    async def delete(self, request: Request) -> Response:
        doc = self.of(request)
        with self._store.atomic():
            self._store.delete(KIND, doc["id"])
            for kind in (documents.VARIABLES, documents.DOMAINS, documents.DEPLOYMENTS):
                for owned in self._store.where(kind, "projectId", doc["id"]):
                    documents.remove(self._store, kind, owned)
        await self._sandbox.vercel.settle()
        return Response(status_code=204)

    def of(self, request: Request, name: str | None = None) -> Doc:
        """The project that the path (or `name`) means, by its id or name, for who may see it."""
        owner = account.scope(self._sandbox, request)
        wanted = request.path_params["project"] if name is None else name
        doc = self.find(owner, wanted)
        if doc is None:
            raise errors.VercelError(404, "not_found", "Project not found.")
        return doc

    def find(self, owner: str, wanted: str) -> Doc | None:
        for doc in self._store.all(KIND):
            if doc["accountId"] == owner and wanted in (doc["id"], doc["name"]):
                return doc
        return None

    def public(self, doc: Doc) -> dict[str, Any]:
        """The project as the API shows it, with its production deployment and the latest ones."""
        deployments = self._store.where(documents.DEPLOYMENTS, "projectId", doc["id"])
        latest = [documents.deployment(each) for each in reversed(deployments)][:10]
        production = next((each for each in latest if each["id"] == doc["production"]), None)
        if production is None and doc["production"]:
            kept = self._store.get(documents.DEPLOYMENTS, doc["production"])
            production = documents.deployment(kept) if kept else None
        shown = {name: value for name, value in doc.items() if name != "production"}
        return shown | {
            "latestDeployments": latest,
            "live": False,
            "targets": {"production": production} if production else {},
        }

    def _new(self, owner: str, given: dict[str, Any]) -> Doc:
        at = documents.now(self._sandbox)
        return {
            "id": f"prj_{self._sandbox.ids.alphanumeric(28)}",
            "accountId": owner,
            "createdAt": at,
            "updatedAt": at,
            "nodeVersion": "24.x",
            "directoryListing": False,
            "lastAliasRequest": None,
            "production": None,
            **dict.fromkeys(_SETTINGS),
            "ssoProtection": _PROTECTION,
            **given,
        }

    def _refuse_taken(self, owner: str, name: str) -> None:
        if any(doc["accountId"] == owner and doc["name"] == name for doc in self._store.all(KIND)):
            raise errors.VercelError(409, "conflict", "Project already exists, please use a new name.")


def _check(given: dict[str, Any]) -> None:
    name, region = given.get("name"), given.get("serverlessFunctionRegion")
    if name is not None and (not _NAME.fullmatch(name) or "---" in name):
        raise errors.bad_request(
            "Project names can be up to 100 characters long and must be lowercase. They can include letters, "
            "digits, and the following characters: '.', '_', '-'. However, they cannot contain the sequence "
            "'---'."
        )
    if region is not None and not _REGION.fullmatch(region):
        raise errors.invalid("`serverlessFunctionRegion` should be one of Vercel's regions.")
