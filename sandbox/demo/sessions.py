"""Who is logged in here, and which logins are under way; both in the sandbox's store."""

import hashlib
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ..context import Sandbox
from ..store import Doc

COOKIE = "__Host-demo"
_LIFE_SECONDS = 8 * 3600
# As long as Auth0 keeps a login's transaction.
_ATTEMPT_SECONDS = 3600
_SESSIONS = "demo_sessions"
_ATTEMPTS = "demo_attempts"


@dataclass
class Session:
    """One browser. `secret` is the cookie's value; the store knows only its digest."""

    secret: str
    user: dict[str, Any] | None = None
    notice: str | None = None

    @property
    def key(self) -> str:
        return hashlib.sha256(self.secret.encode()).hexdigest()


@dataclass(frozen=True)
class Attempt:
    """One login under way: what the answer has to fit to."""

    state: str
    nonce: str
    verifier: str


class Sessions:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._store = sandbox.store

    def find(self, request: Request) -> Session:
        """The browser's session, or a new one (stored once it is saved)."""
        secret = request.cookies.get(COOKIE)
        if secret:
            session = Session(secret)
            doc = self._store.get(_SESSIONS, session.key)
            if doc and doc["at"] + _LIFE_SECONDS > self._now():
                return Session(secret, doc["user"], doc["notice"])
        return Session(self._token())

    def save(self, session: Session, response: Response) -> None:
        with self._store.atomic():
            self._forget_old()
            doc = {"key": session.key, "at": self._now(), "user": session.user, "notice": session.notice}
            self._store.put(_SESSIONS, session.key, doc)
        response.set_cookie(COOKIE, session.secret, secure=True, httponly=True, samesite="lax", path="/")

    def renew(self, session: Session, user: dict[str, Any]) -> Session:
        """Logged in: a new secret, so that one planted beforehand is worth nothing."""
        self._store.delete(_SESSIONS, session.key)
        return Session(self._token(), user)

    def end(self, session: Session, response: Response) -> None:
        self._store.delete(_SESSIONS, session.key)
        response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="lax", path="/")

    def begin(self, session: Session) -> Attempt:
        attempt = Attempt(self._token(), self._token(), self._token())
        doc: Doc = {
            "key": attempt.state,
            "session": session.key,
            "nonce": attempt.nonce,
            "verifier": attempt.verifier,
            "at": self._now(),
        }
        self._store.put(_ATTEMPTS, attempt.state, doc)
        return attempt

    def take(self, session: Session, state: str) -> Attempt | None:
        """The attempt this answer belongs to, once; None when it is over or another browser's."""
        doc = self._store.take(_ATTEMPTS, state)
        if doc is None or doc["session"] != session.key or doc["at"] + _ATTEMPT_SECONDS <= self._now():
            return None
        return Attempt(state, doc["nonce"], doc["verifier"])

    def _forget_old(self) -> None:
        for kind, life in ((_SESSIONS, _LIFE_SECONDS), (_ATTEMPTS, _ATTEMPT_SECONDS)):
            for doc in self._store.all(kind):
                if doc["at"] + life <= self._now():
                    self._store.delete(kind, doc["key"])

    def _now(self) -> float:
        return self._sandbox.clock.now()

    def _token(self) -> str:
        return self._sandbox.ids.token()
