"""The gateway's OpenAPI document, from what the code itself answers with.

`python -m gateway.openapi --write` writes it; `--check` fails when the committed one is not this.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from serving.bodies import BODY_BYTES

from .answers import STATUS, Reason
from .contract import Contract, load_contract

FILE = Path(__file__).parent.parent / "docs" / "openapi" / "gateway.json"
WORDS: dict[Reason, str] = {
    "accepted": "A carrier has taken the message on, now or a moment ago: a repeat is not sent again.",
    "bad_request": "The body is no order.",
    "unauthorized": "No token, or not a good one. Nothing else is answered with 401.",
    "method_not_allowed": "Only POST.",
    "too_slow": "The body took longer than 5 seconds.",
    "too_large": "The body has more than 8 KiB.",
    "media_type": "The body is not plain application/json.",
    "recipient_invalid": "Not exactly one telephone number with its country code.",
    "country_refused": "The stage doesn't serve the number's country.",
    "number_kind": "Not a mobile number.",
    "sender_refused": "Not the stage's sender.",
    "body_refused": "The text is empty, too long, has control characters, or fits no pattern of the stage.",
    "opted_out": "The recipient wants no messages from this sender.",
    "refused_by_carrier": "The carrier will never take this message on.",
    "limited": "Too many, by number, its neighbourhood, country, client or in all.",
    "internal": "A fault of the gateway's own; the log has it under the id.",
    "limits_unavailable": "Limits can't be counted now, so nothing is sent.",
    "carriers_unavailable": "No carrier took the message on; another time one may.",
    "misconfigured": "Every carrier refuses the gateway's account or settings.",
    "draining": "This process is about to end.",
    "deadline": "No carrier took the message on in time.",
    "not_found": "No such address.",
}
RETRIED = ("limited", "limits_unavailable", "carriers_unavailable")
ORDER = {
    "type": "object",
    "required": ["recipient", "body"],
    "properties": {
        "recipient": {"type": "string", "examples": ["+14155550123"]},
        "body": {"type": "string", "examples": ["Your code is 482913"]},
        "sender": {"type": ["string", "null"], "description": "The stage's sender, or nothing."},
        "req": {
            "description": "Of whom Auth0 serves; used to limit by address, never a reason to refuse.",
            "properties": {"ip": {"type": "string"}, "user-agent": {"type": "string"}},
        },
    },
}
ID = {"type": "string", "pattern": "^[0-9a-f]{16}$", "description": "The request's, as in the log."}


def document(contract: Contract) -> dict[str, Any]:
    """The whole document, OpenAPI 3.1."""
    paths = contract.gateway
    return {
        "openapi": "3.1.0",
        "info": {"title": "auth0-phone SMS gateway", "version": "1"},
        "paths": {
            paths.path: {"post": _sms()},
            contract.paths.health: {"get": _probe("Alive.", [200])},
            paths.ready: {"get": _probe("Whether to send requests here.", [200, 503])},
            paths.metrics: {"get": _metrics()},
        },
        "components": {
            "securitySchemes": {
                "gateway": {"type": "http", "scheme": "bearer", "bearerFormat": f"JWT, {paths.algorithm}"},
                "metrics": {"type": "http", "scheme": "bearer"},
            }
        },
    }


def _sms() -> dict[str, Any]:
    return {
        "operationId": "sendSms",
        "summary": "Have one SMS sent. Auth0 takes exactly 200 for success.",
        "security": [{"gateway": []}],
        "requestBody": {
            "required": True,
            "description": f"At most {BODY_BYTES} bytes; unknown keys are ignored.",
            "content": {"application/json": {"schema": ORDER}},
        },
        "responses": _responses([reason for reason in STATUS if reason != "not_found"]),
    }


def _responses(reasons: list[Reason]) -> dict[str, Any]:
    by_status: dict[int, list[Reason]] = {}
    for reason in reasons:
        by_status.setdefault(STATUS[reason], []).append(reason)
    return {str(status): _response(status, names) for status, names in sorted(by_status.items())}


def _response(status: int, reasons: list[Reason]) -> dict[str, Any]:
    key = "status" if status == 200 else "error"
    schema = {
        "type": "object",
        "required": [key, "id"],
        "additionalProperties": False,
        "properties": {key: {"enum": reasons}, "id": ID},
    }
    words = [f"`{reason}`: {WORDS[reason]}" for reason in reasons]
    found: dict[str, Any] = {
        "description": "\n".join(words),
        "content": {"application/json": {"schema": schema}},
    }
    if any(reason in RETRIED for reason in reasons):
        seconds = {"schema": {"type": "integer", "minimum": 1}, "description": "Seconds."}
        found["headers"] = {"Retry-After": seconds}
    return found


def _probe(summary: str, statuses: list[int]) -> dict[str, Any]:
    digest = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
    schema = {
        "type": "object",
        "required": ["status", "contract", "stage"],
        "properties": {
            "status": {"type": "string"},
            "contract": {**digest, "description": "Of action_src/contract.json."},
            "stage": {**digest, "description": "Of the stage.json it was started with."},
        },
    }
    content = {"application/json": {"schema": schema}}
    described = {200: "Yes.", 503: "No: draining, or limits can't be counted."}
    responses = {str(status): {"description": described[status], "content": content} for status in statuses}
    return {"summary": summary, "responses": responses}


def _metrics() -> dict[str, Any]:
    content = {"text/plain": {"schema": {"type": "string"}}}
    page = {"description": "Prometheus' text format.", "content": content}
    return {
        "summary": "Figures for Prometheus.",
        "security": [{"metrics": []}],
        "responses": {"200": page, **_responses(["unauthorized", "not_found"])},
    }


def text() -> str:
    """The document as it is committed."""
    return json.dumps(document(load_contract()), indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m gateway.openapi")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", action="store_true", help=f"write {FILE.name}")
    action.add_argument("--check", action="store_true", help="fail when the committed one differs")
    options = parser.parse_args(arguments)
    if options.write:
        FILE.parent.mkdir(parents=True, exist_ok=True)
        FILE.write_text(text())
    elif not FILE.is_file() or FILE.read_text() != text():
        mend = "python -m gateway.openapi --write"
        print(f"docs/openapi/{FILE.name} is not current. Run: {mend}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
