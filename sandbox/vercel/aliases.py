"""Where an address leads. Shape: https://vercel.com/docs/rest-api/aliases/get-an-alias"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..context import Sandbox
from . import account, errors
from .documents import DEPLOYMENTS


class Aliases:
    """The endpoint. A deployment's `alias` names the addresses that lead to it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._store = sandbox.store

    async def get(self, request: Request) -> Response:
        """With `projectId`, only one of that project."""
        owner, name = account.scope(self._sandbox, request), request.path_params["alias"].lower()
        project = request.query_params.get("projectId")
        for doc in self._store.all(DEPLOYMENTS):
            theirs = doc["accountId"] != owner or project not in (None, doc["projectId"])
            if not theirs and name in doc["alias"]:
                return JSONResponse(
                    {
                        "uid": f"{doc['projectId']}-{name}",
                        "alias": name,
                        "created": doc["createdAt"],
                        "createdAt": doc["aliasAssigned"],
                        "deployment": {"id": doc["id"], "url": doc["url"], "meta": doc["meta"]},
                        "deploymentId": doc["id"],
                        "projectId": doc["projectId"],
                        "redirect": None,
                    }
                )
        raise errors.not_found("alias", name)
