"""Files of users that an export offers: fetched without a token by whoever has the address.

Source: auth0.com/docs/manage-users/user-migration/bulk-user-exports. Auth0 keeps them for a minute at a
cloud's storage; here they are written as they are fetched, for as long as their job is there.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ...context import Sandbox
from ...errors import not_found
from ...store import Doc
from . import exports
from .records import KIND

_PATH = "/exports"


def address(sandbox: Sandbox, ticket: str, kind: str) -> str:
    """Where the file of a job answers; `kind` is json or csv."""
    tenant = sandbox.addresses.tenant_name
    return f"https://{sandbox.addresses.auth0}{_PATH}/{ticket}/{tenant}.{kind}.gz"


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    """Where the tenant answers with files."""

    async def fetch(request: Request) -> Response:
        for job in sandbox.store.where(KIND, "_ticket", request.path_params["ticket"]):
            content = exports.file(_found(sandbox, job), job.get("fields"), job["format"])
            return Response(content, media_type="application/gzip")
        raise not_found("The file does not exist.")

    return [Route(f"{_PATH}/{{ticket}}/{{name}}", fetch, methods=["GET"])]


def _found(sandbox: Sandbox, job: Doc) -> list[Doc]:
    connection = job.get("connection")
    found = [
        user
        for user in sandbox.store.all("users")
        if connection in (None, user["identities"][0]["connection"])
    ]
    return found[: job.get("limit")]
