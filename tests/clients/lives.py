"""The life of each resource through Auth0's Python SDK: made, listed, read, changed, removed.

Each function is one test; it takes the SDK's client and returns nothing. What the SDK's types refuse raises
there; what a step is about is asserted here.
"""

from typing import Any

import pytest
from auth0.management.core.api_error import ApiError

PASSWORD = "Correct-horse-9-battery"
CODE = "exports.onExecutePostLogin = async () => {};"
TRIGGER = [{"id": "post-login", "version": "v3"}]


def gone(call: Any, *arguments: Any) -> None:
    """Expect a 404."""
    with pytest.raises(ApiError) as refused:
        call(*arguments)
    assert refused.value.status_code == 404


def user(api: Any, email: str = "ada@example.com") -> str:
    made = api.users.create(
        connection="Username-Password-Authentication", email=email, password=PASSWORD, email_verified=True
    )
    return str(made.user_id)


def database(api: Any) -> str:
    found = list(api.connections.list(strategy=["auth0"], take=10))
    return str(found[0].id)


def client(api: Any, name: str = "App", **members: Any) -> str:
    return str(api.clients.create(name=name, **members).client_id)


def organization(api: Any, name: str = "acme") -> str:
    return str(api.organizations.create(name=name, display_name="Acme").id)


def actions(api: Any) -> None:
    made = api.actions.create(
        name="One", supported_triggers=TRIGGER, code=CODE, secrets=[{"name": "K", "value": "v"}]
    )
    assert made.id in [one.id for one in api.actions.list(action_name="One", per_page=50)]
    assert api.actions.get(made.id).status == "built"
    version = api.actions.deploy(made.id)
    assert api.actions.versions.get(made.id, version.id).number == 1
    assert [one.id for one in api.actions.versions.list(made.id)] == [version.id]
    assert api.actions.update(made.id, code=CODE + "\n").code == CODE + "\n"
    bound = {"ref": {"type": "action_id", "value": made.id}, "display_name": "One"}
    assert len(api.actions.triggers.bindings.update_many("post-login", bindings=[bound]).bindings) == 1
    assert len(list(api.actions.triggers.bindings.list("post-login"))) == 1
    with pytest.raises(ApiError):
        api.actions.delete(made.id)
    api.actions.triggers.bindings.update_many("post-login", bindings=[])
    assert "post-login" in [trigger.id for trigger in api.actions.triggers.list().triggers]
    api.actions.delete(made.id)
    gone(api.actions.get, made.id)


def action_modules(api: Any) -> None:
    made = api.actions.modules.create(name="tools", code="module.exports = { one: 1 };")
    assert made.id in [one.id for one in api.actions.modules.list()]
    version = api.actions.modules.versions.create(made.id)
    assert api.actions.modules.versions.get(made.id, version.id).id == version.id
    assert [one.id for one in api.actions.modules.versions.list(made.id)] == [version.id]
    api.actions.modules.update(made.id, code="module.exports = { one: 2 };")
    api.actions.modules.rollback(made.id, module_version_id=version.id)
    list(api.actions.modules.list_actions(made.id))
    api.actions.modules.delete(made.id)
    gone(api.actions.modules.get, made.id)


def clients(api: Any) -> None:
    made = api.clients.create(name="Shop", app_type="regular_web", callbacks=["https://shop.example/cb"])
    assert api.clients.get(made.client_id).name == "Shop"
    assert made.client_id in [one.client_id for one in api.clients.list(per_page=50, include_totals=True)]
    assert api.clients.update(made.client_id, description="Sells").description == "Sells"
    assert api.clients.rotate_secret(made.client_id).client_secret != made.client_secret
    list(api.clients.connections.get(made.client_id))
    api.clients.delete(made.client_id)
    gone(api.clients.get, made.client_id)


def client_credentials(api: Any) -> None:
    from .pem import PEM

    owner = client(api, app_type="non_interactive")
    made = api.clients.credentials.create(owner, credential_type="public_key", name="k", pem=PEM)
    assert [one.id for one in api.clients.credentials.list(owner)] == [made.id]
    assert api.clients.credentials.get(owner, made.id).kid == made.kid
    api.clients.credentials.update(owner, made.id, expires_at="2031-01-01T00:00:00.000Z")
    api.clients.credentials.delete(owner, made.id)


