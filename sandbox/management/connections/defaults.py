"""What Auth0 adds to a connection. Source: recorded answers of POST and PATCH /connections; for strategies
without a recording the descriptions of the answers in Auth0's SDKs."""

from ...context import Addresses
from ...ids import Ids
from ...store import Doc
from ..documents import without_nulls
from . import database, saml
from .scopes import with_scope

# Enterprise strategies whose connection is set up by a person who follows a link.
_TICKETED = ("ad", "adfs", "custom", "google-apps", "office365", "pingfederate", "samlp", "waad")
# How claims become attributes where nobody says so. The provider's tests show that there is a default, and
# its schema which modes each strategy has; that these are the defaults is a guess.
_MAPPING_MODES = {"oidc": "bind_all", "okta": "basic_profile"}
_OIDC = tuple(_MAPPING_MODES)
# Said when the connection is made, and kept by a PATCH, which can't change it (the provider's tests).
_FIXED = "map_user_id_to_id"
_SIGNED = ("samlp", "pingfederate")
# Certificates with which Microsoft signed its directories' tokens in January 2025 (recorded): the sandbox
# does not ask Microsoft which they are today.
_MICROSOFT_THUMBPRINTS = (
    "2ed8047f8e84097e9e4579912efc013c96a07f0c",
    "61371e3b9209cb2a91ea3cc34b98806e97b8d89c",
    "747fa8b79576a3d71cad00480782c09243e63148",
    "80bb7d3978bc0feea94552635b9f0d67806db007",
    "ecc43c3b5a882dc61d34762afeb67ab648f5776d",
)
_METADATA_FLAGS = (
    "claims_parameter_supported",
    "request_parameter_supported",
    "request_uri_parameter_supported",
    "require_request_uri_registration",
)


def new_connection(ids: Ids, addresses: Addresses, body: Doc) -> Doc:
    """A whole connection from a POST body (already checked)."""
    strategy, name = body["strategy"], body["name"]
    connection: Doc = {
        "id": ids.connection(),
        "options": completed(ids, strategy, _new_options(addresses, strategy, body.get("options") or {}), {}),
        "strategy": strategy,
        "name": name,
        "is_domain_connection": False,
        "authentication": {"active": True},
        "connected_accounts": {"active": False},
        "enabled_clients": [],
        "realms": [name],
    }
    if strategy in _TICKETED:
        connection["provisioning_ticket_url"] = _ticket(ids, addresses, strategy)
    if strategy == "waad":
        connection["display_name"] = name
    return connection | without_nulls({key: value for key, value in body.items() if key != "options"})


def completed(ids: Ids, strategy: str, options: Doc, current: Doc) -> Doc:
    """Options as they are kept, after a POST and after a PATCH, which replaces them as a whole.

    `current` are those before; a few things the caller can't know are carried over from there.
    """
    kept = without_nulls(options)
    if strategy == database.STRATEGY:
        return database.sealed(ids, database.completed(kept), current)
    if strategy in _SIGNED:
        return saml.completed(kept, current)
    if strategy == "adfs" and kept.get("fedMetadataXml"):
        return {**saml.from_metadata(kept["fedMetadataXml"]), **kept}
    if strategy == "waad":
        return {"waad_common_endpoint": bool(kept.get("useCommonEndpoint")), **kept}
    if strategy in _OIDC:
        return _openid(strategy, kept)
    if strategy == "google-apps" and _FIXED in current:
        return with_scope(strategy, {_FIXED: current[_FIXED], **kept})
    return with_scope(strategy, kept)


def _openid(strategy: str, options: Doc) -> Doc:
    mapping = {"mapping_mode": _MAPPING_MODES[strategy]}
    options = {"connection_settings": {"pkce": "auto"}, "attribute_map": mapping, **options}
    if options.get("oidc_metadata"):
        # Flags that a discovery document may leave out (documented: the provider's schema).
        options["oidc_metadata"] = {**dict.fromkeys(_METADATA_FLAGS, False), **options["oidc_metadata"]}
    return options


def _new_options(addresses: Addresses, strategy: str, options: Doc) -> Doc:
    """What is added once, when a connection is made: a PATCH that leaves it out removes it (recorded)."""
    if strategy == database.STRATEGY:
        return database.new_options(options)
    if strategy == "samlp":
        # The set of algorithms that Auth0 accepts from a new connection's identity provider.
        accepted = {"algorithm_profile": "v2026-1", "algorithm_exceptions": []}
        return {"assertion_decryption_settings": accepted, **options}
    if strategy == "waad":
        return {"thumbprints": list(_MICROSOFT_THUMBPRINTS), "app_domain": addresses.auth0, **options}
    return options


def _ticket(ids: Ids, addresses: Addresses, strategy: str) -> str:
    """Where the person who runs the identity provider finishes the set-up."""
    if strategy == "waad":
        return f"https://{addresses.auth0}/{addresses.tenant_name}/p/waad/{ids.alphanumeric(8)}"
    return f"https://{addresses.auth0}/p/{strategy}/{ids.alphanumeric(32 if strategy == 'ad' else 8)}"
