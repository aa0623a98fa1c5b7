"""The tenant's sign-in endpoints as routes."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ..context import Sandbox
from . import authorize, discovery, grants, logout, prompts, resume, userinfo
from .errors import OAuthError
from .incoming import LARGEST_BODY
from .passwordless import legacy, start
from .passwordless import prompts as sms
from .visit import Endpoint, Handler, interactive

_PAGES: list[tuple[str, list[str], Handler]] = [
    ("/authorize", ["GET", "POST"], authorize.authorize),
    ("/u/login", ["GET"], prompts.show_login),
    ("/u/login", ["POST"], prompts.log_in),
    (sms.IDENTIFIER, ["GET"], sms.show_identifier),
    (sms.IDENTIFIER, ["POST"], sms.identify),
    (sms.CHALLENGE, ["GET"], sms.show_challenge),
    (sms.CHALLENGE, ["POST"], sms.challenge),
    ("/u/signup", ["GET"], prompts.show_signup),
    ("/u/signup", ["POST"], prompts.sign_up),
    ("/u/consent", ["GET"], prompts.show_consent),
    ("/u/consent", ["POST"], prompts.consent),
    ("/continue", ["GET", "POST"], resume.resume),
    ("/v2/logout", ["GET"], logout.logout),
    ("/oidc/logout", ["GET", "POST"], logout.oidc_logout),
]

Api = Callable[[Sandbox, Request], Awaitable[Response]]

_APIS: list[tuple[str, list[str], Api]] = [
    ("/.well-known/openid-configuration", ["GET"], discovery.configuration),
    ("/.well-known/jwks.json", ["GET"], discovery.jwks),
    ("/oauth/token", ["POST"], grants.token),
    ("/passwordless/start", ["POST"], start.start),
    ("/passwordless/verify", ["POST"], legacy.refuse),
    ("/oauth/ro", ["POST"], legacy.refuse),
    ("/userinfo", ["GET", "POST"], userinfo.userinfo),
]


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    """Every route of the login, for the tenant's own address."""
    found: list[BaseRoute] = [
        Route(path, interactive(sandbox, handler), methods=methods, max_body_size=LARGEST_BODY)
        for path, methods, handler in _PAGES
    ]
    found += [
        Route(path, _back_channel(sandbox, api), methods=methods, max_body_size=LARGEST_BODY)
        for path, methods, api in _APIS
    ]
    return found


def _back_channel(sandbox: Sandbox, api: Api) -> Endpoint:
    """An endpoint for programs: what goes wrong is JSON."""

    async def endpoint(request: Request) -> Response:
        try:
            return await api(sandbox, request)
        except OAuthError as error:
            return error.response()

    return endpoint