def client_grants(api: Any) -> None:
    owner = client(api, app_type="non_interactive")
    api.resource_servers.create(identifier="https://api.example/", scopes=[{"value": "read:x"}])
    made = api.client_grants.create(client_id=owner, audience="https://api.example/", scope=["read:x"])
    assert [one.id for one in api.client_grants.list(client_id=owner)] == [made.id]
    assert api.client_grants.update(made.id, scope=[]).scope == []
    api.client_grants.delete(made.id)


def connections(api: Any) -> None:
    owner = client(api)
    made = api.connections.create(name="People", strategy="auth0", options={"disable_signup": True})
    assert api.connections.get(made.id).name == "People"
    assert made.id in [one.id for one in api.connections.list(take=50)]
    api.connections.update(made.id, options={"disable_signup": False})
    api.connections.clients.update(made.id, request=[{"client_id": owner, "status": True}])
    assert [one.client_id for one in api.connections.clients.get(made.id)] == [owner]
    api.connections.delete(made.id)
    gone(api.connections.get, made.id)


STRATEGIES: dict[str, dict[str, Any]] = {
    "sms": {"from": "+15005550006", "template": "@@password@@", "provider": "sms_gateway"},
    "email": {"email": {"from": "a@example.com", "subject": "s", "body": "b", "syntax": "liquid"}},
    "google-oauth2": {"client_id": "i", "client_secret": "s", "scope": ["email", "profile"]},
    "github": {"client_id": "i", "client_secret": "s"},
    "facebook": {"client_id": "i", "client_secret": "s"},
    "oauth2": {
        "authorizationURL": "https://idp.example/a",
        "tokenURL": "https://idp.example/t",
        "client_id": "i",
        "client_secret": "s",
        "scripts": {"fetchUserProfile": "function f(a, b, c) { c(null, {}); }"},
    },
    "waad": {"client_id": "i", "client_secret": "s", "tenant_domain": "example.com", "domain": "example.com"},
    "ad": {"tenant_domain": "example.com", "domain_aliases": ["example.com"]},
}


def connections_of_other_strategies(api: Any) -> None:
    for strategy, options in STRATEGIES.items():
        name = strategy if strategy in ("sms", "email") else f"of-{strategy}"
        made = api.connections.create(name=name, strategy=strategy, options=options)
        assert api.connections.get(made.id).strategy == strategy
        api.connections.update(made.id, options=options)
        api.connections.delete(made.id)


def scim(api: Any) -> None:
    made = api.connections.create(
        name="of-okta",
        strategy="okta",
        options={"client_id": "i", "client_secret": "s", "domain": "e.okta.com", "type": "back_channel"},
    )
    api.connections.scim_configuration.create(made.id)
    found = api.connections.scim_configuration.get(made.id)
    assert api.connections.scim_configuration.get_default_mapping(made.id).mapping
    api.connections.scim_configuration.update(
        made.id, user_id_attribute="externalId", mapping=[one.model_dump() for one in found.mapping]
    )
    token = api.connections.scim_configuration.tokens.create(made.id, scopes=["get:users"])
    tokens = api.connections.scim_configuration.tokens
    assert [one.token_id for one in tokens.get(made.id)] == [token.token_id]
    tokens.delete(made.id, token.token_id)
    api.connections.scim_configuration.delete(made.id)


def resource_servers(api: Any) -> None:
    made = api.resource_servers.create(
        identifier="https://orders.example/api", name="Orders", scopes=[{"value": "read:orders"}]
    )
    assert api.resource_servers.get(made.id).identifier == made.identifier
    assert made.id in [one.id for one in api.resource_servers.list(per_page=50, include_totals=True)]
    assert api.resource_servers.update(made.id, token_lifetime=600).token_lifetime == 600
    api.resource_servers.delete(made.id)
    gone(api.resource_servers.get, made.id)


