"""The operations of /connections."""

from ...errors import Auth0Error, conflict, not_found
from ...store import Doc
from .. import paging
from ..documents import find, patched, public
from ..routing import Answer, Call, Operation
from . import schema
from .checks import check_options
from .defaults import completed, new_connection

KIND = "connections"
_READ = ("read:connections",)
# Shown whatever `fields` asks for (recorded).
_ALWAYS = ("id", "is_domain_connection", "authentication", "connected_accounts")


def missing() -> Auth0Error:
    return not_found("The connection does not exist", "inexistent_connection")


def view(call: Call, connection: Doc) -> Doc:
    return paging.selected(call, public(connection), _ALWAYS)


def list_connections(call: Call) -> Answer:
    name, strategies = call.query.get("name"), call.query.getlist("strategy")
    return paging.answer(
        call,
        KIND,
        [
            view(call, connection)
            for connection in call.sandbox.store.all(KIND)
            if name in (None, connection["name"]) and (not strategies or connection["strategy"] in strategies)
        ],
    )


def get_connection(call: Call) -> Answer:
    return Answer(view(call, find(call, KIND, missing())))


def create_connection(call: Call) -> Answer:
    store = call.sandbox.store
    check_options(call.body["strategy"], call.body.get("options") or {})
    if any(known["name"] == call.body["name"] for known in store.all(KIND)):
        raise conflict("A connection with the same name already exists", "connection_conflict")
    connection = new_connection(call.sandbox.ids, call.body)
    store.put(KIND, connection["id"], connection)
    return Answer(view(call, connection), 201)


def update_connection(call: Call) -> Answer:
    """Top-level members are merged, `options` is replaced as a whole (recorded)."""
    current = find(call, KIND, missing())
    connection = patched(current, call.body, merged=("metadata",))
    if call.body.get("options") is not None:
        check_options(current["strategy"], call.body["options"], current["options"])
        connection["options"] = completed(current["strategy"], call.body["options"])
    call.sandbox.store.put(KIND, connection["id"], connection)
    return Answer(view(call, connection))


def delete_connection(call: Call) -> Answer:
    """Answers 202, and takes the connection's users with it."""
    connection = find(call, KIND, missing())
    store = call.sandbox.store
    with store.atomic():
        store.delete(KIND, connection["id"])
        for user in store.all("users"):
            if user["identities"][0]["connection"] == connection["name"]:
                store.delete("users", user["user_id"])
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


OPERATIONS = (
    Operation("GET", "/connections", list_connections, _READ),
    Operation("POST", "/connections", create_connection, ("create:connections",), schema.CREATE),
    Operation("GET", "/connections/{id}", get_connection, _READ),
    Operation("PATCH", "/connections/{id}", update_connection, ("update:connections",), schema.UPDATE),
    Operation("DELETE", "/connections/{id}", delete_connection, ("delete:connections",)),
    Operation("GET", "/connections/{id}/clients", list_clients, _READ),
    Operation(
        "PATCH", "/connections/{id}/clients", update_clients, ("update:connections",), schema.UPDATE_CLIENTS
    ),
)
