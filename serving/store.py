"""Where limits are counted: this process's memory, or the Redis that all processes share."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.errors import StorageError

if TYPE_CHECKING:
    from redis.asyncio import Redis

T = TypeVar("T")

TIMEOUT_SECONDS = 0.2  # Redis is a neighbour; one that needs longer is as good as down
WHOLE_TIMEOUT_SECONDS = 0.5
KEY_PREFIX = "auth0-phone"


class StoreDownError(Exception):
    """The store didn't answer in time, or answered with an error."""


@asynccontextmanager
async def open_store(redis_url: str | None) -> AsyncIterator[Storage]:
    """The store for this process's life. An unreachable Redis is no reason not to start."""
    if redis_url is None:
        yield MemoryStorage()
        return
    pool = _pool(redis_url)
    options: dict[str, Any] = {"connection_pool": pool, "implementation": "redispy"}
    try:
        yield RedisStorage("async+redis://", wrap_exceptions=True, key_prefix=KEY_PREFIX, **options)
    finally:
        await pool.aclose()


@asynccontextmanager
async def open_redis(redis_url: str) -> AsyncIterator["Redis"]:
    """The same Redis for scripts of our own; not asked before it is used."""
    from redis.asyncio import Redis

    pool = _pool(redis_url)
    try:
        yield Redis(connection_pool=pool)
    finally:
        await pool.aclose()


def _pool(redis_url: str) -> Any:
    # Loaded here because a single process, such as a laptop's, never needs it.
    from redis.asyncio import ConnectionPool
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    return ConnectionPool.from_url(
        redis_url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        # A connection that died idle is replaced once. After a time-out it asks again, too: Redis may hear
        # a question twice, and whoever writes has to stand that.
        retry=Retry(NoBackoff(), 1),
    )


async def answer(question: Awaitable[T]) -> T:
    """The store's answer, or StoreDownError; never longer than half a second."""
    try:
        async with asyncio.timeout(WHOLE_TIMEOUT_SECONDS):
            return await question
    except (StorageError, OSError) as error:
        raise StoreDownError from error


async def redis_answer(question: Awaitable[T]) -> T:
    """The same for a Redis that was opened with `open_redis`."""
    from redis.exceptions import RedisError

    try:
        return await answer(question)
    except RedisError as error:
        raise StoreDownError from error
