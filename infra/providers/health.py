"""Whether the new build is what people reach: its own answer, at the address that they use."""

import json
import time
from typing import TYPE_CHECKING, Any

from .errors import ProviderError
from .halt import Halt

if TYPE_CHECKING:
    import aiohttp

_SECONDS_FOR_ONE = 10
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0
_LONGEST_ANSWER = 65536


async def answers_with(build: str, url: str, seconds: float, halt: Halt) -> None:
    """Wait until `url` answers 200 with {"build": build}. Raises ProviderError: what answered instead."""
    until, pause = time.monotonic() + seconds, _FIRST_PAUSE
    while True:
        seen = await halt.unless(_seen(url))
        if seen == build:
            return
        if time.monotonic() + pause > until:
            raise ProviderError(
                f"The deployment is ready, but {url} does not show its build {build}: {_told(seen)}. Look "
                "at the project's logs at Vercel and at the DNS of the domain, then run `pulumi up` again: "
                "it looks again and builds nothing twice."
            )
        await halt.pause(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


async def _seen(url: str) -> str | Exception | tuple[int, str]:
    """The build that answers; else the status and the beginning of the answer, or why there is none."""
    import aiohttp

    from .sessions import session

    try:
        # A session of its own: the token is in the other one.
        async with (
            session(url, {"Accept": "application/json"}, _SECONDS_FOR_ONE) as asking,
            asking.get(url, allow_redirects=False) as response,
        ):
            text = await _beginning(response)
            build = _build(text) if response.status == 200 else None
            return build or (response.status, text)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return error


async def _beginning(response: "aiohttp.ClientResponse") -> str:
    body = b""
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) >= _LONGEST_ANSWER:
            break
    return body[:_LONGEST_ANSWER].decode(errors="replace")


def _build(text: str) -> str | None:
    try:
        answer: Any = json.loads(text)
    except ValueError:
        return None
    build = answer.get("build") if isinstance(answer, dict) else None
    return build if isinstance(build, str) else None


def _told(seen: str | Exception | tuple[int, str]) -> str:
    if isinstance(seen, str):
        return f"another build answers there, {seen[:64]}"
    if isinstance(seen, TimeoutError):
        return "it does not answer in time"
    if isinstance(seen, Exception):
        return f"it cannot be reached ({seen or type(seen).__name__})"
    status, text = seen
    if status == 401:
        return "it answers 401: turn Vercel Authentication off (Settings, Deployment Protection)"
    return f"it answers {status}, {' '.join(text.split())[:120] or 'with nothing'}"
