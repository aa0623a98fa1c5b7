"""Grants of applications in an organization: /organizations/{id}/client-grants, and a grant's organizations.

Source: recorded (the empty list); everything else as documented
(auth0.com/docs/api/management/v2/organizations). Unknown are the words of the refusals.
"""

from ...errors import conflict
from ...store import Doc
from .. import paging
from ..client_grants import missing
from ..documents import find, public
from ..routing import Answer, Call, Operation
from . import schema
from .existing import KIND, organization
from .links import GRANTS

_SHOWN = ("id", "client_id", "audience", "scope", "organization_usage", "allow_any_organization")
_FILTERS = ("audience", "client_id")


def _view(call: Call, link: Doc) -> Doc:
    grant = GRANTS.other(call.sandbox.store, link) or {}
    return {name: grant[name] for name in _SHOWN if name in grant}


def list_grants(call: Call) -> Answer:
    links = GRANTS.of(call.sandbox.store, organization(call)["id"])
    wanted = {name: call.query[name] for name in _FILTERS if name in call.query}
    identifiers = call.query.getlist("grant_ids")
    shown = [
        grant
        for grant in (_view(call, link) for link in links)
        if all(grant.get(name) == value for name, value in wanted.items())
        and (not identifiers or grant["id"] in identifiers)
    ]
    return paging.answer(call, "client_grants", shown)


def add_grant(call: Call) -> Answer:
    store, identifier = call.sandbox.store, organization(call)["id"]
    grant = call.body["grant_id"]
    if store.get("client_grants", grant) is None:
        raise missing()
    if GRANTS.get(store, identifier, grant) is not None:
        raise conflict(
            "The client grant is already associated with this organization.", "client_grant_conflict"
        )
    return Answer(_view(call, GRANTS.put(store, identifier, grant, {})), 201)


def remove_grant(call: Call) -> Answer:
    """204 whether or not it was there."""
    GRANTS.remove(call.sandbox.store, organization(call)["id"], call.params["grant"])
    return Answer(status=204)


def list_organizations(call: Call) -> Answer:
    """Those of a grant."""
    grant, store = find(call, "client_grants", missing()), call.sandbox.store
    found = [store.get(KIND, link["organization_id"]) for link in GRANTS.to(store, grant["id"])]
    return paging.answer(call, KIND, [public(doc) for doc in found if doc is not None])


_PATH = "/organizations/{id}/client-grants"

OPERATIONS = (
    Operation("GET", _PATH, list_grants, ("read:organization_client_grants",)),
    Operation("POST", _PATH, add_grant, ("create:organization_client_grants",), schema.GRANT),
    Operation("DELETE", f"{_PATH}/{{grant}}", remove_grant, ("delete:organization_client_grants",)),
    Operation(
        "GET",
        "/client-grants/{id}/organizations",
        list_organizations,
        ("read:organization_client_grants",),
    ),
)
