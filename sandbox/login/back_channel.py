"""A grant at /oauth/token that runs the Actions: no browser, hence no redirect, and an answer in JSON."""

from dataclasses import dataclass

from ..context import Sandbox
from ..store import Doc
from . import event as events
from . import flow, permissions, pipeline, scopes, tokens
from .errors import OAuthError
from .incoming import Incoming
from .sign_in import SignIn

# A token response's member for the tenant's log alone: `actions` and `user` of the grant's entry.
LOGGED = "_logged"


@dataclass(frozen=True)
class Proof:
    """Who has proven themselves, and how: `method` and `protocol` are what Actions see of it."""

    user: Doc
    connection: Doc
    method: str
    protocol: str
    gty: str


async def log_in(sandbox: Sandbox, client: Doc, incoming: Incoming, proof: Proof, granted: list[str]) -> Doc:
    """The body of the token response for a person who has just proven themselves."""
    flow.count_login(sandbox, proof.user, incoming)
    audience = incoming.text("audience") or scopes.default_audience(sandbox)
    sign_in = SignIn(
        client_id=client["client_id"],
        user_id=proof.user["user_id"],
        connection_id=proof.connection["id"],
        transaction=events.back_channel_transaction(proof.protocol, granted, incoming),
        scopes=permissions.admitted(sandbox, proof.user, audience, granted),
        audience=audience,
        authenticated_at=sandbox.clock.now(),
        methods=[{"name": proof.method, "timestamp": sandbox.clock.iso()}],
        actions=pipeline.bound(sandbox),
    )
    body = await through_actions(sandbox, sign_in, incoming, proof.gty)
    return body | tokens.first_refresh_token(sandbox, client, sign_in)


async def through_actions(sandbox: Sandbox, sign_in: SignIn, incoming: Incoming, gty: str) -> Doc:
    """The body of the token response; OAuthError when the Actions or the tenant refuse."""
    try:
        user = sign_in.user(sandbox)
        if user.get("blocked"):
            raise OAuthError("unauthorized", flow.BLOCKED, 401)
        outcome = await pipeline.run(sandbox, sign_in, incoming)
        if outcome.kind != "done":
            raise OAuthError(outcome.code or "access_denied", outcome.text)
        return tokens.issue(sandbox, sign_in, gty=gty) | {LOGGED: _logged(sign_in, user)}
    except LookupError as error:
        gone = OAuthError("invalid_grant", "The user, client or API no longer exists.")
        gone.executions = sign_in.executions
        raise gone from error
    except OAuthError as error:
        error.executions = sign_in.executions
        raise


def _logged(sign_in: SignIn, user: Doc) -> Doc:
    return {"actions": sign_in.executions, "user": user}
