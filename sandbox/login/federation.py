"""Social and enterprise connections: people prove themselves at a provider, and come back to /login/callback.

Sources: auth0.com/docs/authenticate/identity-providers, …/manage-users/user-accounts/user-profiles/
configure-connection-sync-with-auth0 (which login may change the profile). The provider is the sandbox's own,
see `sandbox.idp`.
"""

from dataclasses import replace

from starlette.responses import Response

from .. import users
from ..context import Sandbox
from ..idp import app as idp
from ..idp import profiles
from ..store import Doc
from . import clients, prompt, responses, transactions
from .errors import AppError, PageError
from .transactions import Transaction
from .visit import Visit

_NOT_COPIED = ("sub",)


def send(visit: Visit, transaction: Transaction, connection: Doc) -> Response:
    """Send the browser to the connection's provider; it comes back with a state of its own."""
    sandbox = visit.sandbox
    chosen = replace(transaction.authorization, connection=connection["name"])
    state = transactions.put(sandbox, replace(transaction, step="federated", authorization=chosen))
    options = connection.get("options") or {}
    parameters = {
        "client_id": str(options.get("client_id") or "sandbox"),
        "redirect_uri": idp.callback(sandbox),
        "response_type": "code",
        "scope": "openid profile email",
        "state": state,
        **({"login_hint": chosen.login_hint} if chosen.login_hint else {}),
    }
    return responses.redirect(idp.address(sandbox, connection["strategy"], parameters))


async def choose(visit: Visit) -> Response:
    """A provider's button on the login page."""
    transaction = transactions.find(visit.sandbox, visit.request, prompt.state(visit), "login")
    return send(visit, transaction, _connection(visit, transaction, visit.incoming.text("connection")))


async def callback(visit: Visit) -> Response:
    """The way back from the provider, with a code or with its refusal."""
    transaction = transactions.take(visit.sandbox, visit.request, prompt.state(visit), "federated")
    connection = _connection(visit, transaction, transaction.authorization.connection)
    refusal = visit.incoming.text("error")
    if refusal is not None:
        description = visit.incoming.text("error_description") or ""
        return prompt.refused(visit, transaction, None, AppError(refusal, description))
    profile = idp.redeem(visit.sandbox, connection["strategy"], visit.incoming.text("code") or "")
    if profile is None:
        error = AppError("access_denied", "The identity provider does not know the code.")
        return prompt.refused(visit, transaction, None, error)
    user = _person(visit, connection, profile)
    return await prompt.entered(visit, transaction, user, connection)


def offered(sandbox: Sandbox, client: Doc, organization: str | None) -> list[Doc]:
    """The connections whose buttons the login page has: social ones, and enterprise ones that ask for it."""
    found = clients.offered(sandbox, client, organization)
    return [one for one in found if clients.is_federated(one) and _has_button(one)]


def _has_button(connection: Doc) -> bool:
    return profiles.is_social(connection["strategy"]) or bool(connection.get("show_as_button"))


def _connection(visit: Visit, transaction: Transaction, name: str | None) -> Doc:
    sandbox, authorization = visit.sandbox, transaction.authorization
    client = clients.find(sandbox, authorization.client_id)
    try:
        return clients.connection_for(sandbox, client, name or "", ("*",), authorization.organization)
    except LookupError as error:
        raise PageError("invalid_request", str(error.args[0])) from error


def _person(visit: Visit, connection: Doc, profile: Doc) -> Doc:
    """The user of this profile, made at the first login and brought up to date at later ones."""
    sandbox = visit.sandbox
    strategy, identity = connection["strategy"], profiles.identity(connection, profile)
    told = {name: value for name, value in profile.items() if name not in _NOT_COPIED}
    user = _known(sandbox, connection, identity)
    if user is None:
        email = told.pop("email")
        user = users.create(sandbox, connection["name"], email, None, user_id=identity, **told)
        user["identities"][0]["isSocial"] = profiles.is_social(strategy)
    elif _is_synced(connection) and user["user_id"] == f"{strategy}|{identity}":
        user |= told | {"updated_at": sandbox.clock.iso()}
    sandbox.store.put("users", user["user_id"], user)
    return user


def _is_synced(connection: Doc) -> bool:
    """Whether each login brings the user's own attributes up to date."""
    options = connection.get("options") or {}
    return bool(options.get("set_user_root_attributes", "on_each_login") == "on_each_login")


def _known(sandbox: Sandbox, connection: Doc, identity: str) -> Doc | None:
    """The user with this identity, be it a linked one."""
    direct = sandbox.store.get("users", f"{connection['strategy']}|{identity}")
    if direct is not None:
        return direct
    for user in sandbox.store.all("users"):
        for one in user["identities"]:
            if one["connection"] == connection["name"] and one["user_id"] == identity:
                return user
    return None
