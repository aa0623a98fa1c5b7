"""Twilio Verify v2 over HTTP: start, check, cancel. https://www.twilio.com/docs/verify/api

What Twilio says is decided by the `code` of its error body and by `status`, never by the HTTP status alone.
"""

import asyncio
import json
import secrets
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    TCPConnector,
    encode_basic_auth,
)

from .errors import Case, MaybeSentError, RefusedError

CONNECT_SECONDS = 2.0
TOTAL_SECONDS = 8.0  # of one step, repeats included: a person is waiting
ANSWER_BYTES = 64 * 1024
CODE_LIFE_SECONDS = 600
LONGEST_WAIT_SECONDS = 3600

# Error codes: https://www.twilio.com/docs/api/errors
CASES: Mapping[int, Case] = {
    60200: "number_invalid",
    60006: "number_invalid",
    21211: "number_invalid",
    60205: "number_landline",
    60202: "tries_used",
    60203: "sends_used",
    60207: "busy",
    60212: "busy",
    20429: "busy",
    60238: "number_blocked",
    60410: "number_blocked",
    60412: "number_blocked",
    60605: "country_off",
}
WAITS: Mapping[Case, int] = {"busy": 30, "sends_used": CODE_LIFE_SECONDS}
NOT_FOUND = 20404
GONE = frozenset({"expired", "canceled", "deleted", "failed"})


class Verdict(Enum):
    """`GONE`: no such verification any more, be it expired, used, or exhausted: Twilio doesn't tell."""

    APPROVED = "approved"
    WRONG = "wrong"
    GONE = "gone"
    EXHAUSTED = "exhausted"


class Verify(Protocol):
    """Sends a code to a number in E.164 and checks it."""

    async def start(self, number: str) -> str:
        """The verification's SID. RefusedError if nothing was sent; MaybeSentError if that isn't known."""

    async def check(self, number: str, code: str, sid: str | None) -> Verdict:
        """Twilio's verdict; RefusedError("unavailable" or "busy") when it gave none."""

    async def cancel(self, sid: str) -> None:
        """Let a verification go, so that the next start makes a new code. Never raises for Twilio's sake."""


class NoVerify:
    """For a stage whose Action does the sending: there is no account here to send with."""

    async def start(self, number: str) -> str:
        raise RefusedError("unavailable")

    async def check(self, number: str, code: str, sid: str | None) -> Verdict:
        raise RefusedError("unavailable")

    async def cancel(self, sid: str) -> None:
        return


@dataclass(frozen=True)
class Reply:
    """`body` is empty when Twilio's answer isn't a JSON object."""

    status: int
    body: Mapping[str, Any]
    retry_after: int

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def error_code(self) -> int | None:
        code = self.body.get("code")
        return code if type(code) is int else None

    def refusal(self) -> RefusedError:
        case: Case = CASES.get(self.error_code or 0, "busy" if self.status == 429 else "unavailable")
        wait = self.retry_after if case == "busy" else 0
        return RefusedError(case, wait or WAITS.get(case, 0), self.error_code)


class _NotReachedError(Exception):
    """No connection: the request didn't leave this machine."""


class _NoAnswerError(Exception):
    """The request left, and no whole answer came back."""


