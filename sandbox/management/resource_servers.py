"""APIs: /resource-servers, found by id or by identifier."""

from urllib.parse import unquote, urlsplit

from cryptography import x509

from ..context import Addresses
from ..errors import Auth0Error, conflict, invalid_body, not_found, refusal
from ..ids import Ids
from ..store import Doc
from . import paging
from .documents import patched, public, without_nulls
from .keys.certificates import thumbprint_sha256
from .routing import Answer, Call, Operation
from .schema import array, flag, integer, nullable, record, text

KIND = "resource_servers"
_SUBJECTS = "subject_type_authorization"

_SCOPES = array(
    record({"value": text(1, 280), "description": nullable(text(0, 500))}, required=("value",)),
    about="List of permissions (scopes) that this API uses",
)
_DIALECTS = ("access_token", "access_token_authz", "rfc9068_profile", "rfc9068_profile_authz")
_ENCRYPTION_KEY = record({"name": text(), "alg": text(), "kid": text(), "pem": text()}, open_ended=True)
_ENCRYPTION = record({"format": text(), "encryption_key": nullable(_ENCRYPTION_KEY)}, open_ended=True)
_CHANGEABLE = {
    "name": text(1, 200, pattern="^[^<>]*$"),
    "scopes": _SCOPES,
    "signing_alg": text(choices=("HS256", "RS256", "RS512", "PS256")),
    "signing_secret": text(16),
    "allow_offline_access": flag(),
    "allow_online_access": flag(),
    "allow_online_access_with_ephemeral_sessions": flag(),
    "token_lifetime": integer(0, 2592000),
    "token_lifetime_for_web": integer(0, 2592000),
    "token_lifetime_for_anonymous_access_tokens": integer(0, 2592000),
    "token_dialect": text(choices=_DIALECTS),
    "skip_consent_for_verifiable_first_party_clients": flag(),
    "enforce_policies": flag(),
    "access_token": nullable(record()),
    "token_encryption": nullable(_ENCRYPTION),
    "consent_policy": nullable(text(choices=("transactional-authorization-with-mfa",))),
    "require_consent_non_repudiation": flag(),
    "authorization_details": nullable(array()),
    "proof_of_possession": nullable(record()),
    "subject_type_authorization": record(),
    "authorization_policy": nullable(record()),
}
_CREATE = record({"identifier": text(1, 600), **_CHANGEABLE}, required=("identifier",))
_UPDATE = record(_CHANGEABLE)
_READ = ("read:resource_servers",)
_FIXED_MEMBERS = ("token_lifetime", "token_lifetime_for_web")


def missing() -> Auth0Error:
    return not_found("The resource server does not exist", "inexistent_resource_server")


def new_resource_server(ids: Ids, body: Doc) -> Doc:
    """A whole API from a POST body, with Auth0's defaults (recorded)."""
    api = {
        "id": ids.resource_server(),
        "allow_offline_access": False,
        "skip_consent_for_verifiable_first_party_clients": False,
        "token_lifetime": 86400,
        "token_lifetime_for_web": 7200,
        "signing_alg": "RS256",
        **_kept(body),
    }
    subjects = {**_policies("require_client_grant", "allow_all"), **(api.get(_SUBJECTS) or {})}
    return _signing(ids, {**api, _SUBJECTS: subjects})


def _signing(ids: Ids, api: Doc) -> Doc:
    """An API whose tokens are signed with a secret has one, the caller's or one of Auth0's."""
    if api["signing_alg"] == "HS256" and not api.get("signing_secret"):
        return {**api, "signing_secret": ids.alphanumeric(32)}
    return api


def management_api(ids: Ids, addresses: Addresses, scopes: list[str]) -> Doc:
    """The tenant's own API, which nobody can change or delete."""
    return new_resource_server(
        ids,
        {
            "name": "Auth0 Management API",
            "identifier": addresses.management_audience,
            "scopes": [{"value": scope, "description": _sentence(scope)} for scope in scopes],
        },
    ) | {"is_system": True}


def _policies(client: str, user: str) -> Doc:
    """Who may get a token for an API: an application for itself, and one on a person's behalf."""
    return {"client": {"policy": client}, "user": {"policy": user}}


def _sentence(scope: str) -> str:
    verb, _, thing = scope.partition(":")
    return f"{verb.capitalize()} {thing.replace('_', ' ').title()}"


def _is_my_account(addresses: Addresses, identifier: str) -> bool:
    """/me/ on an Auth0 domain is the tenant's My Account API, whoever asks for it."""
    try:
        parts = urlsplit(identifier)
    except ValueError:
        # An identifier may be any text, `http://[` too.
        return False
    return parts.path == "/me/" and (parts.netloc == addresses.auth0 or parts.netloc.endswith(".auth0.com"))


