"""Rules between a database connection's options. Source: the errors of recorded and tested requests
(terraform-provider-auth0 internal/auth0/connection/resource_test.go)."""

from ...errors import invalid_body, refusal
from ...store import Doc
from ..schema import validate
from . import database, schema
from .passwordless import check_sms

# Which strategies may take part in Cross App Access, and on which side.
_OPENID = ("oidc", "okta")
_RESOURCE = ("oidc", "okta", "samlp")
# Any of these says where a federation server is.
_FEDERATION = ("adfs_server", "fedMetadataXml", "signInEndpoint")
_IDENTIFIERS = ("email", "username", "phone_number")


def check_purposes(strategy: str, body: Doc) -> None:
    """Raise Auth0Error 400 operation_not_supported for a purpose the strategy can't have (recorded)."""
    for member, role, strategies in (
        ("cross_app_access_requesting_app", "Requesting", _OPENID),
        ("cross_app_access_resource_app", "Resource", _RESOURCE),
    ):
        if body.get(member) is not None and strategy not in strategies:
            problem = f"Cross App Access {role} App is not supported for this connection."
            raise refusal(400, problem, "operation_not_supported")


def check_new(strategy: str, options: Doc) -> None:
    """Raise Auth0Error 400 for a new connection without what its strategy can't do without.

    Source: messages quoted in public reports, github.com/alexkappa/terraform-provider-auth0/issues/212 and
    …/457. Other strategies may well have such rules too.
    """
    if strategy in _OPENID and not options.get("client_id"):
        raise invalid_body("options.client_id is required")
    if strategy == "adfs" and not any(options.get(name) for name in _FEDERATION):
        raise invalid_body("missing federation metadata url")


def check_options(strategy: str, options: Doc, current: Doc | None = None) -> None:
    """Raise Auth0Error 400 invalid_body for options that contradict each other."""
    validate({"options": options}, schema.OPTIONS)
    if strategy == "sms":
        check_sms(options)
    attributes = options.get("attributes")
    if strategy != database.STRATEGY:
        return
    validate({"options": options}, schema.DATABASE_OPTIONS)
    validate({"options": options}, schema.settings_of_scripts(options.get("configuration") or {}))
    if attributes:
        _check_attributes(attributes, options, current)


def _check_attributes(attributes: Doc, options: Doc, current: Doc | None) -> None:
    if options.get("validation"):
        raise invalid_body("Cannot set both options.attributes and options.validation")
    if options.get("requires_username"):
        raise invalid_body("Cannot set both options.attributes and options.requires_username")
    if not any(_is_identifier(attributes.get(name)) for name in _IDENTIFIERS):
        raise invalid_body("attributes must contain one active identifier")
    for name in _IDENTIFIERS:
        _check_required(name, attributes.get(name))
    if current is not None:
        _check_unique_email(attributes.get("email"), (current.get("attributes") or {}).get("email"))


def _is_identifier(attribute: Doc | None) -> bool:
    return bool(attribute and (attribute.get("identifier") or {}).get("active"))


def _check_required(name: str, attribute: Doc | None) -> None:
    if not attribute or not attribute.get("profile_required"):
        return
    if (attribute.get("signup") or {}).get("status") != "required":
        raise invalid_body(f"attribute {name} must also be required on signup")


def _check_unique_email(wanted: Doc | None, current: Doc | None) -> None:
    """Whether addresses are unique is decided with the attribute; a PATCH that doesn't say reads as yes.

    Source: the recorded refusal, and what the Terraform provider's change log says of the other one.
    """
    unique = (wanted or {}).get("unique", True) is not False
    if current is None and not unique:
        raise invalid_body("cannot add non-unique email attribute")
    if wanted and current and unique != (current.get("unique", True) is not False):
        raise invalid_body("cannot patch unique property on email attribute")
