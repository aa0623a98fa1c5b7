"""Flow `action` as its tests drive it: Twilio's answers, and people with a code under way."""

from datetime import UTC, datetime
from typing import Any

from . import made
from .runner import NOW, ActionRunner, Run

CODE = made.code(flow="action")
OPTIONAL = made.code(flow="action", enforcement="optional")
SID, OTHER_SID = "VE" + "1" * 32, "VE" + "2" * 32
STARTED = {"status": 201, "json": {"sid": SID, "status": "pending", "to": made.PHONE}}
APPROVED = {"status": 200, "json": {"sid": SID, "status": "approved", "valid": True}}
WRONG = {"status": 200, "json": {"sid": SID, "status": "pending", "valid": False}}
GONE = {"status": 404, "json": {"code": 20404, "message": "not found", "status": 404}}


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def pending(*, age: float = 10, fails: Any = 0, phone: str = made.PHONE, sid: str = SID) -> dict[str, Any]:
    return {"phone_pending": {"sid": sid, "phone": phone, "sent_at": iso(NOW - age), "fails": fails}}


def person(hint: str = made.PHONE, **app_metadata: Any) -> dict[str, Any]:
    return made.hinted(hint, secrets=made.TWILIO_SECRETS, user={"app_metadata": app_metadata})


def failure(status: int, code: int | None = None) -> dict[str, Any]:
    return {"status": status, "json": {"code": code, "message": f"to {made.PHONE}", "status": status}}


def start(node: ActionRunner, event: dict[str, Any], *answers: dict[str, Any], code: str = CODE) -> Run:
    return node.run(code, made.EXECUTE, event, twilio=list(answers))


def check(node: ActionRunner, event: dict[str, Any], *answers: dict[str, Any], sent: Any = "123456") -> Run:
    token = made.signed(made.result_claims("submitted", sealed=made.sealed({"code": sent})))
    return node.run(CODE, made.CONTINUE, made.returning(event, token), twilio=list(answers))
