"""Users that an identity provider pushes: /connections/{id}/scim-configuration and its tokens.

Documented: https://auth0.com/docs/api/management/v2/connections/get-scim-configuration and the shapes of
Auth0's SDKs; the refusals with 404: the provider's acceptance tests. Not documented: the default mapping,
which is the one public projects tell of, and the words of other refusals. Nothing is provisioned here: the
SCIM endpoint itself is not served.
"""

from ...errors import Auth0Error, conflict, not_found
from ...store import Doc
from .. import paging
from ..documents import find, public
from ..routing import Answer, Call, Operation
from ..schema import array, integer, nullable, record, text
from .lookup import KIND as CONNECTIONS
from .lookup import missing

KIND = "scim_configurations"
TOKENS = "scim_tokens"
_STRATEGIES = ("samlp", "oidc", "okta", "waad", "google-apps")
_MOST_TOKENS = 2
# No limit is documented; the end has to be a date.
_LONGEST = 2**31 - 1
_SCOPES = ("get:users", "post:users", "put:users", "patch:users", "delete:users")

_MAPPING = array(record({"auth0": text(1), "scim": text(1)}, ("auth0", "scim")))
_CHANGEABLE = {"user_id_attribute": text(1), "mapping": _MAPPING}
_CREATE = nullable(record(_CHANGEABLE))
_UPDATE = record(_CHANGEABLE, required=("user_id_attribute", "mapping"))
_CREATE_TOKEN = nullable(
    record(
        {
            "scopes": nullable(array(text(choices=_SCOPES), 1)),
            "token_lifetime": nullable(integer(900, _LONGEST)),
        }
    )
)
# By attribute of SCIM: a member of the profile, or one of app_metadata.
_PROFILE = {
    "emails[primary eq true].value": "email",
    "active": "blocked",
    "displayName": "name",
    "name.givenName": "given_name",
    "name.familyName": "family_name",
    "nickName": "nickname",
    'photos[type eq "photo"].value': "picture",
}
_METADATA = {
    "externalId": "external_id",
    'phoneNumbers[type eq "work"].value': "work_phone_number",
    'phoneNumbers[type eq "home"].value': "home_phone_number",
    'phoneNumbers[type eq "mobile"].value': "mobile_phone_number",
    'addresses[type eq "work"].streetAddress': "street_address",
    'addresses[type eq "work"].locality': "city",
    'addresses[type eq "work"].region': "state",
    'addresses[type eq "work"].postalCode': "postal_code",
    'addresses[type eq "work"].formatted': "postal_address",
    'addresses[type eq "work"].country': "country",
    "profileUrl": "profile_url",
    "userType": "user_type",
    "title": "title",
    "preferredLanguage": "language",
    "locale": "locale",
    "timezone": "timezone",
    "entitlements": "entitlements",
    "roles": "roles",
}
_ENTERPRISE = {
    "employeeNumber": "employee_id",
    "costCenter": "cost_center",
    "organization": "organization",
    "division": "division",
    "department": "department",
    "manager": "manager",
}
_EXTENSION = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def default_mapping(strategy: str) -> list[Doc]:
    """Which attribute of SCIM becomes which of Auth0's."""
    metadata = {**_METADATA, **{f"{_EXTENSION}.{name}": kept for name, kept in _ENTERPRISE.items()}}
    mapping = {
        "userName": "username" if strategy == "samlp" else "preferred_username",
        **_PROFILE,
        **{scim: f"app_metadata.{kept}" for scim, kept in metadata.items()},
    }
    return [{"scim": scim, "auth0": auth0} for scim, auth0 in mapping.items()]


def _missing() -> Auth0Error:
    return not_found("Not Found", "inexistent_scim_configuration")


def _connection(call: Call) -> Doc:
    connection = find(call, CONNECTIONS, missing())
    if connection["strategy"] not in _STRATEGIES:
        raise not_found("This connection type does not support SCIM.", "operation_not_supported")
    return connection


def list_configurations(call: Call) -> Answer:
    return paging.checkpoint(call, KIND, call.sandbox.store.all(KIND), public)


