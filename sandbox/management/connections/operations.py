"""The operations of /connections."""

from collections.abc import Iterable

from ...errors import conflict, invalid_body, not_found, refusal
from ...store import Doc
from .. import paging
from ..documents import find, patched, public, without
from ..routing import Answer, Call, Operation
from ..users import removal
from . import directory, keys, schema, scim
from .checks import check_new, check_options, check_purposes
from .defaults import completed, new_connection
from .lookup import KIND, connection_of, missing

_READ = ("read:connections",)
_UPDATE = ("update:connections",)
OPTIONS_SCOPES = (_READ_OPTIONS, _UPDATE_OPTIONS) = ("read:connections_options", "update:connections_options")
_WITH_OWN_USERS = ("auth0", "sms", "email")
_WITH_CONNECTOR = ("ad", "auth0-adldap")
# Shown whatever `fields` asks for (recorded).
_ALWAYS = ("id", "is_domain_connection", "authentication", "connected_accounts")


def view(call: Call, connection: Doc, always: Iterable[str] = _ALWAYS) -> Doc:
    shown = paging.selected(call, public(connection), always)
    return shown if _may(call, _READ_OPTIONS) else without(shown, ("options",))


def _may(call: Call, scope: str) -> bool:
    """Whether the caller may see or change options. Source: https://auth0.com/docs/troubleshoot/
    product-lifecycle/deprecations-and-migrations/migrate-connection-options-scope
    """
    return scope in call.scopes or not call.sandbox.switches.connections_options_need_scopes


def list_connections(call: Call) -> Answer:
    name, strategies = call.query.get("name"), call.query.getlist("strategy")
    found = [
        connection
        for connection in call.sandbox.store.all(KIND)
        if name in (None, connection["name"]) and (not strategies or connection["strategy"] in strategies)
    ]
    return paging.answer(call, KIND, found, lambda connection: view(call, connection))


def _written(call: Call, connection: Doc) -> Doc:
    """Store a connection. The answer to a write still has options that are null, a GET hasn't (recorded)."""
    call.sandbox.store.put(KIND, connection["id"], connection)
    nulls = {name: None for name, value in (call.body.get("options") or {}).items() if value is None}
    return {**connection, "options": {**connection.get("options", {}), **nulls}}


def get_connection(call: Call) -> Answer:
    return Answer(view(call, find(call, KIND, missing())))


def create_connection(call: Call) -> Answer:
    """The answer has the options: the scopes that show them are documented for GET and PATCH alone."""
    sandbox, strategy = call.sandbox, call.body["strategy"]
    check_purposes(strategy, call.body)
    check_new(strategy, call.body.get("options") or {})
    check_options(strategy, call.body.get("options") or {})
    if any(known["name"] == call.body["name"] for known in sandbox.store.all(KIND)):
        raise conflict("A connection with the same name already exists", "connection_conflict")
    connection = _written(call, new_connection(sandbox.ids, sandbox.addresses, call.body))
    return Answer(public(connection), 201)


def update_connection(call: Call) -> Answer:
    """Top-level members are merged, `options` is replaced as a whole (recorded)."""
    current = find(call, KIND, missing())
    if "options" in call.body and not _may(call, _UPDATE_OPTIONS):
        raise refusal(403, f"Insufficient scope, expected any of: {_UPDATE_OPTIONS}", "insufficient_scope")
    check_purposes(current["strategy"], call.body)
    changes = {name: value for name, value in call.body.items() if name != "options"}
    connection = patched(current, changes, merged=("metadata",))
    if call.body.get("options") is not None:
        before = current.get("options", {})
        check_options(current["strategy"], call.body["options"], before)
        connection["options"] = completed(call.sandbox.ids, current["strategy"], call.body["options"], before)
    return Answer(view(call, _written(call, connection)))


def delete_connection(call: Call) -> Answer:
    """Answers 202, and takes the connection's users with it."""
    connection = find(call, KIND, missing())
    store = call.sandbox.store
    with store.atomic():
        store.delete(KIND, connection["id"])
        for kind in (keys.KIND, scim.KIND, scim.TOKENS, directory.KIND):
            store.delete(kind, connection["id"])
        for user in store.all("users"):
            if user["identities"][0]["connection"] == connection["name"]:
                removal.remove(call, user["user_id"])
    return Answer({"deleted_at": call.sandbox.clock.iso()}, 202)


def list_clients(call: Call) -> Answer:
    connection = find(call, KIND, missing())
    return paging.checkpoint(call, "clients", [{"client_id": name} for name in connection["enabled_clients"]])


def update_clients(call: Call) -> Answer:
    connection = find(call, KIND, missing())
    enabled = list(connection["enabled_clients"])
    for change in call.body:
        client = change["client_id"]
        if change["status"] and client not in enabled:
            enabled.append(client)
        elif not change["status"] and client in enabled:
            enabled.remove(client)
    call.sandbox.store.put(KIND, connection["id"], {**connection, "enabled_clients": enabled})
    return Answer(status=204)


def delete_users(call: Call) -> Answer:
    """Removes the user with that address; without an address nobody is removed."""
    connection = find(call, KIND, missing())
    email = call.query.get("email")
    if not email:
        raise paging.invalid_query("Missing required property: email")
    if connection["strategy"] not in _WITH_OWN_USERS:
        raise invalid_body("Users can be deleted from database and passwordless connections only")
    store = call.sandbox.store
    with store.atomic():
        for user in store.where("users", "email", email):
            if user["identities"][0]["connection"] == connection["name"]:
                removal.remove(call, user["user_id"])
    return Answer(status=204)


def get_status(call: Call) -> Answer:
    """Whether the connector of a directory answers. No connector runs here, so none does."""
    connection_of(call, _WITH_CONNECTOR, "The connection's strategy does not support status checks")
    raise not_found("The connection is offline", "connection_offline")


OPERATIONS = (
    Operation("GET", "/connections", list_connections, _READ),
    Operation("POST", "/connections", create_connection, ("create:connections",), schema.CREATE),
    Operation("GET", "/connections/{id}", get_connection, _READ),
    Operation("PATCH", "/connections/{id}", update_connection, _UPDATE, schema.UPDATE),
    Operation("DELETE", "/connections/{id}", delete_connection, ("delete:connections",)),
    Operation("GET", "/connections/{id}/clients", list_clients, _READ),
    Operation("PATCH", "/connections/{id}/clients", update_clients, _UPDATE, schema.UPDATE_CLIENTS),
    Operation("DELETE", "/connections/{id}/users", delete_users, ("delete:users",)),
    Operation("GET", "/connections/{id}/status", get_status, _READ),
    *keys.OPERATIONS,
    *scim.OPERATIONS,
    *directory.OPERATIONS,
)