def _my_account() -> Doc:
    """The My Account API: creating it switches a system API on instead of making one (recorded)."""
    things = "connected_accounts"
    return {
        "name": "Auth0 My Account API",
        "allow_offline_access": True,
        "skip_consent_for_verifiable_first_party_clients": True,
        "subject_type_authorization": _policies("deny_all", "require_client_grant"),
        "token_lifetime": 600,
        "token_lifetime_for_web": 600,
        "proof_of_possession": {"mechanism": "dpop", "required": False},
        "scopes": [
            {"value": f"{verb}:me:{things}", "description": f"{verb.capitalize()} Connected Accounts"}
            for verb in ("create", "read", "delete")
        ],
        "is_system": True,
    }


def _kept(body: Doc) -> Doc:
    kept = without_nulls(body)
    if kept.get("token_encryption"):
        kept["token_encryption"] = _encryption(kept["token_encryption"])
    return kept


def _encryption(given: Doc) -> Doc:
    """A key is kept by its thumbprint; the PEM is never shown."""
    key = dict(given.get("encryption_key") or {})
    pem = key.pop("pem", None)
    if pem is not None:
        try:
            certificate = x509.load_pem_x509_certificate(pem.strip().encode())
        except ValueError as error:
            raise invalid_body(
                "Payload validation error: 'Invalid PEM' on property token_encryption."
            ) from error
        key["thumbprint_sha256"] = thumbprint_sha256(certificate)
    return {**given, "encryption_key": key}


def find(call: Call) -> Doc:
    """By its id or its identifier, which the provider's data source sends encoded twice (its test passes)."""
    wanted = (call.params["id"], unquote(call.params["id"]))
    for api in call.sandbox.store.all(KIND):
        if api["id"] in wanted or api["identifier"] in wanted:
            return api
    raise missing()


def view(call: Call, api: Doc) -> Doc:
    """An API, with the client that stands for it where there is one (app_type resource_server)."""
    for client in call.sandbox.store.where("clients", "resource_server_identifier", api["identifier"]):
        return {**public(api), "client_id": client["client_id"]}
    return public(api)


def list_resource_servers(call: Call) -> Answer:
    wanted = call.query.getlist("identifiers")
    apis = [api for api in call.sandbox.store.all(KIND) if not wanted or api["identifier"] in wanted]
    return paging.answer(call, KIND, apis, lambda api: view(call, api))


def get_resource_server(call: Call) -> Answer:
    return Answer(view(call, find(call)))


def create_resource_server(call: Call) -> Answer:
    store, identifier = call.sandbox.store, call.body["identifier"]
    if any(api["identifier"] == identifier for api in store.all(KIND)):
        raise conflict(
            "A resource server with the same identifier already exists", "resource_server_conflict"
        )
    api = new_resource_server(call.sandbox.ids, call.body)
    if _is_my_account(call.sandbox.addresses, identifier):
        api |= _my_account()
    store.put(KIND, api["id"], api)
    return Answer(public(api), 201)


def update_resource_server(call: Call) -> Answer:
    api = find(call)
    if api["identifier"] == call.sandbox.addresses.management_audience:
        _refuse_system(call.body)
    changed = _signing(call.sandbox.ids, patched(api, call.body, (_SUBJECTS,)))
    if call.body.get("token_encryption"):
        changed["token_encryption"] = _encryption(call.body["token_encryption"])
    call.sandbox.store.put(KIND, api["id"], changed)
    return Answer(view(call, changed))


def _refuse_system(body: Doc) -> None:
    if any(name not in _FIXED_MEMBERS for name in body):
        raise refusal(
            400, "The resource server is a system API and cannot be modified.", "operation_not_supported"
        )


def delete_resource_server(call: Call) -> Answer:
    """Takes the client grants for the API with it; deleting what isn't there succeeds."""
    store = call.sandbox.store
    try:
        api = find(call)
    except Auth0Error:
        return Answer(status=204)
    if api["identifier"] == call.sandbox.addresses.management_audience:
        raise refusal(
            400, "The resource server is a system API and cannot be deleted.", "operation_not_supported"
        )
    with store.atomic():
        store.delete(KIND, api["id"])
        for grant in store.all("client_grants"):
            if grant["audience"] == api["identifier"]:
                store.delete("client_grants", grant["id"])
    return Answer(status=204)


OPERATIONS = (
    Operation("GET", "/resource-servers", list_resource_servers, _READ),
    Operation("POST", "/resource-servers", create_resource_server, ("create:resource_servers",), _CREATE),
    Operation("GET", "/resource-servers/{id}", get_resource_server, _READ),
    Operation(
        "PATCH", "/resource-servers/{id}", update_resource_server, ("update:resource_servers",), _UPDATE
    ),
    Operation("DELETE", "/resource-servers/{id}", delete_resource_server, ("delete:resource_servers",)),
)
