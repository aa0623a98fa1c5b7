"""Connections of an organization: /organizations/{id}/connections, and the older /enabled_connections.

Both show the same: what the older form makes is enabled, and it shows enabled ones only. Source: recorded
(the empty lists); everything else as documented and as the clients' types have it
(auth0.com/docs/api/management/v2/organizations). Unknown are the words of the refusals.
"""

from collections.abc import Callable

from ...errors import Auth0Error, conflict, not_found, refusal
from ...store import Doc
from .. import paging
from ..connections import lookup as connections
from ..documents import patched
from ..routing import Answer, Call, Operation
from . import schema
from .existing import organization
from .links import CONNECTIONS

_DEFAULTS = {"assign_membership_on_login": False, "show_as_button": True, "is_signup_enabled": False}
_ENABLED_FORM = ("connection_id", *_DEFAULTS)
_WHOLE_FORM = (
    *_ENABLED_FORM,
    "is_enabled",
    "organization_connection_name",
    "organization_access_level",
    "organization_member_access_level",
)

View = Callable[[Call, Doc], Doc]


def missing() -> Auth0Error:
    return not_found("No connection found by that id for this organization.", "inexistent_connection")


def enabled_view(call: Call, link: Doc) -> Doc:
    return _view(call, link, _ENABLED_FORM)


def whole_view(call: Call, link: Doc) -> Doc:
    return _view(call, link, _WHOLE_FORM)


def _view(call: Call, link: Doc, members: tuple[str, ...]) -> Doc:
    connection = CONNECTIONS.other(call.sandbox.store, link) or {}
    about = {name: connection[name] for name in ("name", "strategy") if name in connection}
    return {**{name: link[name] for name in members if name in link}, "connection": about}


def add(call: Call, organization_id: str, body: Doc) -> Doc:
    """Join a connection to an organization and return it as the older form shows it."""
    return enabled_view(call, _add(call, organization_id, body))


def _add(call: Call, organization_id: str, body: Doc) -> Doc:
    store, connection_id = call.sandbox.store, body["connection_id"]
    if store.get("connections", connection_id) is None:
        raise connections.missing()
    if CONNECTIONS.get(store, organization_id, connection_id) is not None:
        raise conflict("The connection is already enabled for this organization.", "connection_conflict")
    link = patched({**_DEFAULTS, "is_enabled": True, "organization_access_level": "none"}, body)
    _check(link)
    return CONNECTIONS.put(store, organization_id, connection_id, link)


def _check(link: Doc) -> None:
    if link["is_signup_enabled"] and not link["assign_membership_on_login"]:
        raise refusal(
            400,
            "is_signup_enabled can only be true if assign_membership_on_login is true",
            "invalid_body",
        )


def _form(path: str, view: View, is_shown: Callable[[Call, Doc], bool], name: str) -> tuple[Operation, ...]:
    """The five operations of one of the two forms."""
    older = view is enabled_view

    def find(call: Call) -> Doc:
        link = CONNECTIONS.get(call.sandbox.store, organization(call)["id"], call.params["connection"])
        if link is None or (older and not link["is_enabled"]):
            raise missing()
        return link

    def list_connections(call: Call) -> Answer:
        links = CONNECTIONS.of(call.sandbox.store, organization(call)["id"])
        return paging.answer(call, name, [view(call, link) for link in links if is_shown(call, link)])

    def add_connection(call: Call) -> Answer:
        return Answer(view(call, _add(call, organization(call)["id"], call.body)), 201)

    def get_connection(call: Call) -> Answer:
        return Answer(view(call, find(call)))

    def update_connection(call: Call) -> Answer:
        link = find(call)
        changed = {**link, **patched({}, call.body)}
        _check(changed)
        CONNECTIONS.put(call.sandbox.store, link["organization_id"], link["connection_id"], changed)
        return Answer(view(call, changed))

    def remove_connection(call: Call) -> Answer:
        """204 whether or not it was there."""
        CONNECTIONS.remove(call.sandbox.store, organization(call)["id"], call.params["connection"])
        return Answer(status=204)

    one = f"{path}/{{connection}}"
    add_body = schema.ADD_ENABLED_CONNECTION if older else schema.ADD_CONNECTION
    update_body = schema.UPDATE_ENABLED_CONNECTION if older else schema.UPDATE_CONNECTION
    return (
        Operation("GET", path, list_connections, ("read:organization_connections",)),
        Operation("POST", path, add_connection, ("create:organization_connections",), add_body),
        Operation("GET", one, get_connection, ("read:organization_connections",)),
        Operation("PATCH", one, update_connection, ("update:organization_connections",), update_body),
        Operation("DELETE", one, remove_connection, ("delete:organization_connections",)),
    )


def _is_enabled(call: Call, link: Doc) -> bool:
    return bool(link["is_enabled"])


def _is_wanted(call: Call, link: Doc) -> bool:
    return paging.flag(call, "is_enabled") in (None, link["is_enabled"])


OPERATIONS = (
    *_form("/organizations/{id}/connections", whole_view, _is_wanted, "connections"),
    *_form("/organizations/{id}/enabled_connections", enabled_view, _is_enabled, "enabled_connections"),
)
