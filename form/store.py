"""Where limits are counted: this process's memory, or the Redis that all processes share."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.errors import StorageError

T = TypeVar("T")

TIMEOUT_SECONDS = 0.2  # Redis is a neighbour; one that needs longer is as good as down (F09)
WHOLE_TIMEOUT_SECONDS = 0.5


class StoreDownError(Exception):
    """The store didn't answer in time, or answered with an error."""


@asynccontextmanager
async def open_store(redis_url: str | None) -> AsyncIterator[Storage]:
    """The store for this process's life. An unreachable Redis is no reason not to start."""
    if redis_url is None:
        yield MemoryStorage()
        return
    # Loaded here because a single process, such as a laptop's, never needs it.
    from redis.asyncio import ConnectionPool
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    pool: Any = ConnectionPool.from_url(
        redis_url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 1),  # a connection that died idle is replaced once
    )
    options: dict[str, Any] = {"connection_pool": pool, "implementation": "redispy"}
    try:
        yield RedisStorage("async+redis://", wrap_exceptions=True, key_prefix="auth0-phone", **options)
    finally:
        await pool.aclose()


async def answer(question: Awaitable[T]) -> T:
    """The store's answer, or StoreDownError; never longer than half a second."""
    try:
        async with asyncio.timeout(WHOLE_TIMEOUT_SECONDS):
            return await question
    except (StorageError, TimeoutError) as error:
        raise StoreDownError from error
