"""Rules between a database connection's options. Source: the errors of recorded and tested requests
(terraform-provider-auth0 internal/auth0/connection/resource_test.go)."""

from ...errors import invalid_body
from ...store import Doc
from .defaults import DATABASE
from .passwordless import check_sms

_IDENTIFIERS = ("email", "username", "phone_number")


def check_options(strategy: str, options: Doc, current: Doc | None = None) -> None:
    """Raise Auth0Error 400 invalid_body for options that contradict each other."""
    if strategy == "sms":
        check_sms(options)
    attributes = options.get("attributes")
    if strategy != DATABASE or not attributes:
        return
    if options.get("validation"):
        raise invalid_body("Cannot set both options.attributes and options.validation")
    if options.get("requires_username"):
        raise invalid_body("Cannot set both options.attributes and options.requires_username")
    if not any(_is_identifier(attributes.get(name)) for name in _IDENTIFIERS):
        raise invalid_body("attributes must contain one active identifier")
    for name in _IDENTIFIERS:
        _check_required(name, attributes.get(name))
    if current is not None and _adds_non_unique_email(attributes, current.get("attributes") or {}):
        raise invalid_body("cannot add non-unique email attribute")


def _is_identifier(attribute: Doc | None) -> bool:
    return bool(attribute and (attribute.get("identifier") or {}).get("active"))


def _check_required(name: str, attribute: Doc | None) -> None:
    if not attribute or not attribute.get("profile_required"):
        return
    if (attribute.get("signup") or {}).get("status") != "required":
        raise invalid_body(f"attribute {name} must also be required on signup")


def _adds_non_unique_email(attributes: Doc, current: Doc) -> bool:
    wanted = (attributes.get("email") or {}).get("unique", True)
    return wanted is False and (current.get("email") or {}).get("unique", True) is not False
