"""The pages that ask for the organization: by its name before the password, from a list after it."""

from dataclasses import replace

from starlette.responses import Response

from ..store import Doc
from . import (
    authorize,
    clients,
    logs,
    organization_choice,
    organizations,
    prompt,
    responses,
    sessions,
    transactions,
)
from .errors import AppError, StateError
from .visit import Visit

_UNKNOWN = "There is no organization of this name."


async def show_name(visit: Visit) -> Response:
    transaction = transactions.find(visit.sandbox, visit.request, prompt.state(visit), "organization")
    return prompt.page(visit, transaction, "organization", {"name": ""})


async def choose_name(visit: Visit) -> Response:
    sandbox, state = visit.sandbox, prompt.state(visit)
    transaction = transactions.find(sandbox, visit.request, state, "organization")
    client = clients.find(sandbox, transaction.authorization.client_id)
    typed = prompt.field(visit, "organization")
    found = organizations.named(sandbox, typed)
    if found is None:
        return prompt.page(visit, transaction, "organization", {"name": typed}, _UNKNOWN)
    taken = transactions.take(sandbox, visit.request, state, "organization")
    visit.incoming = taken.incoming
    chosen = replace(taken.authorization, organization=found["id"])
    try:
        return await authorize.proceed(visit, client, chosen)
    except AppError as error:
        logs.write(sandbox, "f", visit.incoming, description=error.description, client=client)
        return responses.error(chosen, error.error, error.description)


async def show_picker(visit: Visit) -> Response:
    transaction = transactions.find(visit.sandbox, visit.request, prompt.state(visit), "picker")
    _, user, connection = _person(visit)
    found = organization_choice.choices(visit.sandbox, user, connection)
    client = clients.find(visit.sandbox, transaction.authorization.client_id)
    named = [{"id": one["id"], "name": one.get("display_name") or one["name"]} for one in found]
    values = {"organizations": named, "personal": not organization_choice.is_required(client)}
    return prompt.page(visit, transaction, "organization_picker", values)


async def pick(visit: Visit) -> Response:
    """Go on in the organization that was picked; nothing picked means the personal account, if it may."""
    transaction = transactions.take(visit.sandbox, visit.request, prompt.state(visit), "picker")
    session, user, connection = _person(visit)
    visit.keep_session(session["key"])
    picked = prompt.field(visit, "organization") or None
    try:
        return await organization_choice.enter(visit, transaction, picked, session, user, connection)
    except AppError as error:
        return prompt.refused(visit, transaction, user, error)


def _person(visit: Visit) -> tuple[Doc, Doc, Doc]:
    """Who has just logged in, by the browser's session: session, user and connection."""
    session = sessions.of(visit.sandbox, visit.request)
    user = visit.sandbox.store.get("users", session["user_id"]) if session else None
    found = visit.sandbox.store.where("connections", "name", session["connection"]) if session else []
    if session is None or user is None or not found:
        raise StateError("The sign-in's session has ended.")
    return session, user, found[0]
