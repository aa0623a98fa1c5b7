"""A grant at /oauth/token that runs the Actions: no browser, hence no redirect, and an answer in JSON."""

from dataclasses import dataclass

from ..context import Sandbox
from ..store import Doc
from . import event as events
from . import flow, logs, pipeline, tokens
from .errors import OAuthError
from .incoming import Incoming
from .sign_in import SignIn


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
    sign_in = SignIn(
        client_id=client["client_id"],
        user_id=proof.user["user_id"],
        connection_id=proof.connection["id"],
        transaction=events.back_channel_transaction(proof.protocol, granted, incoming),
        scopes=granted,
        audience=incoming.text("audience"),
        authenticated_at=sandbox.clock.now(),
        methods=[{"name": proof.method, "timestamp": sandbox.clock.iso()}],
        actions=pipeline.bound(sandbox),
    )
    body = await through_actions(sandbox, sign_in, incoming, proof.gty)
    return body | tokens.first_refresh_token(sandbox, client, sign_in)


async def through_actions(sandbox: Sandbox, sign_in: SignIn, incoming: Incoming, gty: str) -> Doc:
    try:
        outcome = await pipeline.run(sandbox, sign_in, incoming)
        if outcome.kind != "done":
            _log_actions(sandbox, sign_in, incoming, outcome.text)
            raise OAuthError(outcome.code or "access_denied", outcome.text)
        _log_actions(sandbox, sign_in, incoming, None)
        return tokens.issue(sandbox, sign_in, gty=gty)
    except LookupError as error:
        raise OAuthError("invalid_grant", "The user, client or API no longer exists.") from error


def _log_actions(sandbox: Sandbox, sign_in: SignIn, incoming: Incoming, failure: str | None) -> None:
    """Actions of a back-channel grant get an entry of their own, so that their console output can be read."""
    if sign_in.executions:
        logs.write(
            sandbox,
            "f" if failure is not None else "s",
            incoming,
            description=failure,
            client=sign_in.client(sandbox),
            user=sign_in.user(sandbox),
            actions=sign_in.executions,
        )
