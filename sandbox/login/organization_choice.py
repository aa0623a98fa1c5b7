"""After the password: in which organization the sign-in goes on, where the application asks for it then.

Source: auth0.com/docs/manage-users/organizations/configure-organizations/define-organization-behavior
("Prompt for Credentials"). The words of the refusals are not documented.
"""

from dataclasses import replace

from starlette.responses import Response

from ..context import Sandbox
from ..store import Doc
from . import clients, flow, organizations, responses, transactions
from .errors import AppError
from .transactions import Transaction
from .visit import Visit

PICKER = "/u/organization/picker"


async def go_on(visit: Visit, transaction: Transaction, session: Doc, user: Doc, connection: Doc) -> Response:
    """Start the flow in the organization asked for, the only one there is, or the one to be picked.

    AppError when the person may not enter it, or has none although one is required.
    """
    sandbox, authorization = visit.sandbox, transaction.authorization
    client = clients.find(sandbox, authorization.client_id)
    organization = authorization.organization
    if organization is None and is_asked_afterwards(client):
        found = choices(sandbox, user, connection)
        if is_required(client) and not found:
            raise AppError("access_denied", f"user {user['user_id']} is not part of an organization")
        if found and (len(found) > 1 or not is_required(client)):
            return _ask(visit, transaction, session)
        organization = found[0]["id"] if found else None
    return await enter(visit, transaction, organization, session, user, connection)


async def enter(
    visit: Visit,
    transaction: Transaction,
    organization: str | None,
    session: Doc,
    user: Doc,
    connection: Doc,
) -> Response:
    """Start the flow in this organization, or in none; AppError when that may not be."""
    authorization = transaction.authorization
    if organization is None and is_required(clients.find(visit.sandbox, authorization.client_id)):
        raise AppError("invalid_request", "parameter organization is required for this client")
    organizations.enter(visit.sandbox, organization, user, connection)
    chosen = replace(transaction, authorization=replace(authorization, organization=organization))
    return await flow.start(visit, chosen, session, user, connection)


def choices(sandbox: Sandbox, user: Doc, connection: Doc) -> list[Doc]:
    """The organizations the person is a member of, as far as they have the connection."""
    found = organizations.of_member(sandbox, user)
    return [one for one in found if organizations.offers(sandbox, one["id"], connection)]


def is_asked_afterwards(client: Doc) -> bool:
    usage = client.get("organization_usage")
    return (
        usage in ("require", "allow") and client.get("organization_require_behavior") == "post_login_prompt"
    )


def is_required(client: Doc) -> bool:
    return client.get("organization_usage") == "require"


def _ask(visit: Visit, transaction: Transaction, session: Doc) -> Response:
    if "none" in transaction.authorization.prompts:
        raise AppError("interaction_required", "Organization selection required")
    visit.keep_session(session["key"])
    state = transactions.put(visit.sandbox, replace(transaction, step="picker"))
    return responses.redirect(f"{PICKER}?state={state}")
