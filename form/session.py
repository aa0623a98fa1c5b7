"""One person's way through the form, held in a sealed cookie of their browser and nowhere else.

A cookie can be put back to an older copy of itself, so nothing that must only grow is kept here:
tries and sends are counted in the limits' store. What it says was proven, was proven in this browser.
"""

import re
import secrets
import time
from collections.abc import Mapping
from math import ceil
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.responses import Response

from .errors import Case, LinkBrokenError
from .sealing import SealBrokenError, Sealer

COOKIE_PREFIX = "__Host-phone-"
IDLE_SECONDS = 10 * 60  # the life of a code at Twilio: a page left longer is of no use
ABSOLUTE_SECONDS = 50 * 60  # Auth0 forgets a login that waits in a redirect after an hour
RENEW_SECONDS = 60  # a page view renews the cookie at most this often, see Sessions.view
OPEN_AT_ONCE = 4  # cookies kept: 4 x 4 kB is the most that servers take as headers
START_BYTES = 3750  # of a new cookie; leaves room to grow below the 4096 bytes that browsers keep
TRANSACTION = re.compile(r"[A-Za-z0-9_-]{22}")

Outcome = Literal["verified", "submitted", "abandoned", "locked"]


class Session(BaseModel):
    """`number` is the one being verified now; `sid` Twilio's verification, if its answer reached us;
    `proving`: it is the old number's turn; `final`: locked for good; times in unix seconds."""

    # Releases overlap: a field that only the other one knows is no reason to lose a person.
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    tx: str
    csrf: str
    state: str
    sub: str
    jti: str
    host: int
    flow: Literal["form", "action"]
    hint: str | None = None
    skippable: bool = False
    started: int
    seen: int

    step: Literal["ask", "code", "locked", "return"] = "ask"
    proving: bool = False
    changing: bool = False
    on_arrival: bool = False
    number: str | None = None
    typed: str = ""
    sid: str | None = None
    problem: Case | None = None
    wait_until: int = 0
    consent_at: str = ""
    consent_version: str = ""
    outcome: Outcome | None = None
    code: str = ""
    viewed: bool = False
    final: bool = False

    def now(self, **changes: object) -> "Session":
        """This session after a step: the problem of the step before is gone unless it is named again."""
        return self.model_copy(update={"problem": None, "typed": "", "seen": int(time.time()), **changes})

    @property
    def idle(self) -> bool:
        return self.step != "return" and time.time() > self.seen + IDLE_SECONDS

    @property
    def wait(self) -> int:
        return max(0, ceil(self.wait_until - time.time()))


def new_ids() -> tuple[str, str]:
    """A transaction's public id and its CSRF token, 128 random bits each."""
    return secrets.token_urlsafe(16), secrets.token_urlsafe(16)


class Sessions:
    """Puts sessions into cookies and takes them out."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def read(self, cookies: Mapping[str, str], tx: str) -> Session | None:
        """The session of this transaction, unless it is missing, not ours, or past its absolute end."""
        session = self._open(cookies.get(COOKIE_PREFIX + tx, ""))
        return session if session is not None and session.tx == tx else None

    def _open(self, value: str) -> Session | None:
        try:
            session = Session.model_validate(self._sealer.open(value))
        except (SealBrokenError, ValidationError):
            return None
        return session if time.time() < session.started + ABSOLUTE_SECONDS else None

    def write(self, response: Response, session: Session) -> None:
        remaining = session.started + ABSOLUTE_SECONDS - int(time.time())
        self._set(response, COOKIE_PREFIX + session.tx, self._seal(session), max(1, remaining))

    def begin(self, response: Response, session: Session, cookies: Mapping[str, str]) -> None:
        """Write a new session and let the oldest ones go, so that the Cookie header stays small."""
        if len(self._seal(session)) > START_BYTES:
            raise LinkBrokenError("size")
        self.write(response, session)
        for name in self._surplus(cookies):
            self._set(response, name, "", 0)

    def _surplus(self, cookies: Mapping[str, str]) -> list[str]:
        ages: dict[str, int] = {}
        for name, value in cookies.items():
            if name.startswith(COOKIE_PREFIX) and TRANSACTION.fullmatch(name.removeprefix(COOKIE_PREFIX)):
                opened = self._open(value)
                ages[name] = opened.started if opened else 0
        youngest_first = sorted(ages, key=lambda name: -ages[name])
        return [n for i, n in enumerate(youngest_first) if i >= OPEN_AT_ONCE - 1 or not ages[n]]

    def _seal(self, session: Session) -> str:
        return self._sealer.seal(session.model_dump(exclude_defaults=True))

    @staticmethod
    def _set(response: Response, name: str, value: str, max_age: int) -> None:
        response.set_cookie(
            name, value, max_age=max_age, path="/", secure=True, httponly=True, samesite="lax"
        )
