"""The operations of /clients."""

from ...errors import Auth0Error, not_found
from ...store import Doc
from .. import paging
from ..documents import find, patched, public
from ..routing import Answer, Call, Operation
from . import credentials, schema
from .defaults import SESSION_TRANSFER, new_client

KIND = "clients"
# Objects a PATCH merges into instead of replacing.
_MERGED = (
    "client_metadata",
    "session_transfer",
    "signed_request_object",
    "jwt_configuration",
    "refresh_token",
)
_READ = ("read:clients", "read:client_keys", "read:client_summary")
# Only these scopes show secrets: https://auth0.com/docs/api/management/v2/clients/get-clients
_SECRETS = ("client_secret", "signing_keys", "encryption_key")


def missing() -> Auth0Error:
    return not_found("The client does not exist", "inexistent_client")


def view(call: Call, client: Doc) -> Doc:
    """A client as this caller may see it."""
    shown = public(client)
    if "read:client_keys" not in call.scopes and "create:clients" not in call.scopes:
        shown = {name: value for name, value in shown.items() if name not in _SECRETS}
    if client.get("client_authentication_methods"):
        shown.pop("client_secret", None)
    return paging.selected(call, shown)


def list_clients(call: Call) -> Answer:
    docs = [view(call, client) for client in call.sandbox.store.all(KIND) if _listed(call, client)]
    if call.query.get("is_global") == "true" and "fields" in call.query:
        docs = [{"tenant": call.sandbox.addresses.tenant_name, **doc} for doc in docs]
    return paging.answer(call, KIND, docs)


def _listed(call: Call, client: Doc) -> bool:
    wanted_global = paging.flag(call, "is_global")
    first_party = paging.flag(call, "is_first_party")
    kinds = call.query.get("app_type")
    return (
        (wanted_global is None or client.get("global", False) == wanted_global)
        and (first_party is None or client["is_first_party"] == first_party)
        and (kinds is None or client.get("app_type") in kinds.split(","))
    )


def get_client(call: Call) -> Answer:
    return Answer(view(call, find(call, KIND, missing())))


def create_client(call: Call) -> Answer:
    client = new_client(call.sandbox.ids, call.body)
    with call.sandbox.store.atomic():
        credentials.create_with(call.sandbox, client)
        call.sandbox.store.put(KIND, client["client_id"], client)
    return Answer(view(call, client), 201)


def update_client(call: Call) -> Answer:
    current = find(call, KIND, missing())
    client = patched(current, call.body, _MERGED)
    if client.get("session_transfer") is not None and "session_transfer" not in current:
        client["session_transfer"] = {**SESSION_TRANSFER, **client["session_transfer"]}
    if client.get("initiate_login_uri") == "":
        del client["initiate_login_uri"]
    call.sandbox.store.put(KIND, client["client_id"], client)
    return Answer(view(call, client))


def delete_client(call: Call) -> Answer:
    """Also gone are its grants, its credentials and its places in connections. Unknown ids succeed too."""
    store, client_id = call.sandbox.store, call.params["id"]
    with store.atomic():
        store.delete(KIND, client_id)
        store.delete(credentials.KIND, client_id)
        for grant in store.all("client_grants"):
            if grant.get("client_id") == client_id:
                store.delete("client_grants", grant["id"])
        for connection in store.all("connections"):
            if client_id in connection["enabled_clients"]:
                connection["enabled_clients"].remove(client_id)
                store.put("connections", connection["id"], connection)
    return Answer(status=204)


def rotate_secret(call: Call) -> Answer:
    client = find(call, KIND, missing())
    client["client_secret"] = call.sandbox.ids.client_secret()
    call.sandbox.store.put(KIND, client["client_id"], client)
    return Answer(view(call, client))


OPERATIONS = (
    Operation("GET", "/clients", list_clients, _READ),
    Operation("POST", "/clients", create_client, ("create:clients",), schema.CREATE),
    Operation("GET", "/clients/{id}", get_client, _READ),
    Operation(
        "PATCH", "/clients/{id}", update_client, ("update:clients", "update:client_keys"), schema.UPDATE
    ),
    Operation("DELETE", "/clients/{id}", delete_client, ("delete:clients",)),
    Operation("POST", "/clients/{id}/rotate-secret", rotate_secret, ("update:client_keys",)),
    *credentials.OPERATIONS,
)
