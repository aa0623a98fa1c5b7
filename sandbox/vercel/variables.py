"""A project's environment variables.

Shapes: https://vercel.com/docs/rest-api/projects/create-one-or-more-environment-variables
"""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..context import Sandbox
from ..store import Doc
from . import account, bodies, documents, errors
from .documents import VARIABLES
from .projects import Projects

# All variables of a deployment together, and each one. (https://vercel.com/docs/environment-variables)
TOTAL_BYTES = 64 * 2**10
_MOST = 1000
_TARGETS = ("production", "preview", "development")
_TYPES = ("system", "encrypted", "plain", "sensitive")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,255}")
# Lambda's own. (https://vercel.com/docs/environment-variables/reserved-environment-variables)
_RESERVED = re.compile(
    r"AWS_(SECRET_KEY|EXECUTION_ENV|LAMBDA_.*|DEFAULT_REGION|REGION|ACCESS_KEY(_ID)?|"
    r"SECRET_ACCESS_KEY|SESSION_TOKEN)|NOW_REGION|TZ|LAMBDA_.*"
)
_SHAPE = {
    "key": "string",
    "value": "string",
    "type": "string",
    "target": "array|string",
    "comment": "string|null",
    "gitBranch": "string|null",
    "customEnvironmentIds": "array",
}


class Variables:
    """The endpoints. A value of type sensitive is never shown again."""

    def __init__(self, sandbox: Sandbox, projects: Projects) -> None:
        self._sandbox = sandbox
        self._store = sandbox.store
        self._projects = projects

    async def create(self, request: Request) -> Response:
        """One object or a list of them. In a list, a variable that exists fails alone."""
        project = self._projects.of(request)
        given = await bodies.json_body(request)
        many = isinstance(given, list)
        wanted = [_checked(each) for each in (given if many else [given])]
        upsert = request.query_params.get("upsert") == "true"
        created: list[dict[str, Any]] = []
        failed: list[dict[str, Any]] = []
        with self._store.atomic():
            for each in wanted:
                existing = self._existing(project, each)
                if existing is not None and not upsert:
                    failed.append({"error": _conflict(each)})
                else:
                    created.append(self._put(project, each, existing))
        if failed and not many:
            raise errors.VercelError(403, "ENV_ALREADY_EXISTS", **_without_code(failed[0]["error"]))
        return JSONResponse({"created": created if many else created[0], "failed": failed}, 201)

    async def all(self, request: Request) -> Response:
        project = self._projects.of(request)
        reads = request.query_params.get("decrypt") == "true"
        docs = self._store.where(VARIABLES, "projectId", project["id"])
        return JSONResponse({"envs": [_public(doc, reads) for doc in docs]})

    async def update(self, request: Request) -> Response:
        doc = self._of(request)
        given = await bodies.object_body(request, _SHAPE)
        if doc["type"] == "sensitive" and given.get("type", "sensitive") != "sensitive":
            raise errors.bad_request("You cannot change the type of a Sensitive Environment Variable.")
        merged = _checked({name: doc[name] for name in ("key", "value", "type", "target")} | given)
        with self._store.atomic():
            other = self._existing({"id": doc["projectId"]}, merged)
            if other is not None and other["id"] != doc["id"]:
                raise errors.VercelError(403, "ENV_ALREADY_EXISTS", **_without_code(_conflict(merged)))
            return JSONResponse(self._put({"id": doc["projectId"]}, merged, doc))

    async def delete(self, request: Request) -> Response:
        doc = self._of(request)
        self._store.delete(VARIABLES, doc["id"])
        return JSONResponse(_public(doc, False))

    def _of(self, request: Request) -> Doc:
        project = self._projects.of(request)
        doc = self._store.get(VARIABLES, request.path_params["variable"])
        if doc is None or doc["projectId"] != project["id"]:
            raise errors.VercelError(404, "ENV_NOT_FOUND", "The Environment Variable was not found.")
        return doc

    def _existing(self, project: Doc, wanted: dict[str, Any]) -> Doc | None:
        for doc in self._store.where(VARIABLES, "projectId", project["id"]):
            if doc["key"] == wanted["key"] and set(doc["target"]) & set(wanted["target"]):
                return doc
        return None

    def _put(self, project: Doc, wanted: dict[str, Any], existing: Doc | None) -> dict[str, Any]:
        if existing is None and len(self._store.where(VARIABLES, "projectId", project["id"])) >= _MOST:
            raise errors.bad_request(f"A project can have at most {_MOST} Environment Variables.")
        at = documents.now(self._sandbox)
        fresh = {
            "id": self._sandbox.ids.alphanumeric(16),
            "projectId": project["id"],
            "createdAt": at,
            "createdBy": account.of(self._sandbox)["user"],
            "cipher": f"eyJ2IjoidjIi{self._sandbox.ids.alphanumeric(64)}",
        }
        doc = {**(existing or fresh), **wanted, "updatedAt": at}
        self._store.put(VARIABLES, doc["id"], doc)
        return _public(doc, False)


