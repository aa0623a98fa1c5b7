"""What an application may ask of an API: /client-grants."""

from ..errors import Auth0Error, conflict, not_found, refusal
from ..ids import Ids
from ..store import Doc
from . import paging
from .clients import existing as clients
from .documents import find, patched, without_nulls
from .routing import Answer, Call, Operation
from .schema import array, flag, lacking, nullable, record, text

KIND = "client_grants"

_SCOPE = array(text(1, 280))
_ORGANIZATIONS = nullable(text(choices=("deny", "allow", "require")))
_CHANGEABLE = {
    "scope": _SCOPE,
    "organization_usage": _ORGANIZATIONS,
    "allow_any_organization": nullable(flag()),
    "authorization_details_types": array(text(1, 255)),
    "allow_all_scopes": nullable(flag()),
}
_CREATE = record(
    {
        "client_id": text(1),
        "audience": text(1),
        "default_for": text(choices=("third_party_clients",)),
        "subject_type": text(choices=("client", "user")),
        **_CHANGEABLE,
    },
    required=("audience",),
)
_UPDATE = record(_CHANGEABLE)
_FILTERS = ("client_id", "audience", "subject_type", "default_for")
_READ = ("read:client_grants",)


def missing() -> Auth0Error:
    return not_found("The client grant does not exist", "inexistent_client_grant")


def new_grant(ids: Ids, body: Doc) -> Doc:
    return {"id": ids.client_grant(), "subject_type": "client", **without_nulls(body)}


def list_grants(call: Call) -> Answer:
    wanted: Doc = {name: call.query[name] for name in _FILTERS if name in call.query}
    any_organization = paging.flag(call, "allow_any_organization")
    if any_organization is not None:
        wanted["allow_any_organization"] = any_organization
    grants = [
        grant
        for grant in call.sandbox.store.all(KIND)
        if all(grant.get(name) == value for name, value in wanted.items())
    ]
    return paging.answer(call, KIND, grants)


def get_grant(call: Call) -> Answer:
    return Answer(find(call, KIND, missing()))


def create_grant(call: Call) -> Answer:
    grant = new_grant(call.sandbox.ids, call.body)
    _check_parties(call, grant)
    _check_new(call, grant)
    call.sandbox.store.put(KIND, grant["id"], grant)
    return Answer(grant, 201)


def update_grant(call: Call) -> Answer:
    grant = patched(find(call, KIND, missing()), call.body)
    call.sandbox.store.put(KIND, grant["id"], grant)
    return Answer(grant)


def delete_grant(call: Call) -> Answer:
    call.sandbox.store.delete(KIND, call.params["id"])
    return Answer(status=204)


def _check_parties(call: Call, grant: Doc) -> None:
    client = grant.get("client_id")
    if client is not None and "default_for" in grant:
        raise refusal(400, "client_id and default_for exclude each other", "invalid_body")
    if client is None and "default_for" not in grant:
        raise lacking("client_id")
    if client is not None and call.sandbox.store.get("clients", client) is None:
        raise clients.missing()
    if _api(call, grant) is None:
        raise not_found(f"Resource server '{grant['audience']}' does not exist", "inexistent_resource_server")


def _check_new(call: Call, grant: Doc) -> None:
    parties = ("client_id", "audience", "subject_type", "default_for")
    for known in call.sandbox.store.all(KIND):
        if all(known.get(name) == grant.get(name) for name in parties):
            raise conflict(
                f"A client grant for the client_id '{grant.get('client_id')}' and audience "
                f"'{grant['audience']}' already exists",
                "client_grant_conflict",
            )


def _api(call: Call, grant: Doc) -> Doc | None:
    apis = call.sandbox.store.all("resource_servers")
    return next((api for api in apis if api["identifier"] == grant["audience"]), None)


OPERATIONS = (
    Operation("GET", "/client-grants", list_grants, _READ),
    Operation("POST", "/client-grants", create_grant, ("create:client_grants",), _CREATE),
    Operation("GET", "/client-grants/{id}", get_grant, _READ),
    Operation("PATCH", "/client-grants/{id}", update_grant, ("update:client_grants",), _UPDATE),
    Operation("DELETE", "/client-grants/{id}", delete_grant, ("delete:client_grants",)),
)