def get_configuration(call: Call) -> Answer:
    _connection(call)
    return Answer(find(call, KIND, _missing()))


def create_configuration(call: Call) -> Answer:
    connection, sandbox = _connection(call), call.sandbox
    if sandbox.store.get(KIND, connection["id"]) is not None:
        raise conflict(
            "A SCIM configuration already exists for the connection", "scim_configuration_conflict"
        )
    strategy, now = connection["strategy"], sandbox.clock.iso()
    configuration = {
        "connection_id": connection["id"],
        "connection_name": connection["name"],
        "strategy": strategy,
        "tenant_name": sandbox.addresses.tenant_name,
        "user_id_attribute": "userName" if strategy == "samlp" else "externalId",
        "mapping": default_mapping(strategy),
        "created_at": now,
        "updated_on": now,
        **(call.body or {}),
    }
    sandbox.store.put(KIND, connection["id"], configuration)
    return Answer(configuration, 201)


def update_configuration(call: Call) -> Answer:
    _connection(call)
    changed = {**find(call, KIND, _missing()), **call.body, "updated_on": call.sandbox.clock.iso()}
    call.sandbox.store.put(KIND, call.params["id"], changed)
    return Answer(changed)


def delete_configuration(call: Call) -> Answer:
    """Takes its tokens along."""
    _connection(call)
    find(call, KIND, _missing())
    with call.sandbox.store.atomic():
        call.sandbox.store.delete(KIND, call.params["id"])
        call.sandbox.store.delete(TOKENS, call.params["id"])
    return Answer(status=204)


def get_default_mapping(call: Call) -> Answer:
    return Answer({"mapping": default_mapping(_connection(call)["strategy"])})


def list_tokens(call: Call) -> Answer:
    """A plain array; the secret half of a token is shown once, when it is made."""
    return Answer([public(token) for token in _tokens(call)])


def create_token(call: Call) -> Answer:
    tokens, sandbox, body = _tokens(call), call.sandbox, call.body or {}
    if len(tokens) >= _MOST_TOKENS:
        raise conflict("The maximum number of SCIM tokens for the connection is 2", "scim_token_conflict")
    token = {
        "token_id": sandbox.ids.prefixed("tok"),
        "scopes": body.get("scopes") or list(_SCOPES),
        "created_at": sandbox.clock.iso(),
    }
    if body.get("token_lifetime"):
        token["valid_until"] = sandbox.clock.iso(sandbox.clock.now() + body["token_lifetime"])
    sandbox.store.put(TOKENS, call.params["id"], {"tokens": [*tokens, token]})
    return Answer({**token, "token": f"{token['token_id']}.{sandbox.ids.token(64)}"}, 201)


def delete_token(call: Call) -> Answer:
    kept = [token for token in _tokens(call) if token["token_id"] != call.params["token"]]
    call.sandbox.store.put(TOKENS, call.params["id"], {"tokens": kept})
    return Answer(status=204)


def _tokens(call: Call) -> list[Doc]:
    _connection(call)
    find(call, KIND, _missing())
    stored = call.sandbox.store.get(TOKENS, call.params["id"]) or {"tokens": []}
    return list(stored["tokens"])


_ONE = "/connections/{id}/scim-configuration"
_TOKENS = f"{_ONE}/tokens"

OPERATIONS = (
    Operation("GET", "/connections-scim-configurations", list_configurations, ("read:scim_config",)),
    Operation("GET", _ONE, get_configuration, ("read:scim_config",)),
    Operation("POST", _ONE, create_configuration, ("create:scim_config",), _CREATE),
    Operation("PATCH", _ONE, update_configuration, ("update:scim_config",), _UPDATE),
    Operation("DELETE", _ONE, delete_configuration, ("delete:scim_config",)),
    Operation("GET", f"{_ONE}/default-mapping", get_default_mapping, ("read:scim_config",)),
    Operation("GET", _TOKENS, list_tokens, ("read:scim_token",)),
    Operation("POST", _TOKENS, create_token, ("create:scim_token",), _CREATE_TOKEN),
    Operation("DELETE", f"{_TOKENS}/{{token}}", delete_token, ("delete:scim_token",)),
)
