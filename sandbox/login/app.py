"""The tenant's sign-in endpoints as routes."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ..context import Sandbox
from . import (
    authorize,
    cors,
    dbconnections,
    device_codes,
    device_pages,
    discovery,
    federation,
    grants,
    logout,
    mfa,
    organization_choice,
    organization_pages,
    password_reset,
    prompts,
    pushed,
    resume,
    revocation,
    userinfo,
)
from .errors import OAuthError
from .incoming import LARGEST_BODY
from .passwordless import legacy, magic_link, start
from .passwordless import prompts as sms
from .visit import Endpoint, Handler, interactive

_PAGES: list[tuple[str, list[str], Handler]] = [
    ("/authorize", ["GET", "POST"], authorize.authorize),
    ("/u/login", ["GET"], prompts.show_login),
    ("/u/login", ["POST"], prompts.log_in),
    ("/u/login/providers", ["GET"], prompts.show_providers),
    ("/u/login/federated", ["GET"], federation.choose),
    ("/login/callback", ["GET", "POST"], federation.callback),
    ("/u/organization", ["GET"], organization_pages.show_name),
    ("/u/organization", ["POST"], organization_pages.choose_name),
    (organization_choice.PICKER, ["GET"], organization_pages.show_picker),
    (organization_choice.PICKER, ["POST"], organization_pages.pick),
    (sms.IDENTIFIER, ["GET"], sms.show_identifier),
    (sms.IDENTIFIER, ["POST"], sms.identify),
    (sms.CHALLENGE, ["GET"], sms.show_challenge),
    (sms.CHALLENGE, ["POST"], sms.challenge),
    (sms.MAIL_CHALLENGE, ["GET"], sms.show_challenge),
    (sms.MAIL_CHALLENGE, ["POST"], sms.challenge),
    (magic_link.PATH, ["GET"], magic_link.follow),
    ("/u/signup", ["GET"], prompts.show_signup),
    ("/u/signup", ["POST"], prompts.sign_up),
    ("/u/mfa", ["GET"], mfa.show),
    ("/u/mfa", ["POST"], mfa.answer),
    ("/u/consent", ["GET"], prompts.show_consent),
    ("/u/consent", ["POST"], prompts.consent),
    ("/continue", ["GET", "POST"], resume.resume),
    ("/v2/logout", ["GET"], logout.logout),
    ("/oidc/logout", ["GET", "POST"], logout.oidc_logout),
    ("/activate", ["GET"], device_pages.show),
    ("/activate", ["POST"], device_pages.confirm),
    ("/device/callback", ["GET"], device_pages.done),
    ("/u/reset-password", ["GET"], password_reset.show),
    ("/u/reset-password", ["POST"], password_reset.reset),
    ("/u/logout", ["POST"], logout.confirm),
]

Api = Callable[[Sandbox, Request], Awaitable[Response]]

_APIS: list[tuple[str, list[str], Api]] = [
    ("/.well-known/openid-configuration", ["GET"], discovery.configuration),
    ("/.well-known/jwks.json", ["GET"], discovery.jwks),
    ("/oauth/token", ["POST"], grants.token),
    ("/oauth/revoke", ["POST"], revocation.revoke),
    ("/oauth/device/code", ["POST"], device_codes.start),
    ("/oauth/par", ["POST"], pushed.push),
    ("/dbconnections/signup", ["POST"], dbconnections.sign_up),
    ("/dbconnections/change_password", ["POST"], dbconnections.change_password),
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
        Route(path, _shared(sandbox, api, methods), methods=[*methods, "OPTIONS"], max_body_size=LARGEST_BODY)
        for path, methods, api in _APIS
    ]
    return found


def _shared(sandbox: Sandbox, api: Api, methods: list[str]) -> Endpoint:
    return cors.shared(sandbox, _back_channel(sandbox, api), methods)


def _back_channel(sandbox: Sandbox, api: Api) -> Endpoint:
    """An endpoint for programs: what goes wrong is JSON."""

    async def endpoint(request: Request) -> Response:
        try:
            return await api(sandbox, request)
        except OAuthError as error:
            return error.response()

    return endpoint
