"""The operations of /clients."""

from ...errors import refusal
from ...store import Doc
from .. import paging
from ..connections import operations as connections
from ..documents import find, patched, public, without
from ..routing import Answer, Call, Operation
from . import credentials, schema
from .addresses import check_addresses
from .defaults import SESSION_TRANSFER, new_client
from .exclusions import check_fixed, check_methods, check_profiles
from .existing import missing

KIND = "clients"
# Objects a PATCH merges into instead of replacing.
_MERGED = (
    "addons",
    "client_metadata",
    "session_transfer",
    "signed_request_object",
    "jwt_configuration",
    "refresh_token",
    "mobile",
    "native_social_login",
)
# Two names of one thing, an old and a new one: clients take it away by either.
_LOGOUT = ("oidc_logout", "oidc_backchannel_logout")
_READ = ("read:clients", "read:client_keys", "read:client_credentials", "read:client_summary")
_UPDATE = (
    "update:clients",
    "update:client_keys",
    "update:client_credentials",
    "update:client_token_vault_privileged_access",
)
# What is read with which scopes: https://auth0.com/docs/api/management/v2/clients/get-clients
_SECRETS = ("client_secret", "signing_keys", "encryption_key", "client_authentication_methods")
_SECRETS_READ = ("read:client_keys", "read:client_credentials")
_SUMMARY = ("client_id", "app_type", "name", "description")
_WHOLE_READ = ("read:clients", "read:client_keys")


def _read(call: Call, client: Doc) -> Doc:
    """A client as this caller may read it: a summary at least."""
    shown = _written(call, client)
    if not call.scopes.intersection(_WHOLE_READ):
        shown = {name: value for name, value in shown.items() if name in (*_SUMMARY, *_SECRETS)}
    return paging.selected(call, shown)


def _written(call: Call, client: Doc, *, with_secret: bool = False) -> Doc:
    """A client as whoever changed it may see it; `with_secret`, because the change was to make one."""
    shown = public(client)
    if not call.scopes.intersection((*_SECRETS_READ, "create:clients")):
        hidden = set(_SECRETS) - ({"client_secret"} if with_secret else set())
        shown = without(shown, hidden)
    if client.get("client_authentication_methods"):
        shown.pop("client_secret", None)
    return shown


def list_clients(call: Call) -> Answer:
    found = [client for client in call.sandbox.store.all(KIND) if _listed(call, client)]
    is_told = paging.flag(call, "is_global") and "fields" in call.query
    tenant = {"tenant": call.sandbox.addresses.tenant_name} if is_told else {}
    return paging.answer(call, KIND, found, lambda client: {**tenant, **_read(call, client)})


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
    return Answer(_read(call, find(call, KIND, missing())))


def create_client(call: Call) -> Answer:
    check_addresses(call.body)
    check_methods(call.body, call.body)
    check_profiles(call.body, call.sandbox.store)
    client = new_client(call.sandbox.ids, call.body)
    with call.sandbox.store.atomic():
        credentials.create_with(call.sandbox, client)
        call.sandbox.store.put(KIND, client["client_id"], client)
    return Answer(_written(call, client), 201)


def update_client(call: Call) -> Answer:
    current = find(call, KIND, missing())
    check_addresses(call.body)
    client = patched(current, call.body, _MERGED)
    if any(name in call.body and call.body[name] is None for name in _LOGOUT):
        client = without(client, _LOGOUT)
    check_methods(call.body, client)
    credentials.check_known(call)
    check_fixed(call.body, current)
    check_profiles(call.body, call.sandbox.store)
    if client.get("session_transfer") is not None and "session_transfer" not in current:
        client["session_transfer"] = {**SESSION_TRANSFER, **client["session_transfer"]}
    if client.get("initiate_login_uri") == "":
        del client["initiate_login_uri"]
    call.sandbox.store.put(KIND, client["client_id"], client)
    return Answer(_written(call, client))


def delete_client(call: Call) -> Answer:
    """Also gone are its grants, its credentials and its places in connections. Unknown ids succeed too.

    The one client every tenant has stays; with which words that is told is unknown.
    """
    store, client_id = call.sandbox.store, call.params["id"]
    if (store.get(KIND, client_id) or {}).get("global"):
        raise refusal(400, "The global client can not be deleted", "operation_not_supported")
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
    return Answer(_written(call, client, with_secret=True))


def list_connections(call: Call) -> Answer:
    """The connections the application may use, by checkpoint only."""
    client = find(call, KIND, missing())
    strategies = call.query.getlist("strategy")
    docs = [
        connections.view(call, connection, ("id",))
        for connection in call.sandbox.store.all("connections")
        if client["client_id"] in connection["enabled_clients"]
        and (not strategies or connection["strategy"] in strategies)
    ]
    return paging.checkpoint(call, "connections", docs)


OPERATIONS = (
    Operation("GET", "/clients", list_clients, _READ),
    Operation("POST", "/clients", create_client, ("create:clients",), schema.CREATE),
    Operation("GET", "/clients/{id}", get_client, _READ),
    Operation("PATCH", "/clients/{id}", update_client, _UPDATE, schema.UPDATE),
    Operation("DELETE", "/clients/{id}", delete_client, ("delete:clients",)),
    Operation("POST", "/clients/{id}/rotate-secret", rotate_secret, ("update:client_keys",)),
    Operation(
        "GET",
        "/clients/{id}/connections",
        list_connections,
        ("read:connections",),
        also=("read:clients", "read:client_summary"),
    ),
    *credentials.OPERATIONS,
)
