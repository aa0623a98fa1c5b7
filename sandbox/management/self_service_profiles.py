"""/self-service-profiles: how customers set up their own single sign-on; its texts and its tickets.

Sources: the provider's schema and tests, the SDKs' types; auth0.com/docs/authenticate/enterprise-connections/
self-service-SSO. Kept as data: the page a ticket leads to is not there. Not recorded: the words, and what a
profile does with attributes of its own once it is given a user attribute profile (here: each ends the other).
"""

from ..errors import Auth0Error, not_found
from ..store import Doc
from .collection import Collection
from .documents import patched
from .routing import Answer, Call, Operation
from .schema import array, flag, nullable, record, text

_STRATEGIES = (
    "oidc", "samlp", "waad", "google-apps", "adfs", "okta", "auth0-samlp", "okta-samlp", "keycloak-samlp",
    "pingfederate",
)  # fmt: skip
_MEMBERS = {
    "name": text(1, 100),
    "description": nullable(text(0, 140)),
    "branding": nullable(
        record(
            {
                "logo_url": nullable(text(0, 1024)),
                "colors": nullable(record({"primary": text()}, ("primary",))),
            }
        )
    ),
    "allowed_strategies": array(text(choices=_STRATEGIES)),
    "user_attributes": nullable(
        array(
            record(
                {"name": text(1, 250), "description": text(1, 250), "is_optional": flag()},
                ("name", "description", "is_optional"),
            ),
            0,
            20,
        )
    ),
    "user_attribute_profile_id": nullable(text()),
}
# Each of the two ends the other.
_ATTRIBUTES = ("user_attributes", "user_attribute_profile_id")
_TEXTS = "self_service_profile_texts"


def missing() -> Auth0Error:
    return not_found("The self-service profile does not exist.", "inexistent_self_service_profile")


def _new(call: Call) -> Doc:
    now = call.sandbox.clock.iso()
    made = {"id": call.sandbox.ids.prefixed("ssp", 22), **call.body, "created_at": now, "updated_at": now}
    return _settled(patched({}, made))


def _change(call: Call, profile: Doc) -> Doc:
    given = [name for name in _ATTRIBUTES if call.body.get(name)]
    ended = {name: None for name in _ATTRIBUTES if given and name not in given}
    return _settled(patched(profile, {**ended, **call.body, "updated_at": call.sandbox.clock.iso()}))


def _settled(profile: Doc) -> Doc:
    """A list is there even when it is empty."""
    return {"allowed_strategies": [], "user_attributes": [], **profile}


def _forget(call: Call, profile: Doc) -> None:
    call.sandbox.store.delete(_TEXTS, profile["id"])


PROFILES = Collection(
    path="/self-service-profiles",
    kind="self_service_profiles",
    scope="self_service_profiles",
    missing=missing,
    create=record(_MEMBERS, required=("name",)),
    update=record(_MEMBERS),
    new=_new,
    change=_change,
    forget=_forget,
)


def get_text(call: Call) -> Answer:
    return Answer(_texts(call).get(_place(call), {}))


def set_text(call: Call) -> Answer:
    """What is sent is the whole text of that page and language afterwards."""
    call.sandbox.store.put(_TEXTS, call.params["id"], {**_texts(call), _place(call): call.body})
    return Answer(call.body)


def _texts(call: Call) -> Doc:
    return call.sandbox.store.get(_TEXTS, PROFILES.find(call)["id"]) or {}


def _place(call: Call) -> str:
    return f"{call.params['language']} {call.params['page']}"


def create_ticket(call: Call) -> Answer:
    PROFILES.find(call)
    ticket = call.sandbox.ids.token(32)
    return Answer(
        {"ticket": f"{call.sandbox.addresses.issuer}self-service/connections-flow?ticket={ticket}"}, 201
    )


def revoke_ticket(call: Call) -> Answer:
    PROFILES.find(call)
    return Answer(status=202)


_ONE = "/self-service-profiles/{id}"
_TEXT = f"{_ONE}/custom-text/{{language}}/{{page}}"

OPERATIONS = (
    *PROFILES.operations(),
    Operation("GET", _TEXT, get_text, ("read:self_service_profile_custom_texts",)),
    Operation("PUT", _TEXT, set_text, ("update:self_service_profile_custom_texts",), record()),
    Operation("POST", f"{_ONE}/sso-ticket", create_ticket, ("create:sso_access_tickets",), record()),
    Operation("POST", f"{_ONE}/sso-ticket/{{ticket}}/revoke", revoke_ticket, ("delete:sso_access_tickets",)),
)
