"""Puts the form together and keeps it running."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from limits.aio.storage import Storage
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp
from structlog.typing import FilteringBoundLogger

from serving.addresses import Clients
from serving.app import Application
from serving.store import open_store

from .guard import Guard
from .logs import json_logger
from .pages import Pages
from .probe import Prover
from .routes import routes
from .sealing import Sealer
from .service import Service
from .session import Sessions
from .settings import Settings, load_settings
from .throttle import Names, ProbeLimits, SendLimits, TryLimits
from .tokens import ResultMaker
from .twilio import NoVerify, Verify, connected

SESSION_KEY_INFO = "auth0-phone/session/v1"
SESSION_TYP = "phone-session+jwe"


def build(settings: Settings, verify: Verify, store: Storage, log: FilteringBoundLogger) -> ASGIApp:
    """The form around a way to send codes and a place to count."""
    contract, stage = settings.contract, settings.stage
    secrets = [key.get_secret_value() for key in settings.request_keys]
    names = Names(secrets[0])
    pages = Pages(stage, contract)
    service = Service(
        contract=contract,
        stage=stage,
        stage_digest=settings.stage_digest,
        build=settings.build,
        requests=Sealer(secrets, contract.request.key_info, contract.request.typ),
        results=ResultMaker(contract, settings.result_key.get_secret_value(), stage.login_hosts),
        sessions=Sessions(Sealer(secrets, SESSION_KEY_INFO, SESSION_TYP)),
        pages=pages,
        verify=verify,
        sends=SendLimits(store, names, stage.resend_seconds),
        tries=TryLimits(store, names, on_fallback=lambda: log.error("store_down", on="check")),
        prover=Prover(contract, secrets, settings.result_key.get_secret_value()),
        probes=ProbeLimits(store, names),
        clients=Clients(
            settings.client_address_header, on_fallback=lambda: log.warning("client_address_missing")
        ),
        log=log,
    )

    async def refusal(_: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            return pages.for_status(error.status_code, dict(error.headers or {}))
        return pages.for_status(500)

    handlers = {HTTPException: refusal, Exception: refusal}
    app = Starlette(routes=routes(service), exception_handlers=handlers)
    app.router.redirect_slashes = False
    return Guard(app, pages, stage.public_host, contract.paths.health, log)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[ASGIApp]:
    """The form with its connections to Twilio and to the store, for as long as the block lasts."""
    redis_url = settings.redis_url.get_secret_value() if settings.redis_url else None
    async with open_store(redis_url) as store, _verify(settings) as verify:
        yield build(settings, verify, store, json_logger())


def _verify(settings: Settings) -> AbstractAsyncContextManager[Verify]:
    account, stage = settings.twilio, settings.stage
    if account is None:
        return nullcontext(NoVerify())
    key, secret = account.api_key.get_secret_value(), account.api_secret.get_secret_value()
    return connected(stage.twilio_verify_url, account.verify_service, stage.channel, key, secret)


class Form(Application):
    """The ASGI application. Reads its settings when it starts, not when it is imported."""

    def __init__(self, settings: Callable[[], Settings] | None = None) -> None:
        read = settings or (lambda: load_settings(os.environ))
        super().__init__(lambda: running(read()))
