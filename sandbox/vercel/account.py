"""Whose requests they are: one person with one token, alone or on behalf of one team."""

import hmac

from starlette.requests import Request

from ..context import Sandbox
from ..ids import Ids
from ..store import Doc
from . import errors

SEED = "vercel"
USERNAME = "sandbox"


def new(ids: Ids) -> Doc:
    """An account as a fresh tenant gets it."""
    return {
        "token": ids.alphanumeric(24),
        "user": ids.alphanumeric(24),
        "team": f"team_{ids.alphanumeric(24)}",
    }


def of(sandbox: Sandbox) -> Doc:
    return sandbox.store.get("seed", SEED) or {}


def scope(sandbox: Sandbox, request: Request) -> str:
    """The id of the user or team that owns what the request is about; refuses who may not ask."""
    account = of(sandbox)
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise errors.unauthenticated()
    if not hmac.compare_digest(token.strip().encode(), str(account["token"]).encode()):
        raise errors.invalid_token()
    if "slug" in request.query_params:
        raise errors.VercelError(501, "sandbox_unknown", "The sandbox knows a team by its id, not its slug.")
    team = request.query_params.get("teamId")
    if team is None:
        return str(account["user"])
    if team != account["team"]:
        raise errors.foreign_team(team)
    return team
