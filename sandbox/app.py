"""Which services there are, and the Auth0 tenant put together from its parts."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from . import control, errors
from .carriers import app as carriers
from .context import Sandbox
from .demo import app as demo
from .handset import app as handset
from .idp import app as idp
from .login import app as login
from .management import app as management
from .management.jobs import files as job_files
from .middleware import Gate
from .twilio import app as twilio
from .vercel import app as vercel

SERVICES = ("auth0", "twilio", "handset", "app")
# After them comes the address of what is deployed at Vercel.
PORTS = len(SERVICES) + 1


def create_apps(sandbox: Sandbox, ca: Path) -> dict[str, ASGIApp]:
    """Every service's ASGI app by name, in the order of their ports; `ca` vouches for the tenant."""
    apps: dict[str, ASGIApp] = {
        "auth0": create_auth0(sandbox),
        "twilio": create_twilio(sandbox),
        "handset": handset.create_app(sandbox),
        "app": demo.create_app(sandbox, ca),
    }
    return {name: Gate(app, sandbox, name) for name, app in apps.items()}


def create_twilio(sandbox: Sandbox) -> Starlette:
    """Twilio Verify, and on the same port all other third parties: carriers, Vercel, identity providers."""
    return Starlette(
        routes=[
            Mount(carriers.PREFIX, carriers.create_router(sandbox)),
            Mount(vercel.PREFIX, vercel.create_app(sandbox)),
            Mount(idp.PREFIX, idp.create_app(sandbox)),
            Mount("/", twilio.create_app(sandbox)),
        ]
    )


def create_auth0(sandbox: Sandbox) -> Starlette:
    """The tenant: login, Management API, control; 501 for everything else."""
    return Starlette(
        routes=[
            Mount("/api/v2", management.create_app(sandbox)),
            *login.routes(sandbox),
            *control.routes(sandbox),
            *job_files.routes(sandbox),
            Route("/{path:path}", _unknown, methods=_METHODS),
        ],
        exception_handlers={errors.Auth0Error: errors.handle, Exception: errors.handle_unexpected},
    )


_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


async def _unknown(request: Request) -> Response:
    return errors.unknown_endpoint(request.method, request.url.path).response()
