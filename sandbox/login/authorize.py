"""/authorize: judge the request, then sign on silently, ask for a password, or refuse."""

from dataclasses import replace

from starlette.responses import Response

from ..context import Sandbox
from ..store import Doc
from . import authorization as authorizations
from . import (
    beginning,
    clients,
    logs,
    organization_choice,
    organizations,
    pushed,
    responses,
    sessions,
    transactions,
)
from .authorization import Authorization
from .errors import AppError
from .incoming import Incoming
from .passwordless.connection import STRATEGIES as PASSWORDLESS
from .visit import Visit


async def authorize(visit: Visit) -> Response:
    sandbox = visit.sandbox
    visit.incoming = pushed.taken(sandbox, visit.incoming)
    client = clients.find(sandbox, visit.incoming.text("client_id"))
    known, organization = _address(sandbox, client, visit.incoming)
    try:
        pushed.require(sandbox, client, visit.incoming)
        found = organizations.requested(sandbox, client, organization)
        judged = authorizations.judge(sandbox, client, known, visit.incoming)
        return await _admit(visit, client, replace(judged, organization=found["id"] if found else None))
    except AppError as error:
        kind = "fsa" if visit.incoming.text("prompt") == "none" else "f"
        logs.write(sandbox, kind, visit.incoming, description=error.description, client=client)
        return responses.error(known, error.error, error.description)


def _address(sandbox: Sandbox, client: Doc, incoming: Incoming) -> tuple[Authorization, str | None]:
    """Where answers go, and the organization that was asked for, whose name a callback may hold."""
    given = incoming.text("organization")
    placeholder = None
    if given and (client.get("organization_usage") or "deny") != "deny":
        found = organizations.find(sandbox, given) or organizations.named(sandbox, given)
        placeholder = found["name"] if found else None
    return authorizations.address(client, incoming, placeholder), given


async def _admit(visit: Visit, client: Doc, authorization: Authorization) -> Response:
    sandbox = visit.sandbox
    if _asks_for_organization(client, authorization) and "none" not in authorization.prompts:
        transaction = transactions.begin(sandbox, visit.browser, authorization, visit.incoming)
        state = transactions.put(sandbox, replace(transaction, step="organization"))
        return responses.redirect(f"/u/organization?state={state}")
    return await proceed(visit, client, authorization)


async def proceed(visit: Visit, client: Doc, authorization: Authorization) -> Response:
    """Go on with a judged request whose organization, if any, is known. AppError for the application."""
    sandbox = visit.sandbox
    try:
        chosen = clients.connection_for(
            sandbox, client, authorization.connection, clients.PROMPTED, authorization.organization
        )
    except LookupError as error:
        raise AppError("invalid_request", str(error.args[0])) from error
    transaction = transactions.begin(sandbox, visit.browser, authorization, visit.incoming)
    session = _usable_session(visit, authorization, chosen)
    if session:
        user = sandbox.store.get("users", session["user_id"])
        connection = _connection_of(sandbox, session, authorization)
        if user and connection:
            return await organization_choice.go_on(visit, transaction, session, user, connection)
    if "none" in authorization.prompts:
        raise AppError("login_required", "Login required")
    return beginning.begin(visit, transaction, chosen)


def _asks_for_organization(client: Doc, authorization: Authorization) -> bool:
    return (
        authorization.organization is None
        and client.get("organization_usage") in ("require", "allow")
        and client.get("organization_require_behavior") == "pre_login_prompt"
        and (authorization.connection is None or client.get("organization_usage") == "require")
    )


def _usable_session(visit: Visit, authorization: Authorization, connection: Doc) -> Doc | None:
    """The browser's session, unless this request wants a fresh sign-in.

    A passwordless connection asked for by name never uses one
    (…/authenticate/passwordless/passwordless-with-universal-login).
    """
    if authorization.connection and connection["strategy"] in PASSWORDLESS:
        return None
    session = sessions.of(visit.sandbox, visit.request)
    if session is None or {"login", "select_account"}.intersection(authorization.prompts):
        return None
    return None if _too_old(visit.sandbox, session, authorization.max_age) else session


def _connection_of(sandbox: Sandbox, session: Doc, authorization: Authorization) -> Doc | None:
    """The connection the session came from, where this application takes it."""
    if authorization.connection not in (None, session["connection"]):
        return None
    for connection in sandbox.store.where("connections", "name", session["connection"]):
        if authorization.client_id in connection.get("enabled_clients", []):
            return (
                connection if organizations.offers(sandbox, authorization.organization, connection) else None
            )
    return None


def _too_old(sandbox: Sandbox, session: Doc, max_age: int | None) -> bool:
    return max_age is not None and sandbox.clock.now() - float(session["authenticated_at"]) > max_age
