"""Templates from which an organization's administrators make connections: /connection-profiles.

Source: the shapes of Auth0's SDKs and of the Terraform provider; no recording.
"""

from typing import Any

from ..errors import Auth0Error, not_found
from ..store import Doc
from . import paging
from .collection import Collection
from .documents import public
from .routing import Answer, Call, Operation
from .schema import array, nullable, record, text

_CHOICE = text(choices=("none", "optional", "required"))
_FEATURES = array(text(choices=("scim", "universal_logout")), unique=True)
_PROPERTIES = {
    "name": text(1, 50),
    "organization": nullable(record({"show_as_button": _CHOICE, "assign_membership_on_login": _CHOICE})),
    "connection_name_prefix_template": nullable(text()),
    "enabled_features": nullable(_FEATURES),
    "connection_config": nullable(record()),
    "strategy_overrides": nullable(record()),
    "provisioning": nullable(record()),
    "cross_app_access_resource_app": nullable(record()),
}
_TEMPLATE: dict[str, Any] = {
    "id": "self-service-profile-template",
    "display_name": "Self-Service Profile",
    "template": {
        "name": "Self-Service Profile",
        "organization": {"show_as_button": "required", "assign_membership_on_login": "required"},
        "connection_name_prefix_template": "con-{org_id}-",
        "enabled_features": ["scim", "universal_logout"],
    },
}


def missing() -> Auth0Error:
    return not_found("The connection profile does not exist", "inexistent_connection_profile")


def _new(call: Call) -> Doc:
    return {"id": call.sandbox.ids.prefixed("cop", 22), **call.body}


PROFILES = Collection(
    path="/connection-profiles",
    kind="connection_profiles",
    scope="connection_profiles",
    missing=missing,
    create=record(_PROPERTIES, required=("name",)),
    update=record(_PROPERTIES),
    new=_new,
    view=lambda call, doc: public(doc),
    listing=paging.checkpoint,
)


def list_templates(call: Call) -> Answer:
    return Answer({"connection_profile_templates": [_TEMPLATE]})


def get_template(call: Call) -> Answer:
    if call.params["id"] != _TEMPLATE["id"]:
        raise not_found(
            "The connection profile template does not exist", "inexistent_connection_profile_template"
        )
    return Answer(_TEMPLATE)


_READ = ("read:connection_profiles",)
_TEMPLATES = "/connection-profiles/templates"

OPERATIONS = (
    *PROFILES.operations(),
    Operation("GET", _TEMPLATES, list_templates, _READ),
    Operation("GET", f"{_TEMPLATES}/{{id}}", get_template, _READ),
)
