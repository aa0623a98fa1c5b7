"""One-time codes: the latest only, three tries, and as long as the connection says.

Source: auth0.com/docs/authenticate/passwordless/best-practices, "Prevent brute force attacks".
"""

import hmac
from typing import Literal

from ...context import Sandbox
from ...store import Doc
from .connection import Options

TRIES = 3
_KIND = "passwordless_codes"

Verdict = Literal["right", "wrong", "exhausted", "expired"]


def issue(sandbox: Sandbox, connection: Doc, number: str, identity: str) -> str:
    """A new code in place of the one before; `identity` is the user's id at the connection."""
    options = Options.of(connection)
    code = sandbox.ids.digits(options.code_length)
    doc: Doc = {
        "connection_id": connection["id"],
        "number": number,
        "identity": identity,
        "code": code,
        "tries": 0,
        "expires_at": sandbox.clock.now() + options.code_seconds,
    }
    sandbox.store.put(_KIND, _key(connection, number), doc)
    return code


def check(sandbox: Sandbox, connection: Doc, number: str, given: str) -> tuple[Verdict, Doc | None]:
    """Judge a code; the right one is used up, and its document returned."""
    with sandbox.store.atomic():
        doc = sandbox.store.get(_KIND, _key(connection, number))
        if doc is None:
            return "wrong", None
        if doc["tries"] >= TRIES:
            return "exhausted", None
        if doc["expires_at"] <= sandbox.clock.now():
            return "expired", None
        if hmac.compare_digest(doc["code"].encode(), given.encode()):
            sandbox.store.delete(_KIND, _key(connection, number))
            return "right", doc
        doc["tries"] += 1
        sandbox.store.put(_KIND, _key(connection, number), doc)
        return ("exhausted" if doc["tries"] >= TRIES else "wrong"), None


def _key(connection: Doc, number: str) -> str:
    return f"{connection['id']} {number}"
