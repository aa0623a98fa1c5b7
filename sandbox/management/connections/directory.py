"""Users that Auth0 fetches from a Google Workspace: /connections/{id}/directory-provisioning.

Documented: https://auth0.com/docs/api/management/v2/connections/get-directory-provisioning and the shapes of
Auth0's SDKs; a group's members and `q`: the provider's schema and acceptance tests. Not documented: the whole
default mapping, what `q` may ask for (here: any member of a group) and the words of refusals. Nothing
is fetched here.
"""

from ...errors import Auth0Error, conflict, not_found
from ...store import Doc
from .. import lucene, paging
from ..documents import find, public
from ..routing import Answer, Call, Operation
from ..schema import array, flag, integer, nullable, record, text
from .lookup import connection_of

KIND = "directory_provisionings"
_STRATEGY = "google-apps"
_FIELDS = lucene.Fields(("id", "name", "email"), folded=("name", "email"))
_DEFAULT_MAPPING = (
    ("email", "primaryEmail"),
    ("name", "name.fullName"),
    ("given_name", "name.givenName"),
    ("family_name", "name.familyName"),
    ("picture", "thumbnailPhotoUrl"),
    ("blocked", "suspended"),
    ("external_id", "id"),
)

_MAPPING = array(record({"auth0": text(1), "idp": text(1)}, ("auth0", "idp")), 1)
_BODY = nullable(
    record(
        {
            "mapping": _MAPPING,
            "synchronize_automatically": flag(),
            "synchronize_groups": text(choices=("all", "off", "selected")),
        }
    )
)
_GROUP = record(
    {"id": text(1), "name": text(), "email": text(like="email"), "direct_members_count": integer(0)},
    ("id",),
    open_ended=True,
)
_GROUPS = record({"groups": array(_GROUP)}, ("groups",))


def _missing() -> Auth0Error:
    return not_found(
        "The connection has no directory provisioning configuration", "inexistent_directory_provisioning"
    )


def _connection(call: Call) -> Doc:
    return connection_of(call, (_STRATEGY,), "Directory provisioning is not supported for this connection")


def _default_mapping() -> list[Doc]:
    return [{"auth0": auth0, "idp": idp} for auth0, idp in _DEFAULT_MAPPING]


def list_all(call: Call) -> Answer:
    return paging.checkpoint(call, KIND, call.sandbox.store.all(KIND), public)


def get_default_mapping(call: Call) -> Answer:
    _connection(call)
    return Answer({"mapping": _default_mapping()})


def get_one(call: Call) -> Answer:
    return Answer(public(_find(call)))


def create(call: Call) -> Answer:
    connection, sandbox = _connection(call), call.sandbox
    if sandbox.store.get(KIND, connection["id"]) is not None:
        raise conflict(
            "The connection already has a directory provisioning configuration",
            "directory_provisioning_conflict",
        )
    now = sandbox.clock.iso()
    doc = {
        "connection_id": connection["id"],
        "connection_name": connection["name"],
        "strategy": _STRATEGY,
        "mapping": _default_mapping(),
        "synchronize_automatically": False,
        "synchronize_groups": "off",
        "created_at": now,
        "updated_at": now,
        **(call.body or {}),
        "_groups": [],
    }
    sandbox.store.put(KIND, connection["id"], doc)
    return Answer(public(doc), 201)


def update(call: Call) -> Answer:
    changed = {**_find(call), **(call.body or {}), "updated_at": call.sandbox.clock.iso()}
    call.sandbox.store.put(KIND, call.params["id"], changed)
    return Answer(public(changed))


def delete(call: Call) -> Answer:
    _find(call)
    call.sandbox.store.delete(KIND, call.params["id"])
    return Answer(status=204)


def list_groups(call: Call) -> Answer:
    is_wanted = lucene.test_of(call.query.get("q"), _FIELDS)
    return paging.checkpoint(call, "groups", [group for group in _find(call)["_groups"] if is_wanted(group)])


def add_groups(call: Call) -> Answer:
    doc = _find(call)
    given = {group["id"] for group in call.body["groups"]}
    known = [group for group in doc["_groups"] if group["id"] not in given]
    return _keep(call, doc, [*known, *call.body["groups"]])


def set_groups(call: Call) -> Answer:
    """The list given replaces the whole one."""
    return _keep(call, _find(call), call.body["groups"])


def remove_groups(call: Call) -> Answer:
    doc = _find(call)
    given = {group["id"] for group in call.body["groups"]}
    return _keep(call, doc, [group for group in doc["_groups"] if group["id"] not in given])


def _keep(call: Call, doc: Doc, groups: list[Doc]) -> Answer:
    call.sandbox.store.put(KIND, call.params["id"], {**doc, "_groups": groups})
    return Answer(status=204)


def _find(call: Call) -> Doc:
    _connection(call)
    return find(call, KIND, _missing())


_READ = ("read:directory_provisionings",)
_UPDATE = ("update:directory_provisionings",)
_ONE = "/connections/{id}/directory-provisioning"
_SELECTED = f"{_ONE}/synchronized-groups"

OPERATIONS = (
    Operation("GET", "/connections-directory-provisionings", list_all, _READ),
    Operation("GET", _ONE, get_one, _READ),
    Operation("POST", _ONE, create, ("create:directory_provisionings",), _BODY),
    Operation("PATCH", _ONE, update, _UPDATE, _BODY),
    Operation("DELETE", _ONE, delete, ("delete:directory_provisionings",)),
    Operation("GET", f"{_ONE}/default-mapping", get_default_mapping, _READ),
    Operation("GET", _SELECTED, list_groups, _READ),
    Operation("POST", _SELECTED, add_groups, _UPDATE, _GROUPS),
    Operation("PUT", _SELECTED, set_groups, _UPDATE, _GROUPS),
    Operation("DELETE", _SELECTED, remove_groups, _UPDATE, _GROUPS),
)
