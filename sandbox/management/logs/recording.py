"""Calls of the Management API that change something, in the tenant's log: `sapi`, and `fapi` when refused.

Source: auth0.com/docs/deploy-monitor/logs/log-event-type-codes, and Auth0's schema of tenant logs. Bodies are
left out: what a client sends here is full of secrets, and which of it Auth0 masks is not documented. Auth0
describes a call in the words of its documentation; here they are made of method and path.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from ... import tenant_log
from ...context import Sandbox
from ...errors import Auth0Error
from ..routing import Operation

_VERBS = {"POST": "Create", "PUT": "Set", "PATCH": "Update", "DELETE": "Delete"}
# What the last part of a path does, where it names no thing.
_DEEDS = {
    "deploy": "Deploy", "rekey": "Rekey", "reset": "Reset", "revoke": "Revoke", "rollback": "Roll back",
    "rotate": "Rotate", "rotate-secret": "Rotate the secret of", "test": "Test", "try": "Try",
    "verify": "Verify",
}  # fmt: skip
# Settings of which there is one.
_MASSES = ("branding", "settings", "prompts")


@dataclass
class Outcome:
    """What the call was answered with, once it is known."""

    status: int = 0


@contextlib.contextmanager
def recorded(
    sandbox: Sandbox, request: Request, operation: Operation, claims: Mapping[str, Any]
) -> Iterator[Outcome]:
    """Write the call into the log at the block's end, also when it raises Auth0Error."""
    outcome = Outcome()
    try:
        yield outcome
    except Auth0Error as error:
        _write(sandbox, "fapi", request, operation, claims, error.status)
        raise
    _write(sandbox, "sapi", request, operation, claims, outcome.status)


def _write(
    sandbox: Sandbox,
    kind: str,
    request: Request,
    operation: Operation,
    claims: Mapping[str, Any],
    status: int,
) -> None:
    if request.method not in _VERBS:
        return
    client_id = str(claims.get("azp", ""))
    client = sandbox.store.get("clients", client_id) or {}
    agent = request.headers.get("user-agent", "")
    ip = request.client.host if request.client else "127.0.0.1"
    asked = {
        "method": request.method.lower(),
        "path": request.url.path,
        "userAgent": agent,
        "channel": "api",
        "ip": ip,
        "auth": {"strategy": "jwt", "user": {"user_id": claims.get("sub")}},
    }
    members = {
        "description": describe(operation),
        "client_id": client_id,
        "client_name": client.get("name", ""),
        "ip": ip,
        "user_agent": agent,
        "user_id": claims.get("sub"),
        "details": {"request": asked, "response": {"statusCode": status}},
    }
    tenant_log.append(sandbox, kind, members)


def describe(operation: Operation) -> str:
    """In words: POST /actions/actions is "Create an action", …/{id}/deploy "Deploy an action"."""
    named = [part for part in operation.path.strip("/").split("/") if part[0] != "{"]
    deed = _DEEDS.get(named[-1])
    thing = re.sub("[-_]", " ", named[-2] if deed else named[-1])
    verb = deed or _VERBS[operation.method]
    return f"{verb} {thing}" if thing in _MASSES else f"{verb} {_article(thing)} {_singular(thing)}"


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word if word.endswith("ss") else word.removesuffix("s")


def _article(word: str) -> str:
    return "an" if word[0] in "aeio" else "a"
