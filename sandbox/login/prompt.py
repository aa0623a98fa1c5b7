"""What the pages of the login have in common: the transaction they belong to, and how they end well."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from ..store import Doc
from . import clients, logs, organization_choice, pages, responses, transactions
from .errors import AppError, PageError
from .transactions import Transaction
from .visit import Visit

_LONGEST_FIELD = 320


def opened(visit: Visit, *strategies: str) -> tuple[Transaction, Doc, Doc]:
    """What a page for these strategies needs: the transaction of its state, the client, the connection."""
    sandbox = visit.sandbox
    transaction = transactions.find(sandbox, visit.request, state(visit), "login")
    client = clients.find(sandbox, transaction.authorization.client_id)
    try:
        connection = clients.connection_for(
            sandbox,
            client,
            transaction.authorization.connection,
            clients.PROMPTED,
            transaction.authorization.organization,
        )
    except LookupError as error:
        raise PageError("invalid_request", str(error.args[0])) from error
    if connection["strategy"] not in strategies:
        raise PageError("invalid_request", "This sign-in goes on at another page.")
    return transaction, client, connection


async def signed_in(visit: Visit, user: Doc, connection: Doc) -> Response:
    """The person is who they say: the state is used up, and the session exists whatever the Actions say."""
    transaction = transactions.take(visit.sandbox, visit.request, state(visit), "login")
    return await entered(visit, transaction, user, connection)


async def entered(visit: Visit, transaction: Transaction, user: Doc, connection: Doc) -> Response:
    """As `signed_in`, for a transaction whose state is used up already."""
    if user.get("blocked"):
        return refused(visit, transaction, user, AppError("unauthorized", "user is blocked"))
    session = visit.begin_session(user, connection)
    try:
        return await organization_choice.go_on(visit, transaction, session, user, connection)
    except AppError as error:
        visit.keep_session(session["key"])
        return refused(visit, transaction, user, error)


def refused(visit: Visit, transaction: Transaction, user: Doc | None, error: AppError) -> Response:
    """Back to the application, with an error and without a session."""
    logs.write(visit.sandbox, "f", visit.incoming, description=error.description, user=user)
    return responses.error(transaction.authorization, error.error, error.description)


def page(
    visit: Visit,
    transaction: Transaction,
    template: str,
    values: Mapping[str, Any],
    problem: str | None = None,
) -> Response:
    client = clients.find(visit.sandbox, transaction.authorization.client_id)
    shared = {
        "application": client.get("name") or "the application",
        "state": state(visit),
        "query": urlencode({"state": state(visit)}),
        "problem": problem,
    }
    return pages.render(template, {**shared, **values}, 400 if problem else 200)


def state(visit: Visit) -> str:
    return visit.incoming.text("state") or ""


def field(visit: Visit, name: str) -> str:
    value = visit.incoming.body.get(name)
    return value[:_LONGEST_FIELD] if isinstance(value, str) else ""
