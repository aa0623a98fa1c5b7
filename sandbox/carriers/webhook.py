"""A company's own sender behind a signed webhook: POST on the base URL itself.

The body is JSON {to, text, sender, key}; the signature, in X-Sms-Signature after "sha256=", is HMAC-SHA256 in
hexadecimal digits of X-Sms-Timestamp, a full stop and the body's bytes, with the secret both sides hold.
An answer is {"status": …}: accepted, refused, opted_out, retry or misconfigured.
"""

import hmac
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..ids import Ids
from .carrier import Carrier, Endpoint, Failure, RefusedError, is_possible, is_text, is_text_or_absent, same

SIGNATURE = "x-sms-signature"
TIMESTAMP = "x-sms-timestamp"
# How far apart the two clocks may be; an older copy of a request is a replay.
_SKEW_SECONDS = 300


class Webhook(Carrier):
    """Refuses what isn't signed with the shared secret just now."""

    name = "webhook"
    failures = (
        Failure("bad_signature", 401, "misconfigured", "credentials"),
        Failure("stale", 401, "misconfigured", "credentials"),
        Failure("bad_request", 400, "refused", "text"),
        Failure("invalid_recipient", 422, "refused", "number"),
        Failure("unknown_sender", 422, "misconfigured", "sender"),
        Failure("opted_out", 422, "opted_out", "opted_out"),
        Failure("rate_limited", 429, "retry", "throttled"),
        Failure("unavailable", 503, "retry", "internal"),
    )

    @classmethod
    def account(cls, ids: Ids) -> dict[str, str]:
        return {"SMS_WEBHOOK_SECRET": ids.token(43)}

    def endpoints(self) -> list[Endpoint]:
        return [("POST", "", self.send)]

    async def send(self, request: Request) -> Response:
        raw = await request.body()
        self._verify(request, raw)
        body = _parse(raw)
        if body is None:
            raise self.refusal("bad_request")
        if not is_possible(body["to"]):
            raise self.refusal("invalid_recipient")
        self.check_plan(body["to"])
        reference = self.sandbox.ids.uuid()
        self.deliver(body["to"], body.get("sender"), body["text"], reference, str(body.get("key") or ""))
        return JSONResponse({"status": "accepted", "id": reference}, 202)

    def refuse(self, error: RefusedError) -> Response:
        return JSONResponse({"status": error.failure.message}, error.failure.status)

    def _verify(self, request: Request, raw: bytes) -> None:
        stamp = request.headers.get(TIMESTAMP, "")
        secret = self.credentials["SMS_WEBHOOK_SECRET"]
        expected = hmac.new(secret.encode(), f"{stamp}.".encode() + raw, "sha256").hexdigest()
        if not same(request.headers.get(SIGNATURE, ""), f"sha256={expected}"):
            raise self.refusal("bad_signature")
        if not stamp.isdigit() or abs(int(stamp) - self.sandbox.clock.now()) > _SKEW_SECONDS:
            raise self.refusal("stale")


def _parse(raw: bytes) -> dict[str, Any] | None:
    try:
        body = json.loads(raw)
    except ValueError:
        return None
    known = isinstance(body, dict) and is_text(body.get("to")) and is_text(body.get("text"))
    return body if known and is_text_or_absent(body.get("sender")) else None
