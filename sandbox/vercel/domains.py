"""A project's domains: each name belongs to one project alone.

Shapes: https://vercel.com/docs/rest-api/projects/add-a-domain-to-a-project
"""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..context import Sandbox
from ..store import Doc
from . import account, bodies, documents, errors
from .documents import DOMAINS
from .projects import Projects

_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_SHAPE = {
    "name": "string",
    "redirect": "string|null",
    "redirectStatusCode": "number|null",
    "gitBranch": "string|null",
}


class Domains:
    """The endpoints. A name answers at once, unless a switch says that its owner has to be proven first."""

    def __init__(self, sandbox: Sandbox, projects: Projects) -> None:
        self._sandbox = sandbox
        self._store = sandbox.store
        self._projects = projects

    async def add(self, request: Request) -> Response:
        project = self._projects.of(request)
        given = await bodies.object_body(request, _SHAPE, required=("name",))
        name = given["name"].lower()
        if not _NAME.fullmatch(name):
            raise errors.VercelError(400, "invalid_domain", f'The domain "{given["name"]}" is not valid.')
        if given.get("redirect") or given.get("gitBranch"):
            message = "The sandbox knows neither redirects nor branches of a domain."
            raise errors.VercelError(501, "sandbox_unknown", message)
        with self._store.atomic():
            self._refuse_used(project, name)
            at = documents.now(self._sandbox)
            doc = {
                "name": name,
                "projectId": project["id"],
                "createdAt": at,
                "updatedAt": at,
                "verified": self._sandbox.switches.vercel_domains_verified,
                "proof": f"vc-domain-verify={name},{self._sandbox.ids.hex(20)}",
            }
            self._store.put(DOMAINS, name, doc)
        await self._sandbox.vercel.rename()
        return JSONResponse(_public(doc))

    async def all(self, request: Request) -> Response:
        found = self._store.where(DOMAINS, "projectId", self._projects.of(request)["id"])
        pagination = {"count": len(found), "next": None, "prev": None}
        return JSONResponse({"domains": [_public(doc) for doc in found], "pagination": pagination})

    async def get(self, request: Request) -> Response:
        return JSONResponse(_public(self._of(request)))

    async def verify(self, request: Request) -> Response:
        """Look for the proof again."""
        doc = self._of(request)
        if not self._sandbox.switches.vercel_domains_verified:
            message = f'Domain _vercel.{doc["name"]} is missing required TXT Record "{doc["proof"]}"'
            raise errors.VercelError(400, "missing_txt_record", message)
        doc |= {"verified": True, "updatedAt": documents.now(self._sandbox)}
        self._store.put(DOMAINS, doc["name"], doc)
        await self._sandbox.vercel.rename()
        return JSONResponse(_public(doc))

    async def remove(self, request: Request) -> Response:
        self._store.delete(DOMAINS, self._of(request)["name"])
        await self._sandbox.vercel.rename()
        return JSONResponse({})

    async def config(self, request: Request) -> Response:
        """How the name resolves."""
        account.scope(self._sandbox, request)
        configured = self._sandbox.switches.vercel_domains_configured
        return JSONResponse(
            {
                "configuredBy": "A" if configured else None,
                "acceptedChallenges": ["http-01"],
                "misconfigured": not configured,
                "nameservers": [],
                "cnames": [],
                "aValues": ["127.0.0.1"] if configured else [],
                "conflicts": [],
                "recommendedIPv4": [{"rank": 1, "value": ["127.0.0.1"]}],
                "recommendedCNAME": [],
            }
        )

    def _of(self, request: Request) -> Doc:
        project, name = self._projects.of(request), request.path_params["domain"].lower()
        doc = self._store.get(DOMAINS, name)
        if doc is None or doc["projectId"] != project["id"]:
            message = f'The domain "{name}" is not assigned to "{project["name"]}".'
            raise errors.VercelError(404, "not_found", message)
        return doc

    def _refuse_used(self, project: Doc, name: str) -> None:
        used = self._store.get(DOMAINS, name)
        if used is None:
            return
        own = used["projectId"] == project["id"]
        message = f"Cannot add {name} since it's already " + (
            "assigned to this project." if own else "assigned to another project."
        )
        status = 400 if own else 409
        raise errors.VercelError(status, "domain_already_in_use", message, projectId=used["projectId"])


def _public(doc: Doc) -> dict[str, Any]:
    shown = {name: value for name, value in doc.items() if name != "proof"} | {
        "apexName": ".".join(doc["name"].split(".")[-2:]),
        "redirect": None,
        "redirectStatusCode": None,
        "gitBranch": None,
    }
    if doc["verified"]:
        return shown
    challenge = {
        "type": "TXT",
        "domain": f"_vercel.{doc['name']}",
        "value": doc["proof"],
        "reason": "pending_domain_verification",
    }
    return shown | {"verification": [challenge]}
