"""What the gateway answers. Auth0 takes exactly 200 for success, and 401 for a wrong token."""

import json
from typing import Literal

from starlette.types import Send

from serving.values import value

Reason = Literal[
    "accepted",
    "bad_request",
    "unauthorized",
    "not_found",
    "method_not_allowed",
    "too_slow",
    "too_large",
    "media_type",
    "recipient_invalid",
    "country_refused",
    "number_kind",
    "sender_refused",
    "body_refused",
    "opted_out",
    "refused_by_carrier",
    "limited",
    "internal",
    "limits_unavailable",
    "carriers_unavailable",
    "misconfigured",
    "draining",
    "deadline",
]
STATUS: dict[Reason, int] = {
    "accepted": 200,
    "bad_request": 400,
    "unauthorized": 401,
    "not_found": 404,
    "method_not_allowed": 405,
    "too_slow": 408,
    "too_large": 413,
    "media_type": 415,
    "recipient_invalid": 422,
    "country_refused": 422,
    "number_kind": 422,
    "sender_refused": 422,
    "body_refused": 422,
    "opted_out": 422,
    "refused_by_carrier": 422,
    "limited": 429,
    "internal": 500,
    "limits_unavailable": 503,
    "carriers_unavailable": 503,
    "misconfigured": 503,
    "draining": 503,
    "deadline": 504,
}
BODY_FAULTS: dict[int, Reason] = {400: "bad_request", 408: "too_slow", 413: "too_large", 415: "media_type"}
EXTRA: dict[Reason, tuple[bytes, bytes]] = {
    "unauthorized": (b"www-authenticate", b"Bearer"),
    "method_not_allowed": (b"allow", b"POST"),
}
COMMON = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]


def _bodies() -> dict[Reason, bytes]:
    keys = {reason: "status" if status == 200 else "error" for reason, status in STATUS.items()}
    return {reason: json.dumps({key: reason, "id": "%s"}).encode() for reason, key in keys.items()}


BODIES = _bodies()


@value
class Answer:
    """One answer. `retry_after` in seconds; `close` when the connection still holds what nobody will read."""

    reason: Reason
    retry_after: int | None = None
    close: bool = False

    @property
    def status(self) -> int:
        return STATUS[self.reason]

    async def send(self, send: Send, request: str) -> None:
        """Send it; `request` is the request's id, by which the log is found."""
        body = BODIES[self.reason] % request.encode()
        headers = [*COMMON, (b"content-length", b"%d" % len(body))]
        if self.reason in EXTRA:
            headers.append(EXTRA[self.reason])
        if self.retry_after is not None:
            headers.append((b"retry-after", b"%d" % self.retry_after))
        if self.close:
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