def of_target(sandbox: Sandbox, project: Doc, target: str) -> dict[str, str]:
    """{name: value} as a deployment to `target` gets them; refused where they are too large together."""
    docs = sandbox.store.where(VARIABLES, "projectId", project["id"])
    values = {doc["key"]: doc["value"] for doc in docs if target in doc["target"] and doc["type"] != "system"}
    if sum(len(name.encode()) + len(value.encode()) for name, value in values.items()) > TOTAL_BYTES:
        raise errors.bad_request("The Environment Variables of a deployment can't exceed 64 KB in total.")
    return values


def _checked(given: Any) -> dict[str, Any]:
    bodies.checked(given, _SHAPE, required=("key", "value", "type"))
    key, kind, targets = given["key"], given["type"], given.get("target", [])
    if not _KEY.fullmatch(key):
        raise errors.bad_request(
            "The name contains invalid characters. Only letters, digits, and underscores are allowed. "
            "Furthermore, the name should not start with a digit."
        )
    if _RESERVED.fullmatch(key):
        raise errors.bad_request(f'The name of your Environment Variable "{key}" is reserved.')
    bodies.text(given["value"], "value", TOTAL_BYTES)
    if kind not in _TYPES:
        raise errors.invalid(f"`type` should be equal to one of the allowed values {', '.join(_TYPES)}.")
    targets = [targets] if isinstance(targets, str) else targets
    if not targets or any(target not in _TARGETS for target in targets):
        raise errors.invalid(f"`target` should be some of {', '.join(_TARGETS)}.")
    if kind == "sensitive" and "development" in targets:
        raise errors.bad_request(
            "You cannot set a Sensitive Environment Variable's target to development. "
            "Sensitive ones are for production and preview only."
        )
    if given.get("gitBranch") or given.get("customEnvironmentIds"):
        raise errors.VercelError(
            501, "sandbox_unknown", "The sandbox knows neither branches nor environments."
        )
    return {"key": key, "value": given["value"], "type": kind, "target": sorted(set(targets)),
            "comment": given.get("comment")}  # fmt: skip


def _conflict(wanted: dict[str, Any]) -> dict[str, Any]:
    key, targets = wanted["key"], wanted["target"]
    return {
        "code": "ENV_CONFLICT",
        "message": f"A variable with the name `{key}` already exists for the target {','.join(targets)}",
        "envVarKey": key,
        "key": key,
        "target": targets,
        "gitBranch": None,
    }


def _without_code(error: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in error.items() if name != "code"}


def _public(doc: Doc, reads: bool) -> dict[str, Any]:
    names = ("id", "key", "type", "target", "comment", "createdAt", "updatedAt", "createdBy")
    shown = {name: doc[name] for name in names} | {"configurationId": None, "gitBranch": None}
    if doc["type"] == "sensitive":
        return shown | {"value": "", "decrypted": False}
    clear = reads or doc["type"] == "plain"
    return shown | {"value": doc["value"] if clear else doc["cipher"], "decrypted": clear}
