"""The `event` an Action gets: the documented members, and none besides.

Source: auth0.com/docs/actions/reference/post-login/post-login-event-object. Absent, as for a plain tenant:
agent, custom_domain, organization, prompt, security_context, session_transfer_token, asn, riskAssessment.
"""

from typing import Any

from ..context import Sandbox
from ..store import Doc
from . import refresh_tokens, sessions
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
        "authorization": {"roles": []},
        "client": _named(client, "client_id", client.get("client_metadata")),
        "connection": {
            **_named(connection, "id", connection.get("metadata")),
            "strategy": connection["strategy"],
        },
        "request": _request(incoming),
        "stats": {"logins_count": user.get("logins_count", 0)},
        "tenant": {"id": sandbox.addresses.tenant_name},
        "transaction": {**sign_in.transaction, "metadata": sign_in.metadata},
        "user": _user(user),
    }
    return event | _optional(sandbox, sign_in)


def transaction(transaction_id: str, authorization: Any, incoming: Incoming) -> Doc:
    """`event.transaction` of a browser's sign-in, without metadata."""
    return {
        "id": transaction_id,
        "acr_values": authorization.acr_values,
        "locale": incoming.language.partition("-")[0] or "en",
        "prompt": authorization.prompts,
        "protocol": "oidc-basic-profile",
        "redirect_uri": authorization.redirect_uri,
        "requested_authorization_details": [],
        "requested_scopes": authorization.scopes,
        "response_mode": authorization.response_mode,
        "response_type": ["code"],
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


def _optional(sandbox: Sandbox, sign_in: SignIn) -> Doc:
    session = sessions.find(sandbox, sign_in.session_key)
    token = refresh_tokens.find(sandbox, sign_in.refresh_token_key)
    return {
        **({"session": sessions.event_view(sandbox, session)} if session else {}),
        **({"refresh_token": refresh_tokens.event_view(sandbox, token)} if token else {}),
        **({"resource_server": {"identifier": sign_in.audience}} if sign_in.audience else {}),
    }


def _request(incoming: Incoming) -> Doc:
    return {
        "method": incoming.method,
        "hostname": incoming.hostname,
        "ip": incoming.ip,
        "query": _public(incoming.query),
        "body": _public(incoming.body),
        "geoip": {},
        **({"language": incoming.language} if incoming.language else {}),
        **({"user_agent": incoming.user_agent} if incoming.user_agent else {}),
    }


def _user(user: Doc) -> Doc:
    return {
        "app_metadata": user.get("app_metadata") or {},
        "user_metadata": user.get("user_metadata") or {},
        "email_verified": False,
        "enrolledFactors": [],
        "multifactor": [],
        **{name: user[name] for name in _USER if user.get(name) is not None},
    }


def _named(doc: Doc, identifier: str, metadata: Doc | None) -> Doc:
    return {identifier: doc[identifier], "name": doc.get("name", ""), "metadata": metadata or {}}


def _public(parameters: Params) -> Params:
    return {name: value for name, value in parameters.items() if name not in _SECRET}


def _given(**values: str | None) -> Doc:
    return {name: value for name, value in values.items() if value is not None}
