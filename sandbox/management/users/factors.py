"""The older calls about factors: enrollments, authenticators, multifactor providers, recovery codes.

Source: auth0.com/docs/api/management/v2/users. Unknown is how an e-mail factor appears among the enrollments
(it doesn't).
"""

from ...errors import refusal
from ...store import Doc
from ..routing import Answer, Call, Operation
from .authentication_methods import KIND, of, remove_all
from .existing import user

_ENROLLMENTS = {"phone": "sms", "totp": "authenticator", "webauthn-roaming": "webauthn-roaming"}


def list_enrollments(call: Call) -> Answer:
    methods = of(call, user(call)["user_id"])
    return Answer([_enrollment(method) for method in methods if method["type"] in _ENROLLMENTS])


def _enrollment(method: Doc) -> Doc:
    shown = {
        "id": method["id"].partition("|")[2],
        "status": "confirmed",
        "type": method["type"],
        "name": method.get("name"),
        "identifier": method.get("key_id"),
        "phone_number": method.get("phone_number"),
        "auth_method": _ENROLLMENTS[method["type"]],
        "enrolled_at": method["created_at"],
    }
    return {name: value for name, value in shown.items() if value is not None}


def delete_authenticators(call: Call) -> Answer:
    remove_all(call, user(call)["user_id"])
    return Answer(status=204)


def delete_provider(call: Call) -> Answer:
    """One of the providers of old; google-authenticator is what totp is now."""
    provider = call.params["provider"]
    if provider not in ("duo", "google-authenticator"):
        raise refusal(
            400,
            f"Path validation error: 'No enum match for: {provider}' on property provider.",
            "invalid_uri",
        )
    someone = user(call)
    if provider == "google-authenticator":
        remove_all(call, someone["user_id"], "totp")
    return Answer(status=204)


def forget_browsers(call: Call) -> Answer:
    """No browser is remembered here."""
    user(call)
    return Answer(status=204)


def regenerate_recovery_code(call: Call) -> Answer:
    someone = user(call)
    code = call.sandbox.ids.alphanumeric(24).upper()
    method = {
        "id": f"recovery-code|dev_{call.sandbox.ids.alphanumeric(16)}",
        "type": "recovery-code",
        "confirmed": True,
        "created_at": call.sandbox.clock.iso(),
        "_user": someone["user_id"],
        "_code": code,
    }
    with call.sandbox.store.atomic():
        remove_all(call, someone["user_id"], "recovery-code")
        call.sandbox.store.put(KIND, method["id"], method)
    return Answer({"recovery_code": code})


_MULTIFACTOR = "/users/{id}/multifactor"
_UPDATE = ("update:users",)

OPERATIONS = (
    Operation("GET", "/users/{id}/enrollments", list_enrollments, ("read:users",)),
    Operation(
        "DELETE", "/users/{id}/authenticators", delete_authenticators, ("delete:guardian_enrollments",)
    ),
    Operation("DELETE", f"{_MULTIFACTOR}/{{provider}}", delete_provider, _UPDATE),
    Operation("POST", f"{_MULTIFACTOR}/actions/invalidate-remember-browser", forget_browsers, _UPDATE),
    Operation("POST", "/users/{id}/recovery-code-regeneration", regenerate_recovery_code, _UPDATE),
)