class TwilioVerify:
    """The real one. A start is repeated once when Twilio can't have accepted it or answers with a 5xx:
    within a code's life a second start sends the same code again, so the person is never misled."""

    def __init__(self, session: ClientSession, base_url: str, service: str, channel: str) -> None:
        self._session = session
        self._service_url = f"{base_url}/v2/Services/{service}"
        self._channel = channel

    async def start(self, number: str) -> str:
        form = {"To": number, "Channel": self._channel}
        try:
            reply = await self._ask("Verifications", form, again_on_5xx=True)
        except _NotReachedError:
            raise RefusedError("unavailable") from None
        except _NoAnswerError:
            raise MaybeSentError from None
        sid = reply.body.get("sid")
        if not reply.ok:
            raise reply.refusal()
        if not isinstance(sid, str) or not _is_sid(sid) or reply.body.get("to") != number:
            raise RefusedError("unavailable")
        return sid

    async def check(self, number: str, code: str, sid: str | None) -> Verdict:
        # By SID where we know it: then a code sent to another number can't pass. Else by the number.
        form = {"Code": code, **({"VerificationSid": sid} if sid else {"To": number})}
        try:
            reply = await self._ask("VerificationCheck", form)
        except (_NotReachedError, _NoAnswerError):
            raise RefusedError("unavailable") from None
        if not reply.ok:
            return self._verdict_of_error(reply)
        if reply.body.get("to") != number or (sid and reply.body.get("sid") != sid):
            raise RefusedError("unavailable")
        return self._verdict(reply.body.get("status"))

    @staticmethod
    def _verdict_of_error(reply: Reply) -> Verdict:
        refusal = reply.refusal()
        if reply.error_code == NOT_FOUND:
            return Verdict.GONE
        if refusal.case == "tries_used":
            return Verdict.EXHAUSTED
        if refusal.case == "busy":
            raise refusal
        raise RefusedError("unavailable", vendor_code=reply.error_code)

    @staticmethod
    def _verdict(status: object) -> Verdict:
        if status == "approved":
            return Verdict.APPROVED
        if status == "pending":
            return Verdict.WRONG
        if status == "max_attempts_reached":
            return Verdict.EXHAUSTED
        if status in GONE:
            return Verdict.GONE
        raise RefusedError("unavailable")

    async def cancel(self, sid: str) -> None:
        try:
            await self._ask(f"Verifications/{sid}", {"Status": "canceled"})
        except (_NotReachedError, _NoAnswerError):
            return

    async def _ask(self, path: str, form: Mapping[str, str], again_on_5xx: bool = False) -> Reply:
        deadline = asyncio.get_running_loop().time() + TOTAL_SECONDS
        try:
            reply = await self._post(path, form, deadline)
            if not (again_on_5xx and reply.status >= 500):
                return reply
        except _NotReachedError:
            pass
        await asyncio.sleep(0.1 + secrets.randbelow(300) / 1000)
        return await self._post(path, form, deadline)

    async def _post(self, path: str, form: Mapping[str, str], deadline: float) -> Reply:
        left = max(0.1, deadline - asyncio.get_running_loop().time())
        timeout = ClientTimeout(total=left, connect=CONNECT_SECONDS, sock_connect=CONNECT_SECONDS)
        url = f"{self._service_url}/{path}"
        try:
            async with self._session.post(url, data=form, timeout=timeout, allow_redirects=False) as response:
                retry_after = _seconds(response.headers.get("Retry-After"))
                return Reply(response.status, _object(await _content(response)), retry_after)
        except (ClientConnectorError, ConnectionTimeoutError):
            raise _NotReachedError from None
        except (ClientError, TimeoutError, OSError):
            raise _NoAnswerError from None


@asynccontextmanager
async def connected(
    base_url: str, service: str, channel: str, api_key: str, api_secret: str
) -> AsyncIterator[TwilioVerify]:
    """A client for this process's life. Trusts the system's CAs, or those in SSL_CERT_FILE."""
    context = ssl.create_default_context()
    connector = TCPConnector(ssl=context, limit=100, keepalive_timeout=15)
    headers = {"Authorization": encode_basic_auth(api_key, api_secret)}
    async with ClientSession(connector=connector, headers=headers, trust_env=False) as session:
        yield TwilioVerify(session, base_url, service, channel)


async def _content(response: ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > ANSWER_BYTES:
            return b""
    return bytes(content)


def _is_sid(text: str) -> bool:
    return 4 <= len(text) <= 64 and text.isascii() and text.isalnum()


def _object(content: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _seconds(header: str | None) -> int:
    if header is None or not header.isascii() or not header.isdecimal():
        return 0
    return min(int(header[:9]), LONGEST_WAIT_SECONDS)
