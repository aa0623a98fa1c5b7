"""/authorize: judge the request, then sign on silently, ask for a password, or refuse."""

from starlette.responses import Response

from ..context import Sandbox
from ..store import Doc
from . import authorization as authorizations
from . import clients, flow, logs, responses, sessions, transactions
from .authorization import Authorization
from .errors import AppError
from .passwordless.connection import SMS
from .passwordless.prompts import IDENTIFIER
from .visit import Visit


async def authorize(visit: Visit) -> Response:
    client = clients.find(visit.sandbox, visit.incoming.text("client_id"))
    known = authorizations.address(client, visit.incoming)
    try:
        judged = authorizations.judge(visit.sandbox, client, known, visit.incoming)
        return await _admit(visit, client, judged)
    except AppError as error:
        kind = "fsa" if visit.incoming.text("prompt") == "none" else "f"
        logs.write(visit.sandbox, kind, visit.incoming, description=error.description, client=client)
        return responses.error(known, error.error, error.description)


async def _admit(visit: Visit, client: Doc, authorization: Authorization) -> Response:
    sandbox = visit.sandbox
    try:
        chosen = clients.connection_for(sandbox, client, authorization.connection, clients.PROMPTED)
    except LookupError as error:
        raise AppError("invalid_request", str(error.args[0])) from error
    transaction = transactions.begin(sandbox, visit.browser, authorization, visit.incoming)
    session = _usable_session(visit, authorization, chosen)
    if session:
        user = sandbox.store.get("users", session["user_id"])
        connection = _connection_of(sandbox, session, authorization)
        if user and connection:
            return await flow.start(visit, transaction, session, user, connection)
    if "none" in authorization.prompts:
        raise AppError("login_required", "Login required")
    state = transactions.put(sandbox, transaction)
    return responses.redirect(f"{_page(authorization, chosen)}?state={state}")


def _page(authorization: Authorization, connection: Doc) -> str:
    """Where the person begins; passwordless signs people up and in on the same pages."""
    if connection["strategy"] == SMS:
        return IDENTIFIER
    return "/u/signup" if authorization.screen_hint == "signup" else "/u/login"


def _usable_session(visit: Visit, authorization: Authorization, connection: Doc) -> Doc | None:
    """The browser's session, unless this request wants a fresh sign-in.

    A passwordless connection asked for by name never uses one
    (…/authenticate/passwordless/passwordless-with-universal-login).
    """
    if authorization.connection and connection["strategy"] == SMS:
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
            return connection
    return None


def _too_old(sandbox: Sandbox, session: Doc, max_age: int | None) -> bool:
    return max_age is not None and sandbox.clock.now() - float(session["authenticated_at"]) > max_age
