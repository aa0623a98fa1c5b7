"""How attributes of users are called by identity providers: /user-attribute-profiles.

Source: recorded (POST, GET, DELETE); templates and PATCH as Auth0's SDKs describe them; what a profile says
of the user's id where nothing was sent: the provider's acceptance tests.
"""

from typing import Any

from ..errors import Auth0Error, not_found
from ..store import Doc
from . import paging
from .collection import Collection
from .documents import patched, public
from .routing import Answer, Call, Operation
from .schema import nullable, record, text

_PROPERTIES = {"name": text(1, 128), "user_id": nullable(record()), "user_attributes": record()}
_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
_TEMPLATE: dict[str, Any] = {
    "id": "auth0-generic",
    "display_name": "Auth0 Generic",
    "template": {
        "name": "Auth0 Generic",
        "user_id": {
            "oidc_mapping": "sub",
            "saml_mapping": [f"{_CLAIMS}nameidentifier", f"{_CLAIMS}upn", f"{_CLAIMS}name"],
            "scim_mapping": "externalId",
        },
        "user_attributes": {
            "email": {
                "label": "Email",
                "description": "Email of the user",
                "auth0_mapping": "email",
                "profile_required": True,
                "oidc_mapping": {"mapping": "${context.tokenset.email}", "display_name": "email"},
                "saml_mapping": [f"{_CLAIMS}emailaddress"],
                "scim_mapping": "emails[primary eq true].value",
            }
        },
    },
}


def missing() -> Auth0Error:
    return not_found("The user attribute profile does not exist", "inexistent_user_attribute_profile")


def _new(call: Call) -> Doc:
    return _completed({"id": call.sandbox.ids.prefixed("uap", 22), **call.body})


def _change(call: Call, profile: Doc) -> Doc:
    return _completed(patched(profile, call.body))


def _completed(profile: Doc) -> Doc:
    """How a user's id is mapped can't be left out: each mapping that wasn't sent is the usual one."""
    user_id = {**_TEMPLATE["template"]["user_id"], **(profile.get("user_id") or {})}
    return {**profile, "user_id": user_id}


PROFILES = Collection(
    path="/user-attribute-profiles",
    kind="user_attribute_profiles",
    scope="user_attribute_profiles",
    missing=missing,
    create=record(_PROPERTIES, required=("name", "user_attributes")),
    update=record(_PROPERTIES),
    new=_new,
    change=_change,
    view=lambda call, doc: public(doc),
    listing=paging.checkpoint,
)


def list_templates(call: Call) -> Answer:
    return Answer({"user_attribute_profile_templates": [_TEMPLATE]})


def get_template(call: Call) -> Answer:
    if call.params["id"] != _TEMPLATE["id"]:
        raise not_found(
            "The user attribute profile template does not exist", "inexistent_user_attribute_profile_template"
        )
    return Answer(_TEMPLATE)


_READ = ("read:user_attribute_profiles",)
_TEMPLATES = "/user-attribute-profiles/templates"

OPERATIONS = (
    *PROFILES.operations(),
    Operation("GET", _TEMPLATES, list_templates, _READ),
    Operation("GET", f"{_TEMPLATES}/{{id}}", get_template, _READ),
)
