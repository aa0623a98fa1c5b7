"""Why a login failed, in words for the person who meets it."""

import re
from dataclasses import dataclass


class LoginError(Exception):
    """A login that did not succeed: OAuth's `error` and `error_description` (RFC 6749, 4.1.2.1)."""

    def __init__(self, error: str, description: str = "") -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


class TenantError(Exception):
    """The tenant did not answer, or not as it should; the text is for a person."""


@dataclass(frozen=True)
class Words:
    """A failed login explained. `again` is the link that tries once more."""

    title: str
    text: str
    again: str = "/login?prompt=login"


# An Action's denial arrives as access_denied with one of these codes in its description.
_DENIALS = {
    "phone_unverified": Words(
        "Your phone isn't verified yet",
        "This kind of login has no page on which to ask you for a code. "
        "Log in again in the browser to verify your number.",
    ),
    "phone_abandoned": Words(
        "You left before the end",
        "Your number was not verified, so you are not logged in. Nothing has changed; you can start again.",
    ),
    "phone_locked": Words(
        "Too many wrong codes",
        "To protect your number no more codes are accepted for now. Wait ten minutes, then try again.",
    ),
    "phone_code_wrong": Words(
        "That code was not right",
        "Try again: the code you were sent still counts as long as it is not older than ten minutes.",
    ),
    "phone_code_expired": Words(
        "That code is too old", "Codes last ten minutes. Try again and you will be sent a new one."
    ),
    "phone_number_missing": Words(
        "There is no phone number to verify",
        "Your account has no phone number, and this login can't ask for one. "
        "Add a number to your account first.",
    ),
    "phone_number_refused": Words(
        "That phone number can't be used",
        "Messages can't be sent to this number. Try again with a mobile number from a country we serve.",
    ),
    "phone_result_invalid": Words(
        "The verification could not be confirmed",
        "The answer came too late, or from another login than this one. Try again.",
    ),
    "phone_host_unlisted": Words(
        "This address isn't set up for phone verification",
        "Whoever runs this service has to add the login's host to the stage's list of login hosts.",
    ),
    "phone_unavailable": Words(
        "Codes can't be sent right now",
        "The service that sends them is not answering. Try again in a minute.",
    ),
    "phone_misconfigured": Words(
        "Phone verification isn't set up completely",
        "Whoever runs this service has to look at the log of the tenant: a secret or a setting is missing.",
    ),
    "phone_internal": Words(
        "Something went wrong on our side", "Your number was not verified. Try again; nothing has been lost."
    ),
}
_ERRORS = {
    "access_denied": Words("You were not logged in", "The login was denied. You can try again."),
    "interaction_required": Words(
        "A silent login isn't possible now",
        "There is still something to ask you, such as a code to verify your phone. "
        "Log in with the pages visible.",
        again="/login",
    ),
    "login_required": Words(
        "A silent login isn't possible now",
        "You have no session any more. Log in with the pages visible.",
        "/login",
    ),
    "consent_required": Words(
        "A silent login isn't possible now",
        "You have to agree to something first. Log in with the pages visible.",
        "/login",
    ),
    "invalid_state": Words(
        "This login didn't start here",
        "It was begun in another browser, has been used already, or is more than an hour old. Start again.",
        again="/login",
    ),
    "invalid_id_token": Words(
        "The tenant's answer could not be trusted", "The token it sent failed a check. Start again.", "/login"
    ),
    "tenant_unreachable": Words(
        "The login service does not answer", "Look whether the sandbox is running, then try again.", "/login"
    ),
}
_OTHER = Words("You were not logged in", "Something unexpected happened. You can try again.")
_CODE = re.compile(r"\bphone_[a-z_]+\b")


def words(error: LoginError) -> Words:
    """What to tell the person: by the denial's code first, then by OAuth's error."""
    found = _CODE.search(error.description)
    if found and found.group() in _DENIALS:
        return _DENIALS[found.group()]
    return _ERRORS.get(error.error, _OTHER)
