"""Factors a user has enrolled: /users/{id}/authentication-methods.

Source: auth0.com/docs/api/management/v2/users and
auth0.com/docs/secure/multi-factor-authentication/manage-mfa-auth0-apis/manage-authentication-methods-with-management-api.
What is made here counts as confirmed.
"""

from ...errors import Auth0Error, not_found
from ...store import Doc
from .. import paging
from ..documents import find, patched, public, without
from ..routing import Answer, Call, Operation
from ..schema import lacking
from . import schema
from .existing import user

KIND = "authentication_methods"
_NEEDED = {
    "phone": "phone_number",
    "email": "email",
    "totp": "totp_secret",
    "webauthn-roaming": "key_id",
    "passkey": "key_id",
}
# The only time a secret is shown is the answer to its creation.
_SECRET = "totp_secret"  # noqa: S105 - a member's name


def missing() -> Auth0Error:
    return not_found("The authentication method does not exist.", "inexistent_authentication_method")


def _view(method: Doc) -> Doc:
    return without(public(method), (_SECRET,))


def of(call: Call, user_id: str) -> list[Doc]:
    return call.sandbox.store.where(KIND, "_user", user_id)


def list_methods(call: Call) -> Answer:
    methods = of(call, user(call)["user_id"])
    return paging.answer(call, "authenticators", [_view(method) for method in methods])


def get_method(call: Call) -> Answer:
    return Answer(_view(_find(call)))


def add_method(call: Call) -> Answer:
    return Answer(without(public(_add(call, call.body)), ("confirmed",)), 201)


def set_methods(call: Call) -> Answer:
    """Replace all of them."""
    with call.sandbox.store.atomic():
        remove_all(call, user(call)["user_id"])
        made = [_add(call, body) for body in call.body]
    return Answer([without(public(method), ("confirmed",)) for method in made])


def update_method(call: Call) -> Answer:
    method = patched(_find(call), call.body)
    call.sandbox.store.put(KIND, method["id"], method)
    return Answer(_view(method))


def delete_method(call: Call) -> Answer:
    call.sandbox.store.delete(KIND, _find(call)["id"])
    return Answer(status=204)


def delete_methods(call: Call) -> Answer:
    remove_all(call, user(call)["user_id"])
    return Answer(status=204)


def remove_all(call: Call, user_id: str, kind: str | None = None) -> None:
    """All of a user's, or those of one type."""
    with call.sandbox.store.atomic():
        for method in of(call, user_id):
            if kind in (None, method["type"]):
                call.sandbox.store.delete(KIND, method["id"])


def _find(call: Call) -> Doc:
    someone, method = user(call), find(call, KIND, missing(), "method")
    if method["_user"] != someone["user_id"]:
        raise missing()
    return method


def _add(call: Call, body: Doc) -> Doc:
    someone, kind = user(call), body["type"]
    if _NEEDED[kind] not in body:
        raise lacking(_NEEDED[kind])
    method = {"id": f"{kind}|dev_{call.sandbox.ids.alphanumeric(16)}", **body, **_kinds(call, body)}
    method |= {"confirmed": True, "created_at": call.sandbox.clock.iso(), "_user": someone["user_id"]}
    call.sandbox.store.put(KIND, method["id"], method)
    return method


def _kinds(call: Call, body: Doc) -> Doc:
    """A number can be called as well as written to."""
    if body["type"] != "phone":
        return {}
    device = f"dev_{call.sandbox.ids.alphanumeric(16)}"
    return {
        "preferred_authentication_method": body.get("preferred_authentication_method", "sms"),
        "authentication_methods": [{"type": kind, "id": f"{kind}|{device}"} for kind in ("sms", "voice")],
    }


_PATH = "/users/{id}/authentication-methods"
_ONE = f"{_PATH}/{{method}}"
_READ = ("read:authentication_methods",)
_CREATE = ("create:authentication_methods",)
_UPDATE = ("update:authentication_methods",)
_DELETE = ("delete:authentication_methods",)

OPERATIONS = (
    Operation("GET", _PATH, list_methods, _READ),
    Operation("POST", _PATH, add_method, _CREATE, schema.ADD_METHOD),
    Operation("PUT", _PATH, set_methods, _UPDATE, schema.SET_METHODS),
    Operation("DELETE", _PATH, delete_methods, _DELETE),
    Operation("GET", _ONE, get_method, _READ),
    Operation("PATCH", _ONE, update_method, _UPDATE, schema.UPDATE_METHOD),
    Operation("DELETE", _ONE, delete_method, _DELETE),
)
