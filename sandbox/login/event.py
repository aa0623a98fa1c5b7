"""The `event` an Action gets: the documented members, and none besides.

Source: auth0.com/docs/actions/reference/post-login/post-login-event-object. Absent, as on Auth0 where the
feature behind them isn't used, or where nobody between browser and tenant could know them: agent, prompt,
security_context, session_transfer_token, asn, riskAssessment, and what geoip would say of loopback.
"""

from typing import Any

from ..context import Sandbox
from ..store import Doc
from . import factors, organizations, permissions, refresh_tokens, sessions
from .incoming import Incoming, Params
from .sign_in import SignIn

_USER = (
    "user_id", "email", "email_verified", "phone_number", "phone_verified", "username", "name", "given_name",
    "family_name", "nickname", "picture", "created_at", "updated_at", "last_password_reset", "identities",
)  # fmt: skip
# Credentials are no business of an Action; Auth0 leaves the password out of `event.request.body` too.
_SECRET = ("password", "otp", "client_secret", "client_assertion", "refresh_token")


def build(sandbox: Sandbox, sign_in: SignIn, incoming: Incoming) -> Doc:
    """The event without `secrets`, which belong to one Action."""
    client, connection, user = sign_in.client(sandbox), sign_in.connection(sandbox), sign_in.user(sandbox)
    event: Doc = {
        "authentication": {"methods": sign_in.methods},
        "authorization": {"roles": [role["name"] for role in roles(sandbox, sign_in)]},
        "client": client_view(client),
        "connection": connection_view(connection),
        "request": request_view(incoming),
        "stats": {"logins_count": user.get("logins_count", 0)},
        "tenant": {"id": sandbox.addresses.tenant_name},
        "transaction": {**sign_in.transaction, "metadata": sign_in.metadata},
        "user": {**user_view(user), **_enrolled(sandbox, user)},
    }
    return event | custom_domain(sandbox, incoming.hostname) | _optional(sandbox, sign_in)


def transaction(transaction_id: str, authorization: Any, incoming: Incoming) -> Doc:
    """`event.transaction` of a browser's sign-in, without metadata."""
    return {
        "id": transaction_id,
        "acr_values": authorization.acr_values,
        "locale": incoming.language.partition("-")[0] or "en",
        "prompt": authorization.prompts,
        "protocol": _protocol(authorization.response_types),
        "redirect_uri": authorization.redirect_uri,
        "requested_authorization_details": [],
        "requested_scopes": authorization.scopes,
        "response_mode": authorization.response_mode,
        "response_type": authorization.response_types,
        "ui_locales": authorization.ui_locales,
        **_given(login_hint=authorization.login_hint, state=authorization.state),
        **_given(correlation_id=authorization.correlation_id),
    }


def back_channel_transaction(protocol: str, requested_scopes: list[str], incoming: Incoming) -> Doc:
    """`event.transaction` of a grant at /oauth/token, without metadata."""
    return {
        "acr_values": [],
        "locale": incoming.language.partition("-")[0] or "en",
        "protocol": protocol,
        "requested_authorization_details": [],
        "requested_scopes": requested_scopes,
        "ui_locales": [],
    }


def roles(sandbox: Sandbox, sign_in: SignIn) -> list[Doc]:
    """The roles that are assigned to the user, the organization's included: id, name, description."""
    ids = permissions.role_ids(sandbox, sign_in.user(sandbox), sign_in.organization)
    held = (sandbox.store.get("roles", role) for role in ids)
    return [{name: role.get(name) for name in ("id", "name", "description")} for role in held if role]


def _protocol(response_types: list[str]) -> str:
    if response_types == ["device_code"]:
        return "oauth2-device-code"
    if response_types == ["code"]:
        return "oidc-basic-profile"
    return "oidc-hybrid-profile" if "code" in response_types else "oidc-implicit-profile"


def _optional(sandbox: Sandbox, sign_in: SignIn) -> Doc:
    session = sessions.find(sandbox, sign_in.session_key)
    token = refresh_tokens.find(sandbox, sign_in.refresh_token_key)
    organization = organizations.find(sandbox, sign_in.organization)
    return {
        **({"session": sessions.event_view(sandbox, session)} if session else {}),
        **({"refresh_token": refresh_tokens.event_view(sandbox, token)} if token else {}),
        **({"resource_server": {"identifier": sign_in.audience}} if sign_in.audience else {}),
        **({"organization": organization_view(organization)} if organization else {}),
    }


def request_view(incoming: Incoming, *, query: bool = True, body: bool = True) -> Doc:
    """`event.request`; not every trigger's has query and body."""
    return {
        "method": incoming.method,
        "hostname": incoming.hostname,
        "ip": incoming.ip,
        "geoip": {},
        **({"query": _public(incoming.query)} if query else {}),
        **({"body": _public(incoming.body)} if body else {}),
        **({"language": incoming.language} if incoming.language else {}),
        **({"user_agent": incoming.user_agent} if incoming.user_agent else {}),
    }


def client_view(client: Doc) -> Doc:
    return _named(client, "client_id", client.get("client_metadata"))


def connection_view(connection: Doc) -> Doc:
    return {**_named(connection, "id", connection.get("metadata")), "strategy": connection["strategy"]}


def organization_view(organization: Doc) -> Doc:
    return {
        "id": organization["id"],
        "name": organization["name"],
        "display_name": organization.get("display_name", organization["name"]),
        "metadata": organization.get("metadata") or {},
    }


def custom_domain(sandbox: Sandbox, hostname: str) -> Doc:
    """{"custom_domain": …} for a request that came by one, else {}."""
    for known in sandbox.store.where("custom_domains", "domain", hostname.partition(":")[0]):
        shown = {"domain": known["domain"], "domain_metadata": known.get("domain_metadata") or {}}
        return {"custom_domain": shown}
    return {}


def user_view(user: Doc) -> Doc:
    """`event.user`, without the factors that are enrolled."""
    return {
        "app_metadata": user.get("app_metadata") or {},
        "user_metadata": user.get("user_metadata") or {},
        "email_verified": False,
        **{name: user[name] for name in _USER if user.get(name) is not None},
    }


def _enrolled(sandbox: Sandbox, user: Doc) -> Doc:
    found = factors.enrolled(sandbox, user["user_id"])
    return {
        "enrolledFactors": [{"type": kind, "method": method} for kind, method in factors.described(found)],
        "multifactor": ["guardian"] if found else [],
    }


def _named(doc: Doc, identifier: str, metadata: Doc | None) -> Doc:
    return {identifier: doc[identifier], "name": doc.get("name", ""), "metadata": metadata or {}}


def _public(parameters: Params) -> Params:
    return {name: value for name, value in parameters.items() if name not in _SECRET}


def _given(**values: str | None) -> Doc:
    return {name: value for name, value in values.items() if value is not None}
