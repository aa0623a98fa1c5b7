"""Invitations to an organization: /organizations/{id}/invitations.

Source: auth0.com/docs/api/management/v2/organizations and
auth0.com/docs/manage-users/organizations/configure-organizations/invite-members; nothing was recorded.
No e-mail leaves the sandbox: `invitation_url` is what it would have held.
"""

from urllib.parse import urlencode

from ...errors import Auth0Error, not_found, refusal
from ...store import Doc
from .. import paging
from ..clients import existing as clients
from ..connections import lookup as connections
from ..documents import find, public
from ..roles import operations as roles
from ..routing import Answer, Call, Operation
from . import schema
from .existing import organization

KIND = "organization_invitations"
_WEEK = 604_800
_TAKEN_OVER = (
    "client_id",
    "connection_id",
    "inviter",
    "invitee",
    "app_metadata",
    "user_metadata",
    "roles",
)


def missing() -> Auth0Error:
    return not_found("The invitation does not exist.", "inexistent_organization_invitation")


def list_invitations(call: Call) -> Answer:
    """The newest first, unless `sort` says created_at:1."""
    found = [public(doc) for doc in call.sandbox.store.where(KIND, "_organization", organization(call)["id"])]
    if call.query.get("sort") != "created_at:1":
        found.reverse()
    return paging.answer(call, "invitations", [paging.selected(call, doc) for doc in found])


def get_invitation(call: Call) -> Answer:
    return Answer(paging.selected(call, public(_find(call))))


def create_invitation(call: Call) -> Answer:
    inviting, clock, ids = organization(call), call.sandbox.clock, call.sandbox.ids
    client = _client(call)
    _check(call)
    ticket, now = ids.alphanumeric(32), clock.now()
    address = {
        "invitation": ticket,
        "organization": inviting["id"],
        "organization_name": inviting["name"],
    }
    invitation = {
        "id": ids.prefixed("uinv"),
        "organization_id": inviting["id"],
        **{name: call.body[name] for name in _TAKEN_OVER if name in call.body},
        "invitation_url": f"{_login_route(call, client)}?{urlencode(address)}",
        "created_at": clock.iso(now),
        "expires_at": clock.iso(now + (call.body.get("ttl_sec") or _WEEK)),
        "ticket_id": ticket,
        "_organization": inviting["id"],
    }
    call.sandbox.store.put(KIND, invitation["id"], invitation)
    return Answer(public(invitation), 201)


def delete_invitation(call: Call) -> Answer:
    call.sandbox.store.delete(KIND, _find(call)["id"])
    return Answer(status=204)


def _find(call: Call) -> Doc:
    identifier, invitation = organization(call)["id"], find(call, KIND, missing(), "invitation")
    if invitation["_organization"] != identifier:
        raise missing()
    return invitation


def _client(call: Call) -> Doc:
    client = call.sandbox.store.get("clients", call.body["client_id"])
    if client is None:
        raise clients.missing()
    return client


def _check(call: Call) -> None:
    connection = call.body.get("connection_id")
    if connection and call.sandbox.store.get("connections", connection) is None:
        raise connections.missing()
    roles.find_all(call, call.body.get("roles", []))


def _login_route(call: Call, client: Doc) -> str:
    """Where the application begins a login; the tenant's own route is the fallback."""
    tenant = call.sandbox.store.get("settings", "tenant") or {}
    route = client.get("initiate_login_uri") or tenant.get("default_redirection_uri")
    if not route:
        raise refusal(
            400,
            "A default login route is required to generate the invitation url. Consider "
            "https://auth0.com/docs/universal-login/default-login-url#completing-the-password-reset-flow",
            "invalid_request",
        )
    return str(route)


_PATH = "/organizations/{id}/invitations"
_ONE = f"{_PATH}/{{invitation}}"
_READ = ("read:organization_invitations",)

OPERATIONS = (
    Operation("GET", _PATH, list_invitations, _READ),
    Operation("POST", _PATH, create_invitation, ("create:organization_invitations",), schema.INVITE),
    Operation("GET", _ONE, get_invitation, _READ),
    Operation("DELETE", _ONE, delete_invitation, ("delete:organization_invitations",)),
)
