"""Applications of an organization: /organizations/{id}/clients.

Source: the types of the clients that call it (auth0-python's organizations.clients); nothing was recorded.
"""

from ...store import Doc
from .. import paging
from ..clients.existing import missing
from ..documents import patched
from ..routing import Answer, Call, Operation
from . import schema
from .existing import organization
from .links import CLIENTS

_ABOUT = ("name", "app_type", "logo_uri", "is_first_party", "grant_types", "organization_usage")


def _view(call: Call, link: Doc) -> Doc:
    client = CLIENTS.other(call.sandbox.store, link) or {}
    about = {name: client[name] for name in _ABOUT if name in client}
    return {**{name: link[name] for name in ("client_id", "use_for_member_access")}, "client": about}


def _find(call: Call) -> Doc:
    link = CLIENTS.get(call.sandbox.store, organization(call)["id"], call.params["client"])
    if link is None:
        raise missing()
    return link


def list_clients(call: Call) -> Answer:
    links = CLIENTS.of(call.sandbox.store, organization(call)["id"])
    return paging.checkpoint(call, "clients", [_view(call, link) for link in links])


def get_client(call: Call) -> Answer:
    return Answer(_view(call, _find(call)))


def add_clients(call: Call) -> Answer:
    store, identifier = call.sandbox.store, organization(call)["id"]
    made = []
    with store.atomic():
        for wanted in call.body["clients"]:
            if store.get("clients", wanted["client_id"]) is None:
                raise missing()
            values = {"use_for_member_access": False, **wanted}
            made.append(CLIENTS.put(store, identifier, wanted["client_id"], values))
    return Answer([_view(call, link) for link in made], 201)


def update_client(call: Call) -> Answer:
    link = patched(_find(call), call.body)
    CLIENTS.put(call.sandbox.store, link["organization_id"], link["client_id"], link)
    return Answer(_view(call, link))


def remove_clients(call: Call) -> Answer:
    identifier = organization(call)["id"]
    with call.sandbox.store.atomic():
        for client in call.body["clients"]:
            CLIENTS.remove(call.sandbox.store, identifier, client)
    return Answer(status=204)


_PATH = "/organizations/{id}/clients"
_ONE = f"{_PATH}/{{client}}"

OPERATIONS = (
    Operation("GET", _PATH, list_clients, ("read:organization_clients",)),
    Operation("POST", _PATH, add_clients, ("create:organization_clients",), schema.ADD_CLIENTS),
    Operation("DELETE", _PATH, remove_clients, ("delete:organization_clients",), schema.REMOVE_CLIENTS),
    Operation("GET", _ONE, get_client, ("read:organization_clients",)),
    Operation("PATCH", _ONE, update_client, ("update:organization_clients",), schema.UPDATE_CLIENT),
)
