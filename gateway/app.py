"""Puts the gateway together and keeps it running."""

import hmac
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from serving.app import Application
from serving.store import KEY_PREFIX, StoreDownError, open_redis, redis_answer

from .answers import Answer
from .bearer import Judge
from .budgets import Budgets
from .delivery import Delivery, Lane, lane
from .drain import Drain
from .exchange import open_wire
from .logs import json_logger
from .metrics import Metrics
from .names import Names
from .recipients import Recipients
from .replay import MemoryReplays, RedisReplays, Replays
from .service import Sms
from .settings import Settings, load_settings
from .texts import Texts, compile_pattern
from .tracing import NoTracer, Tracer, tracing
from .windows import MemoryWindows, RedisWindows, Windows

Endpoint = Callable[[Scope, Receive, Send], Awaitable[None]]
PROBE_SECONDS = 5  # how long a probe's key stays


async def _always() -> None:
    return


@dataclass(frozen=True)
class Store:
    """Where is counted and remembered. `probe` raises StoreDownError when nothing can be: it writes, since a
    full or read-only Redis still answers."""

    windows: Windows
    replays: Replays
    probe: Callable[[], Awaitable[object]] = _always


@asynccontextmanager
async def open_counting(redis_url: str | None) -> AsyncIterator[Store]:
    """The store of one process, or that of all gateways behind one Redis."""
    if redis_url is None:
        yield Store(MemoryWindows(), MemoryReplays())
        return
    async with open_redis(redis_url) as redis:
        yield Store(
            RedisWindows(redis),
            RedisReplays(redis),
            lambda: redis_answer(redis.set(f"{KEY_PREFIX}:sms:probe", 1, ex=PROBE_SECONDS)),
        )


def build(
    settings: Settings,
    lanes: Mapping[str, Lane],
    store: Store,
    drain: Drain,
    log: FilteringBoundLogger,
    tracer: Tracer | None = None,
    shielded: bool = True,
) -> ASGIApp:
    """The gateway around ways to send and a place to count; `shielded` as in `Sms`."""
    stage, tracer = settings.stage, tracer or NoTracer()
    metrics = Metrics({name: each.breaker for name, each in lanes.items()}, lambda: drain.in_flight)
    names = Names(settings.naming_key)
    terms = settings.contract.gateway
    sms = Sms(
        stage=stage,
        judge=Judge(settings.keys, terms.algorithm, stage.audience, stage.subject),
        recipients=Recipients(stage.countries, names),
        texts=Texts([compile_pattern(p, stage.code_length) for p in stage.patterns], stage.segments),
        names=names,
        budgets=Budgets(stage.limits, store.windows, names),
        replays=store.replays,
        delivery=Delivery(stage, lanes, metrics, tracer, log),
        metrics=metrics,
        tracer=tracer,
        drain=drain,
        log=log,
        shielded=shielded,
    )
    probes = Probes(settings, store, drain, metrics)
    endpoints: dict[str, Endpoint] = {
        terms.path: sms,
        settings.contract.paths.health: probes.health,
        terms.ready: probes.ready,
        terms.metrics: probes.metrics,
    }

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = endpoints.get(scope["path"])
        if endpoint is not None:
            await endpoint(scope, receive, send)
        else:
            await Answer("not_found", close=True).send(send, "-")

    return app


class Probes:
    """What supervisors, load balancers and Prometheus ask."""

    def __init__(self, settings: Settings, store: Store, drain: Drain, metrics: Metrics) -> None:
        self._digests = {"contract": settings.contract.digest, "stage": settings.stage_digest}
        self._token = settings.metrics_token
        self._store = store
        self._drain = drain
        self._metrics = metrics

    async def health(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Alive, and which contract and stage it was deployed with."""
        await self._say(send, 200, "ok")

    async def ready(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Whether to send requests here, and the same digests: beside the form only this shows them."""
        if self._drain.draining:
            await self._say(send, 503, "draining")
        elif await self._store_is_up():
            await self._say(send, 200, "ready")
        else:
            await self._say(send, 503, "limits_unavailable")

    async def metrics(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Figures for whoever has the token; without a token set there is no such address."""
        token = self._token
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        if token is None:
            await Answer("not_found", close=True).send(send, "-")
        elif len(given) == 1 and _is_bearer(given[0], token.get_secret_value()):
            await self._store_is_up()
            await _respond(send, 200, b"text/plain; version=0.0.4; charset=utf-8", self._metrics.page())
        else:
            await Answer("unauthorized", close=True).send(send, "-")

    async def _say(self, send: Send, status: int, word: str) -> None:
        body = json.dumps({"status": word, **self._digests}).encode()
        await _respond(send, status, b"application/json", body)

    async def _store_is_up(self) -> bool:
        try:
            await self._store.probe()
        except StoreDownError:
            self._metrics.store_is_up = False
            return False
        self._metrics.store_is_up = True
        return True


def _is_bearer(header: bytes, token: str) -> bool:
    scheme, _, given = header.partition(b" ")
    return scheme.lower() == b"bearer" and hmac.compare_digest(given.strip(), token.encode())


async def _respond(send: Send, status: int, media_type: bytes, body: bytes) -> None:
    headers = [
        (b"content-type", media_type),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def running(settings: Settings, drain: Drain, shielded: bool = True) -> AsyncIterator[ASGIApp]:
    """The gateway with its connections to carriers and to the store, for as long as the block lasts."""
    redis_url = settings.redis_url.get_secret_value() if settings.redis_url else None
    public_only = not settings.stage.is_on_loopback
    with tracing(settings.traces) as tracer:
        async with (
            open_counting(redis_url) as store,
            open_wire(public_only) as wire,
        ):
            lanes = {name: lane(carrier, wire) for name, carrier in settings.carriers.items()}
            try:
                yield build(settings, lanes, store, drain, json_logger(), tracer, shielded)
            finally:
                for carrier in settings.carriers.values():
                    if hasattr(carrier, "close"):
                        await carrier.close()


class Gateway(Application):
    """The ASGI application. Reads its settings when it starts, not when it is imported."""

    def __init__(self, settings: Callable[[], Settings] | None = None, shielded: bool = True) -> None:
        read = settings or (lambda: load_settings(os.environ))
        self.drain = Drain()
        super().__init__(lambda: running(read(), self.drain, shielded))
