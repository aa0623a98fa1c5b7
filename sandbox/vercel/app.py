"""Vercel's REST API as one ASGI app, mounted at /vercel on the port of third parties."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..context import Sandbox
from . import errors
from .aliases import Aliases
from .deployments import Deployments
from .domains import Domains
from .projects import Projects
from .uploads import Uploads
from .variables import Variables

PREFIX = "/vercel"
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def create_app(sandbox: Sandbox) -> Starlette:
    """The endpoints; every path it doesn't know is a 501 that names it."""
    projects = Projects(sandbox)
    variables, domains = Variables(sandbox, projects), Domains(sandbox, projects)
    aliases = Aliases(sandbox)
    deployments, uploads = Deployments(sandbox, projects), Uploads(sandbox)
    ninth, tenth = "/v9/projects/{project}", "/v10/projects/{project}"
    table = [
        ("POST", "/v11/projects", projects.create),
        ("GET", ninth, projects.get),
        ("PATCH", ninth, projects.update),
        ("DELETE", ninth, projects.delete),
        ("POST", f"{tenth}/env", variables.create),
        ("GET", f"{tenth}/env", variables.all),
        ("PATCH", f"{ninth}/env/{{variable}}", variables.update),
        ("DELETE", f"{ninth}/env/{{variable}}", variables.delete),
        ("POST", f"{tenth}/domains", domains.add),
        ("GET", f"{ninth}/domains", domains.all),
        ("GET", f"{ninth}/domains/{{domain}}", domains.get),
        ("DELETE", f"{ninth}/domains/{{domain}}", domains.remove),
        ("POST", f"{ninth}/domains/{{domain}}/verify", domains.verify),
        ("GET", "/v6/domains/{domain}/config", domains.config),
        ("GET", "/v4/aliases/{alias}", aliases.get),
        ("POST", "/v2/files", uploads.upload),
        ("POST", "/v13/deployments", deployments.create),
        ("GET", "/v6/deployments", deployments.page),
        ("GET", "/v7/deployments", deployments.page),
        ("GET", "/v13/deployments/{deployment}", deployments.get),
        ("DELETE", "/v13/deployments/{deployment}", deployments.delete),
        ("GET", "/v3/deployments/{deployment}/events", deployments.events),
        ("POST", f"{tenth}/promote/{{deployment}}", deployments.promote),
    ]

    async def unknown(request: Request) -> Response:
        path = request.url.path.removeprefix(PREFIX)
        raise errors.unknown_endpoint(request.method, path)

    routes = [Route(path, endpoint, methods=[method]) for method, path, endpoint in table]
    return Starlette(
        routes=[*routes, Route("/{path:path}", unknown, methods=_METHODS)],
        exception_handlers={errors.VercelError: errors.handle, HTTPException: errors.handle},
    )
