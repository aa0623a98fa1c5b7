"""What Auth0 adds to a new application. Source: recorded answers of POST /api/v2/clients."""

from ...ids import Ids
from ...store import Doc
from ..documents import without_nulls

_GRANTS = ["authorization_code", "implicit", "refresh_token", "client_credentials"]
_CONFIDENTIAL = ("client_secret_post", "client_secret_basic")
# Kinds of application whose settings Auth0 fixes.
_FIXED: dict[str, Doc] = {
    "resource_server": {
        "oidc_conformant": True,
        "jwt_configuration": {"secret_encoded": False, "alg": "RS256"},
        "grant_types": [],
    },
    "express_configuration": {
        "oidc_conformant": True,
        "jwt_configuration": {"secret_encoded": False, "alg": "RS256"},
        "grant_types": ["authorization_code", "client_credentials"],
    },
}
# A third party in "strict" mode gets the authorization code alone.
_STRICT: Doc = {
    "oidc_conformant": True,
    "jwt_configuration": {"secret_encoded": False, "alg": "RS256", "lifetime_in_seconds": 3600},
    "grant_types": ["authorization_code"],
}
# The provider's tests name the methods; that these ask for the other two is documented.
_B2B: Doc = {
    "organization_usage": "require",
    "organization_require_behavior": "pre_login_prompt",
    "organization_discovery_methods": ["email", "organization_name"],
}
SESSION_TRANSFER: Doc = {
    "can_create_session_transfer_token": False,
    "allowed_authentication_methods": [],
    "enforce_device_binding": "ip",
    "allow_refresh_token": False,
    "enforce_online_refresh_tokens": True,
    "enforce_cascade_revocation": True,
}


def new_client(ids: Ids, body: Doc) -> Doc:
    """A whole client from a POST body (already checked)."""
    third_party = body.get("is_first_party") is False
    strict = body.get("third_party_security_mode") == "strict"
    fixed = _STRICT if strict else _FIXED.get(body.get("app_type", ""), {})
    client: Doc = {
        "client_id": f"tpc_{ids.alphanumeric(22)}" if strict else ids.client_id(),
        "client_secret": ids.client_secret(),
        "is_first_party": True,
        "is_token_endpoint_ip_header_trusted": False,
        "oidc_conformant": fixed.get("oidc_conformant", third_party),
        "sso_disabled": False,
        "cross_origin_authentication": False,
        "grant_types": fixed.get("grant_types", _grants(body)),
        "custom_login_page_on": True,
        "signing_keys": [{"cert": "sandbox"}],
    }
    client |= without_nulls(body)
    client["jwt_configuration"] = fixed.get("jwt_configuration") or _jwt(body)
    client["refresh_token"] = {
        **_refresh_token(body, third_party, strict),
        **(body.get("refresh_token") or {}),
    }
    if third_party:
        client.setdefault("third_party_security_mode", "permissive")
    if body.get("session_transfer"):
        client["session_transfer"] = {**SESSION_TRANSFER, **body["session_transfer"]}
    if body.get("app_type") == "express_configuration":
        client |= _express(body)
    if client.get("b2b_integration_configuration"):
        client = {**_B2B, **client}
    return client


def _grants(body: Doc) -> list[str]:
    public = body.get("token_endpoint_auth_method") == "none"
    return [grant for grant in _GRANTS if not (public and grant == "client_credentials")]


def _jwt(body: Doc) -> Doc:
    given = body.get("jwt_configuration")
    return {"secret_encoded": False, **(given if given else {"lifetime_in_seconds": 36000})}


def _refresh_token(body: Doc, third_party: bool, strict: bool) -> Doc:
    confidential = body.get("token_endpoint_auth_method") in _CONFIDENTIAL
    return {
        "rotation_type": "rotating" if third_party and not strict else "non-rotating",
        "expiration_type": "expiring" if third_party else "non-expiring",
        "leeway": 0,
        "token_lifetime": 31557600 if confidential else 2592000,
        "infinite_token_lifetime": strict or not third_party,
        "infinite_idle_token_lifetime": not third_party,
        "idle_token_lifetime": 2592000 if confidential else 1296000,
    }


def _express(body: Doc) -> Doc:
    return {
        "callbacks": ["https://system-admin.okta.com/admin/app/generic/oauth20redirect"],
        "organization_usage": "require",
        "organization_require_behavior": body.get("organization_require_behavior", "pre_login_prompt"),
        "client_authentication_methods": body.get(
            "client_authentication_methods", {"private_key_jwt": {"credentials": []}}
        ),
    }


def global_client(ids: Ids) -> Doc:
    """The application "All Applications": every tenant has it, and there the classic login page is kept."""
    return {
        "name": "All Applications",
        "client_id": ids.client_id(),
        "client_secret": ids.client_secret(),
        "global": True,
        "is_first_party": True,
        "is_token_endpoint_ip_header_trusted": False,
        "oidc_conformant": True,
        "callbacks": [],
        "jwt_configuration": {"alg": "RS256"},
        "signing_keys": [{"cert": "sandbox"}],
        "sso": False,
        "sso_disabled": False,
        "cross_origin_auth": False,
        "custom_login_page_on": True,
        "refresh_token": _refresh_token({}, third_party=False, strict=False),
    }
