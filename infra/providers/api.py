"""Vercel's REST API: one token, one team, patience with limits and with bad moments.

https://vercel.com/docs/rest-api, limits: https://vercel.com/docs/limits#rate-limits
"""

import asyncio
import json
import math
import os
import random
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .addresses import api_problem
from .errors import ProviderError, UnansweredError
from .halt import Halt
from .words import UNAUTHENTICATED, refusal, scrubbed, stranger

if TYPE_CHECKING:
    import aiohttp

_ANSWER_SECONDS = 30
# A call that is made at all gets a chance, even when its resource's time is over.
_SHORTEST_SECONDS = 1.0
_UPLOAD_SECONDS = 120
# A minute of refusals or of a broken service is waited out; a longer one is told.
_PATIENCE_SECONDS = 180
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0
_NO_JSON = object()
_JITTER = random.SystemRandom()


@dataclass(frozen=True)
class _Request:
    method: str
    path: str
    query: Mapping[str, str] | None
    body: Any
    data: bytes | None
    headers: Mapping[str, str] | None


@dataclass(frozen=True)
class _Answer:
    """`wait` is how long to wait before the next one, if Vercel says so."""

    status: int
    text: str
    wait: float | None

    @cached_property
    def json(self) -> Any:
        """None without a body; `_NO_JSON` for what is none."""
        try:
            return json.loads(self.text) if self.text.strip() else None
        except (ValueError, RecursionError):
            return _NO_JSON

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_strange(self) -> bool:
        """Whether it cannot be Vercel's: no success in the expected shape, and no refusal in Vercel's own.

        A limit or a breakdown may be told by what stands before Vercel's API.
        """
        if self.status == 429 or self.status >= 500:
            return False
        refuses = isinstance(self.json, dict) and isinstance(self.json.get("error"), dict)
        return self.status < 400 or not refuses

    def holds(self, expects: type, bare: bool) -> bool:
        return isinstance(self.json, expects) or (bare and self.json is None)


class Api:
    """Calls to one API as one team. The token comes from VERCEL_TOKEN when it is needed."""

    def __init__(self, url: str, team: str, halt: Halt) -> None:
        if problem := api_problem(url):
            raise ProviderError(f"apiUrl {problem}.")
        self.url, self.team, self.halt = url.rstrip("/"), team, halt
        self._session: aiohttp.ClientSession | None = None

    async def call(
        self,
        method: str,
        path: str,
        doing: str,
        *,
        seconds: float,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        again: bool | None = None,
        expects: type = dict,
        bare: bool | None = None,
        hidden: Collection[str] = (),
    ) -> Any:
        """The JSON answer of a call that was carried out; `doing` says in words what the call is for.

        `seconds`: for this call and its repetitions.
        `again`: whether to repeat a call when nobody knows if it was carried out (default: all but POST).
        `expects`: the kind of JSON; `bare`: whether it may be missing (then None; default: of DELETE only).
        `hidden`: values that no message may contain.
        Raises GoneError (404), ConflictError (409), ForbiddenError (403), MissingFilesError, UnansweredError
        (a write that may have been carried out), StoppedError (the engine was stopped), else ProviderError.
        """
        request = _Request(method, path, query, body, data, headers)
        again = method != "POST" if again is None else again
        bare = method == "DELETE" if bare is None else bare
        # A read or an upload can be dropped; what another call has made must become known.
        droppable = method == "GET" or data is not None
        unknown: type[ProviderError] = ProviderError if droppable else UnansweredError
        hidden = {_token(), *hidden}
        pause, until = _FIRST_PAUSE, time.monotonic() + min(seconds, _PATIENCE_SECONDS)
        while True:
            self.halt.raise_if_set()
            wait = None
            try:
                asked = self._once(request, until - time.monotonic())
                answer = await (self.halt.unless(asked) if droppable else asked)
            except (OSError, TimeoutError) as error:
                lost: ProviderError = unknown(_no_answer(self.url, doing, error))
            else:
                if answer.is_success and answer.holds(expects, bare):
                    return answer.json
                if answer.is_strange:
                    said = scrubbed(answer.text, hidden)
                    raise unknown(stranger(self.url, doing, answer.status, said))
                wait = answer.wait
                lost = refusal(answer.status, answer.json, doing, hidden, wait)
                if answer.status >= 500:
                    lost = unknown(str(lost))
                elif answer.status != 429:
                    raise lost
            if isinstance(lost, UnansweredError) and not again:
                raise lost
            rest = wait if wait is not None else pause * _JITTER.uniform(0.8, 1.2)
            if time.monotonic() + rest > until:
                raise lost
            await self.halt.pause(rest)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _once(self, request: "_Request", seconds: float) -> "_Answer":
        import aiohttp

        from .sessions import session

        if self._session is None:
            known = {"Authorization": f"Bearer {_token()}", "User-Agent": "auth0-phone"}
            self._session = session(self.url, known, _ANSWER_SECONDS)
        longest = _ANSWER_SECONDS if request.data is None else _UPLOAD_SECONDS
        try:
            async with self._session.request(
                request.method,
                self.url + request.path,
                params={**(request.query or {}), **({"teamId": self.team} if self.team else {})},
                json=request.body,
                data=request.data,
                headers=request.headers,
                allow_redirects=False,  # the token goes nowhere else
                timeout=aiohttp.ClientTimeout(total=min(longest, max(seconds, _SHORTEST_SECONDS))),
            ) as response:
                text = await response.text(errors="replace")
                return _Answer(response.status, text, _wait(response.status, response.headers))
        except aiohttp.ClientError as error:
            raise OSError(_cause(error)) from None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _token() -> str:
    token = os.environ.get("VERCEL_TOKEN", "").strip()
    if not token:
        raise ProviderError(UNAUTHENTICATED)
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ProviderError("VERCEL_TOKEN is no token: it holds characters that none has.")
    return token


def _wait(status: int, headers: Mapping[str, str]) -> float | None:
    """Seconds until a limited call may be made again: Retry-After, else X-RateLimit-Reset (a Unix time)."""
    if status != 429:
        return None
    for name, now in (("Retry-After", 0.0), ("X-RateLimit-Reset", time.time())):
        try:
            seconds = float(headers.get(name, "")) - now
        except ValueError:
            continue
        if math.isfinite(seconds):
            return max(seconds, 0.1)
    return None


def _no_answer(url: str, doing: str, error: BaseException) -> str:
    why = "it did not answer in time" if isinstance(error, asyncio.TimeoutError) else str(error)
    return f"Vercel could not be asked to {doing} at {url}: {why}. Run `pulumi up` again."


def _cause(error: Exception) -> str:
    return str(getattr(error, "os_error", None) or error) or type(error).__name__
