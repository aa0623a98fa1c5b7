"""Factors that an Action can ask for: which of them a person has, and what is left to prove.

Rules: auth0.com/docs/actions/reference/post-login/post-login-api-object, its api.authentication and
api.multifactor. A factor that is off, or (for a challenge) not enrolled, or (for an enrollment) enrolled,
is passed over; where nothing is left the login fails. A factor that was proven in this transaction
satisfies the demand. Phone and OTP have pages here, the others are said to be missing. Not documented: the
words of the failures, and what `multifactor.enable` does in a tenant without any factor (here the login
fails).
"""

from collections.abc import Iterable

from ..context import Sandbox
from ..store import Doc
from . import sessions
from .outcome import Outcome
from .sign_in import SignIn

KIND = "authentication_methods"
SUPPORTED = ("phone", "otp")
# What an Action calls a factor -> what the tenant's settings call it.
_SETTING = {"phone": "sms", "push": "push-notification"}
# What the Management API calls an enrolled factor -> what an Action calls it.
_ENROLLED = {"totp": "otp", "sms": "phone", "voice": "phone", "push": "push-notification"}
_PROVIDERS = {
    "guardian": ("push-notification", "phone"),
    "google-authenticator": ("otp",),
    "any": ("phone", "otp", "email", "push-notification", "webauthn-roaming", "webauthn-platform"),
}
_REQUIRED = "Multifactor authentication required"
_NONE_LEFT = "None of the requested factors is enabled and {state} for this user."
_NO_PAGE = "The factors {names} are not supported by this sandbox yet."


def enrolled(sandbox: Sandbox, user_id: str) -> dict[str, Doc]:
    """Factor -> the newest confirmed authentication method of a person."""
    found = sandbox.store.where(KIND, "_user", user_id)
    confirmed = [method for method in found if method.get("confirmed", True)]
    return {_ENROLLED.get(kind, kind): method for method in confirmed for kind in [str(method["type"])]}


def described(found: dict[str, Doc]) -> Iterable[tuple[str, str]]:
    """(type, method) pairs for `event.user.enrolledFactors`."""
    for kind, method in found.items():
        yield kind, str(method.get("preferred_authentication_method", kind))


def enabled(sandbox: Sandbox) -> set[str]:
    """The factors that are on in the tenant, by the tenant's names."""
    settings = sandbox.store.get("settings", "guardian:factors") or {}
    return {name for name, on in settings.items() if on is True}


def demanded(sandbox: Sandbox, sign_in: SignIn, command: Doc) -> Outcome | None:
    """How the leg ends for a demand of `challengeWith`, `enrollWith` and the like; None when it is met."""
    wanted = list(dict.fromkeys(one["type"] for one in command["factors"]))
    if any(kind in sign_in.proven_factors for kind in wanted):
        return None
    if "none" in sign_in.transaction.get("prompt", []):
        return Outcome("interaction_required", _REQUIRED)
    if not sign_in.has_browser:
        return Outcome("denied", _REQUIRED, "mfa_required")
    challenged = command["purpose"] == "challenge"
    on, held = enabled(sandbox), enrolled(sandbox, sign_in.user_id)
    left = [kind for kind in wanted if _SETTING.get(kind, kind) in on and (kind in held) == challenged]
    if not left:
        return Outcome("failed", _NONE_LEFT.format(state="enrolled" if challenged else "not enrolled"))
    offered = [kind for kind in left if kind in SUPPORTED]
    if not offered:
        return Outcome("failed", _NO_PAGE.format(names=", ".join(left)))
    options = {one["type"]: one["options"] for one in command["factors"]}
    sign_in.challenge = {
        "purpose": command["purpose"],
        "factors": offered,
        "options": {kind: options[kind] for kind in offered},
        # Without a preferred factor people choose first, unless there is only one.
        "chosen": offered[0] if command["preferred"] or len(offered) == 1 else None,
    }
    return Outcome("challenge")


def deferred(sandbox: Sandbox, sign_in: SignIn) -> Outcome | None:
    """What `multifactor.enable` demands at the end of the flow."""
    wish, sign_in.multifactor = sign_in.multifactor, None
    if wish is None or sign_in.proven_factors:
        return None
    kinds = [kind for kind in _PROVIDERS[wish["provider"]] if _SETTING.get(kind, kind) in enabled(sandbox)]
    held = enrolled(sandbox, sign_in.user_id)
    known = [kind for kind in kinds if kind in held]
    command = {
        "purpose": "challenge" if known else "enroll",
        "preferred": True,
        "factors": [{"type": kind, "options": {}} for kind in known or kinds],
    }
    return demanded(sandbox, sign_in, command)


def proven(sandbox: Sandbox, sign_in: SignIn, kind: str) -> None:
    """A factor was proven: note it for the Actions to come, and forget the challenge."""
    sign_in.challenge = None
    sign_in.proven_factors = [*sign_in.proven_factors, kind]
    method = {"name": "mfa", "timestamp": sandbox.clock.iso()}
    sign_in.methods = [*(one for one in sign_in.methods if one["name"] != "mfa"), method]
    session = sessions.find(sandbox, sign_in.session_key)
    if session:
        sessions.save(sandbox, session | {"methods": sign_in.methods})
