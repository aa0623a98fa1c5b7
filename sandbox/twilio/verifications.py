"""A verification's life: pending until it is approved, canceled, ten minutes old or checked five times.

Rules: https://www.twilio.com/docs/verify/api/rate-limits-and-timeouts
and the pages of errors 60202 and 60203.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from ..context import Sandbox
from ..store import Doc
from . import errors
from .parameters import Check, Start

LIFE_SECONDS = 600
MAX_CHECKS = 5
MAX_SENDS = 5
# (window in seconds, status requests allowed in it) for one verification.
_FETCH_LIMITS = ((60, 60), (3600, 180), (86400, 250))
_KIND = "verifications"
_LATEST = "verification_numbers"


@dataclass(frozen=True)
class Service:
    """The seeded Verify service, the only one there is, and the account it belongs to."""

    sid: str
    account_sid: str
    friendly_name: str
    code_length: int


class Verifications:
    """The service's verifications. Every change is one transaction, so that no race wins a sixth check."""

    def __init__(self, sandbox: Sandbox, code_length: int, path: str) -> None:
        """`path` is what a 404 names."""
        self._sandbox = sandbox
        self._store = sandbox.store
        self._code_length = code_length
        self._path = path

    def start(self, wanted: Start) -> Doc:
        """Begin one, or send the SAME code again while one is pending for the number."""
        with self._store.atomic():
            doc = self._find(wanted.to) or self._begin(wanted)
            # Twilio: after five checks wait for expiry "to create a new verification".
            if doc["checks"] >= MAX_CHECKS:
                raise errors.max_checks()
            if len(doc["sends"]) >= MAX_SENDS:
                raise errors.max_sends()
            attempt = {"at": self._now(), "channel": wanted.channel, "sid": self._sandbox.ids.twilio("VL")}
            doc = doc | {"channel": wanted.channel, "sends": [*doc["sends"], attempt]}
            return self._save(doc)

    def check(self, given: Check) -> Doc:
        """Count the attempt and judge the code; a wrong one leaves the verification pending."""
        with self._store.atomic():
            doc = self._live(given.target)
            if doc["checks"] >= MAX_CHECKS:
                raise errors.max_checks()
            right = hmac.compare_digest(doc["code"].encode(), given.code.encode())
            return self._save(
                doc | {"checks": doc["checks"] + 1, "status": "approved" if right else "pending"}
            )

    def fetch(self, target: str) -> Doc:
        with self._store.atomic():
            doc = self._not_exhausted(target)
            now = self._now()
            for window, allowed in _FETCH_LIMITS:
                if sum(at > now - window for at in doc["fetches"]) >= allowed:
                    raise errors.too_many_requests()
            self._store.put(_KIND, doc["sid"], doc | {"fetches": [*doc["fetches"], now]})
            return doc

    def update(self, target: str, status: Literal["approved", "canceled"]) -> Doc:
        with self._store.atomic():
            return self._save(self._not_exhausted(target) | {"status": status})

    def _begin(self, wanted: Start) -> Doc:
        sid = self._sandbox.ids.twilio("VE")
        self._store.put(_LATEST, wanted.to, {"sid": sid})
        return {
            "sid": sid,
            "to": wanted.to,
            "status": "pending",
            "code": self._sandbox.ids.digits(self._code_length),
            "created_at": self._now(),
            "sends": [],
            "checks": 0,
            "fetches": [],
        }

    def _find(self, target: str) -> Doc | None:
        """The pending verification with this SID, or of this number; None when it is over."""
        latest = self._store.get(_LATEST, target)
        doc = self._store.get(_KIND, latest["sid"] if latest else target)
        if doc is None or doc["status"] != "pending":
            return None
        return doc if self._now() < doc["created_at"] + LIFE_SECONDS else None

    def _live(self, target: str) -> Doc:
        doc = self._find(target)
        if doc is None:
            raise errors.not_found(self._path)
        return doc

    def _not_exhausted(self, target: str) -> Doc:
        """Twilio deletes the SID once the checks are used up; only checks still get an answer, 60202."""
        doc = self._live(target)
        if doc["checks"] >= MAX_CHECKS:
            raise errors.not_found(self._path)
        return doc

    def _save(self, doc: Doc) -> Doc:
        doc = doc | {"updated_at": self._now()}
        self._store.put(_KIND, doc["sid"], doc)
        return doc

    def _now(self) -> float:
        return self._sandbox.clock.now()


def public(doc: Doc, service: Service, base_url: str) -> dict[str, Any]:
    """The Verification resource as Twilio shows it: never the code."""
    sends = [
        {"time": _iso(send["at"]), "channel": _shown(send["channel"]), "attempt_sid": send["sid"]}
        for send in doc["sends"]
    ]
    return _outline(doc, service) | {
        "lookup": {},
        "send_code_attempts": sends,
        "sna": None,
        "url": f"{base_url}/v2/Services/{service.sid}/Verifications/{doc['sid']}",
    }


def public_check(doc: Doc, service: Service) -> dict[str, Any]:
    """The VerificationCheck resource."""
    return _outline(doc, service) | {"sna_attempts_error_codes": []}


def _outline(doc: Doc, service: Service) -> dict[str, Any]:
    return {
        "sid": doc["sid"],
        "service_sid": service.sid,
        "account_sid": service.account_sid,
        "to": doc["to"],
        "channel": doc["channel"],
        "status": doc["status"],
        "valid": doc["status"] == "approved",
        "amount": None,
        "payee": None,
        "date_created": _iso(doc["created_at"]),
        "date_updated": _iso(doc["updated_at"]),
    }


def _shown(channel: str) -> str:
    """Twilio writes SMS in capitals in the list of attempts, and there alone."""
    return "SMS" if channel == "sms" else channel


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
