"""What excludes what in an application. Source: what auth0-deploy-cli leaves out of a PATCH and says why
(github.com/auth0/auth0-deploy-cli, src/tools/auth0/handlers/clients.ts), and the provider's schema and
acceptance tests; one method at a time: auth0.com/docs/api/management/v2/clients/patch-clients-by-id. The
words are likely ones."""

from ...errors import invalid_body
from ...store import Doc, Store

_SECRET, _KEYS = "token_endpoint_auth_method", "client_authentication_methods"
_MODE = "third_party_security_mode"
_B2B = "b2b_integration_configuration"


def check_methods(body: Doc, client: Doc) -> None:
    """Raise Auth0Error 400 for two methods with keys, and for one with a secret beside one with keys."""
    if len(body.get(_KEYS) or {}) > 1:
        raise invalid_body(
            f"Payload validation error: 'Too many properties defined, maximum 1' on property {_KEYS}."
        )
    if body.get(_SECRET) and client.get(_KEYS):
        raise invalid_body(f"Property '{_SECRET}' cannot be set while '{_KEYS}' is")


def check_fixed(body: Doc, current: Doc) -> None:
    """Raise Auth0Error 400 for a change of what is decided when an application is made."""
    if _MODE in body and body[_MODE] != current.get(_MODE):
        raise invalid_body(f"Property '{_MODE}' cannot be changed")
    # Its contents may change, but it neither comes nor goes later.
    if _B2B in body and (body[_B2B] is None) != (current.get(_B2B) is None):
        raise invalid_body(f"Property '{_B2B}' cannot be added or removed")


def check_profiles(body: Doc, store: Store) -> None:
    """Raise Auth0Error 400 for a self-service profile that isn't there."""
    for profile in (body.get(_B2B) or {}).get("sso_profiles", ()):
        if store.get("self_service_profiles", profile) is None:
            raise invalid_body(f"Property '{_B2B}.sso_profiles' has an unknown profile: {profile}")
