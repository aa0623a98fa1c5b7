"""The operations of /organizations.

Source: recorded (create, update, read, delete, by name, token quota, third-party client access); `sort`,
`enabled_connections` of a creation and the limits as documented
(auth0.com/docs/api/management/v2/organizations); `include_client_association_for`: the provider's acceptance
tests. Unknown are the words of the refusal of a second organization with a name.
"""

from ...errors import conflict, invalid_body
from ...store import Doc
from .. import paging
from ..collection import Collection
from ..documents import patched, public, without
from ..routing import Answer, Call, Operation
from ..schema import type_of
from . import client_grants, clients, connections, discovery_domains, invitations, links, members, schema
from .existing import KIND, missing

_METADATA_ENTRIES = 25
_METADATA_LENGTH = 255
_SORTABLE = ("name", "display_name")


def _view(call: Call, organization: Doc) -> Doc:
    shown = public(organization)
    if not shown.get("metadata"):
        shown.pop("metadata", None)
    return shown


def _new(call: Call) -> Doc:
    body = without(call.body, ("enabled_connections",))
    _check(call, body)
    return patched(
        {
            "id": call.sandbox.ids.prefixed("org"),
            "display_name": body["name"],
            "third_party_client_access": "block",
            "_created_at": call.sandbox.clock.now(),
        },
        body,
    )


def _change(call: Call, organization: Doc) -> Doc:
    """Members replace members, metadata as a whole too (recorded)."""
    _check(call, call.body, organization)
    return patched(organization, call.body)


def _check(call: Call, body: Doc, current: Doc | None = None) -> None:
    name, own = body.get("name"), (current or {}).get("name")
    if name not in (None, own) and call.sandbox.store.where(KIND, "name", str(name)):
        raise conflict("An organization with this name already exists.", "organization_conflict")
    _check_metadata(body.get("metadata") or {})


def _check_metadata(metadata: Doc) -> None:
    if len(metadata) > _METADATA_ENTRIES:
        raise _metadata_refused(
            f"Too many properties defined ({len(metadata)}), maximum {_METADATA_ENTRIES}", "metadata"
        )
    for name, value in metadata.items():
        if not isinstance(value, str):
            raise _metadata_refused(
                f"Expected type string but found type {type_of(value)}", f"metadata.{name}"
            )
        if len(value) > _METADATA_LENGTH:
            raise _metadata_refused(
                f"String is too long ({len(value)} chars), maximum {_METADATA_LENGTH}", f"metadata.{name}"
            )


def _metadata_refused(problem: str, where: str) -> Exception:
    return invalid_body(f"Payload validation error: '{problem}' on property {where}.")


def _listing(call: Call, name: str, docs: list[Doc], view: paging.View) -> Answer:
    field, _, order = call.query.get("sort", "").partition(":")
    if field in _SORTABLE:
        docs = sorted(docs, key=lambda doc: str(doc.get(field, "")), reverse=order == "-1")
    return paging.answer(call, name, docs, lambda doc: {**view(doc), **_association(call, doc)})


def _association(call: Call, organization: Doc) -> Doc:
    """What ties the organization to the application the query names, where anything does."""
    client = call.query.get("include_client_association_for")
    link = links.CLIENTS.get(call.sandbox.store, organization["id"], client) if client else None
    return {"client": {"use_for_member_access": link["use_for_member_access"]}} if link else {}


def _forget(call: Call, organization: Doc) -> None:
    store = call.sandbox.store
    for pairs in links.ALL:
        pairs.forget(store, organization["id"])
    for kind in (invitations.KIND, discovery_domains.KIND):
        for doc in store.where(kind, "_organization", organization["id"]):
            store.delete(kind, doc["id"])


ORGANIZATIONS = Collection(
    path="/organizations",
    kind=KIND,
    scope="organizations",
    missing=missing,
    create=schema.CREATE,
    update=schema.UPDATE,
    new=_new,
    change=_change,
    view=_view,
    listing=_listing,
    forget=_forget,
)


def create_organization(call: Call) -> Answer:
    """With the connections it begins with, which the answer names."""
    wanted = call.body.get("enabled_connections")
    with call.sandbox.store.atomic():
        organization = _new(call)
        call.sandbox.store.put(KIND, organization["id"], organization)
        made = [connections.add(call, organization["id"], body) for body in wanted or []]
    shown = _view(call, organization)
    return Answer(shown if wanted is None else {**shown, "enabled_connections": made}, 201)


def get_by_name(call: Call) -> Answer:
    found = call.sandbox.store.where(KIND, "name", call.params["name"])
    if not found:
        raise missing()
    return Answer(_view(call, found[0]))


OPERATIONS = (
    *(operation for operation in ORGANIZATIONS.operations() if operation.method != "POST"),
    Operation("POST", "/organizations", create_organization, ("create:organizations",), schema.CREATE),
    Operation("GET", "/organizations/name/{name}", get_by_name, ("read:organizations",)),
    *client_grants.OPERATIONS,
    *clients.OPERATIONS,
    *connections.OPERATIONS,
    *discovery_domains.OPERATIONS,
    *invitations.OPERATIONS,
    *members.OPERATIONS,
)
