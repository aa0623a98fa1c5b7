"""Where a sign-in begins that needs the person: a page of the tenant's, or a provider's."""

from starlette.responses import Response

from ..store import Doc
from . import clients, federation, responses, transactions
from .authorization import Authorization
from .transactions import Transaction
from .visit import Visit


def begin(visit: Visit, transaction: Transaction, connection: Doc) -> Response:
    """Send the person to where a sign-in with this connection begins."""
    authorization = transaction.authorization
    if clients.is_federated(connection) and _is_the_only_one(visit, authorization):
        return federation.send(visit, transaction, connection)
    state = transactions.put(visit.sandbox, transaction)
    return responses.redirect(f"{_page(authorization, connection)}?state={state}")


def _is_the_only_one(visit: Visit, authorization: Authorization) -> bool:
    if authorization.connection is not None:
        return True
    client = clients.find(visit.sandbox, authorization.client_id)
    return len(clients.offered(visit.sandbox, client, authorization.organization)) == 1


def _page(authorization: Authorization, connection: Doc) -> str:
    """The first page; passwordless signs people up and in on the same ones."""
    if clients.is_federated(connection):
        return "/u/login/providers"
    if connection["strategy"] != "auth0":
        return "/u/login/identifier"
    return "/u/signup" if authorization.screen_hint == "signup" else "/u/login"
