"""Checkpoints of an organization's members: they name the last one shown, and when that one joined.

There is a next checkpoint after every page that holds anybody (recorded), so that a client asks once more
and is told that nobody is left.
"""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from datetime import UTC, datetime

from ...store import Doc
from .. import paging
from ..routing import Call

_TIME = "%Y-%m-%d %H:%M:%S.%fUTC"


def page(call: Call, links: list[Doc], organization: str) -> tuple[list[Doc], str | None]:
    """The memberships `take` and `from` ask for, and the checkpoint after them.

    A checkpoint from before the organization was there is another tenant's: nobody comes after it.
    """
    remaining = _after(call, links, organization) if "from" in call.query else links
    shown = remaining[: paging.take(call)]
    return shown, _cursor(shown[-1]) if shown else None


def _cursor(link: Doc) -> str:
    moment = datetime.fromtimestamp(link.get("joined_at", 0.0), UTC)
    return b64encode(f"{moment.strftime(_TIME)},{link['user_id']}".encode()).decode()


def _after(call: Call, links: list[Doc], organization: str) -> list[Doc]:
    moment, user = _read(call.query["from"])
    for position, link in enumerate(links):
        if link["user_id"] == user:
            return links[position + 1 :]
    begun = (call.sandbox.store.get("organizations", organization) or {})["_created_at"]
    return [link for link in links if link.get("joined_at", 0.0) > moment] if moment >= begun else []


def _read(cursor: str) -> tuple[float, str]:
    try:
        moment, _, user = b64decode(cursor, validate=True).decode().partition(",")
        return datetime.strptime(moment, _TIME).replace(tzinfo=UTC).timestamp(), user
    except (NotBase64, ValueError) as error:
        problem = f"Object didn't pass validation for format checkpoint: {cursor}"
        raise paging.invalid_query(problem, "from") from error