def roles(api: Any) -> None:
    api.resource_servers.create(identifier="https://r.example/", scopes=[{"value": "read:r"}])
    permission = {"resource_server_identifier": "https://r.example/", "permission_name": "read:r"}
    ada, made = user(api), api.roles.create(name="Clerk", description="d")
    assert api.roles.get(made.id).name == "Clerk"
    assert made.id in [one.id for one in api.roles.list(per_page=50, include_totals=True)]
    assert api.roles.update(made.id, description="e").description == "e"
    api.roles.permissions.add(made.id, permissions=[permission])
    assert [one.permission_name for one in api.roles.permissions.list(made.id)] == ["read:r"]
    api.roles.users.assign(made.id, users=[ada])
    assert [one.user_id for one in api.roles.users.list(made.id)] == [ada]
    api.roles.permissions.delete(made.id, permissions=[permission])
    api.roles.delete(made.id)
    gone(api.roles.get, made.id)


def users(api: Any) -> None:
    ada = user(api)
    assert api.users.get(ada).email == "ada@example.com"
    assert ada in [one.user_id for one in api.users.list(per_page=50, include_totals=True)]
    assert [one.user_id for one in api.users.list_users_by_email(email="ada@example.com")] == [ada]
    found = api.users.list(q='email:"ada@example.com"', search_engine="v3")
    assert [one.user_id for one in found] == [ada]
    assert api.users.update(ada, app_metadata={"x": 1}).app_metadata == {"x": 1}
    list(api.users.logs.list(ada))
    list(api.users.organizations.list(ada))
    api.users.delete(ada)
    gone(api.users.get, ada)


def users_and_what_they_may(api: Any) -> None:
    api.resource_servers.create(identifier="https://u.example/", scopes=[{"value": "read:u"}])
    permission = {"resource_server_identifier": "https://u.example/", "permission_name": "read:u"}
    ada, role = user(api), api.roles.create(name="R")
    api.users.roles.assign(ada, roles=[role.id])
    assert [one.id for one in api.users.roles.list(ada)] == [role.id]
    api.users.roles.delete(ada, roles=[role.id])
    api.users.permissions.create(ada, permissions=[permission])
    assert [one.permission_name for one in api.users.permissions.list(ada)] == ["read:u"]
    api.users.permissions.delete(ada, permissions=[permission])


def users_and_their_second_factors(api: Any) -> None:
    ada = user(api)
    made = api.users.authentication_methods.create(
        ada,
        type="phone",
        name="mine",
        phone_number="+15005550006",
        preferred_authentication_method="sms",
    )
    assert [one.id for one in api.users.authentication_methods.list(ada)] == [made.id]
    assert api.users.authentication_methods.get(ada, made.id).type == "phone"
    api.users.authentication_methods.update(ada, made.id, name="other")
    api.users.authentication_methods.delete(ada, made.id)
    api.users.authentication_methods.delete_all(ada)
    assert api.users.enrollments.get(ada) == []
    api.users.multifactor.invalidate_remember_browser(ada)
    assert api.users.regenerate_recovery_code(ada).recovery_code


def users_and_their_logins(api: Any) -> None:
    ada = user(api)
    list(api.users.sessions.list(ada))
    list(api.users.refresh_token.list(ada))
    api.users.sessions.delete(ada)
    api.users.refresh_token.delete(ada)
    api.user_blocks.list(ada)
    api.user_blocks.delete(ada)
    api.user_blocks.list_by_identifier(identifier="ada@example.com")
    other = user(api, "eve@example.com")
    provider, _, name = other.partition("|")
    api.users.identities.link(ada, provider=provider, user_id=name)
    assert len(api.users.get(ada).identities) == 2
    api.users.identities.delete(ada, provider, name)


LIVES = (
    actions,
    action_modules,
    clients,
    client_credentials,
    client_grants,
    connections,
    connections_of_other_strategies,
    scim,
    resource_servers,
    roles,
    users,
    users_and_what_they_may,
    users_and_their_second_factors,
    users_and_their_logins,
)
