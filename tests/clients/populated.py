"""A tenant with one of everything that auth0-deploy-cli carries from one tenant to another."""

from typing import Any

from .lives import CODE, TRIGGER
from .lives_of_settings import SINKS, THEME

# What the tool exports as a placeholder: who imports knows the value.
SECRETS = {"AUTH0_KEYWORD_REPLACE_MAPPINGS": '{"CONNECTIONS_GITHUB_SECRET": "s"}'}


def populate(api: Any) -> None:
    """Fill a fresh tenant through the Management API."""
    applications(api)
    people(api)
    actions(api)
    pages(api)
    protection(api)
    streams(api)
    profiles(api)


def applications(api: Any) -> None:
    api.resource_servers.create(
        identifier="https://orders.example/",
        name="Orders",
        scopes=[{"value": "read:orders", "description": "See orders"}],
        token_lifetime=600,
    )
    shop = api.clients.create(
        name="Shop",
        app_type="regular_web",
        callbacks=["https://shop.example/callback"],
        grant_types=["authorization_code", "refresh_token"],
        client_metadata={"team": "web"},
    )
    robot = api.clients.create(name="Robot", app_type="non_interactive", grant_types=["client_credentials"])
    api.client_grants.create(
        client_id=robot.client_id, audience="https://orders.example/", scope=["read:orders"]
    )
    # The tool adds the last option to every database that it writes, by a default of its own.
    options = {"disable_signup": True, "disable_self_service_change_password": False}
    default = next(iter(api.connections.list(strategy=["auth0"], take=10)))
    api.connections.update(
        default.id, options={**default.options, "disable_self_service_change_password": False}
    )
    people = api.connections.create(name="People", strategy="auth0", options=options)
    api.connections.clients.update(people.id, request=[{"client_id": shop.client_id, "status": True}])
    github = api.connections.create(
        name="github", strategy="github", options={"client_id": "i", "client_secret": "s"}
    )
    api.connections.clients.update(github.id, request=[{"client_id": shop.client_id, "status": True}])


def people(api: Any) -> None:
    role = api.roles.create(name="Clerk", description="Sees orders")
    api.roles.permissions.add(
        role.id,
        permissions=[
            {"resource_server_identifier": "https://orders.example/", "permission_name": "read:orders"}
        ],
    )
    acme = api.organizations.create(name="acme", display_name="Acme", metadata={"tier": "gold"})
    found = next(one for one in api.connections.list(take=50) if one.name == "People")
    api.organizations.enabled_connections.add(
        acme.id, connection_id=found.id, assign_membership_on_login=True
    )


def actions(api: Any) -> None:
    made = api.actions.create(name="Greet", supported_triggers=TRIGGER, code=CODE, runtime="node22")
    api.actions.get(made.id)
    api.actions.deploy(made.id)
    api.actions.triggers.bindings.update_many(
        "post-login",
        bindings=[{"ref": {"type": "action_id", "value": made.id}, "display_name": "Greet"}],
    )


def pages(api: Any) -> None:
    api.tenants.settings.update(friendly_name="Acme", session_lifetime=100, idle_session_lifetime=50)
    api.branding.update(logo_url="https://acme.example/logo.png", colors={"primary": "#635dff"})
    api.branding.themes.create(**THEME, display_name="Acme")
    api.prompts.update_settings(identifier_first=True)
    api.prompts.custom_text.set("login", "en", request={"login": {"title": "Hello"}})
    api.email_templates.create(
        template="welcome_email",
        body="<p>Hello</p>",
        from_="a@acme.example",
        subject="Hello",
        syntax="liquid",
        enabled=True,
    )


def protection(api: Any) -> None:
    api.attack_protection.brute_force_protection.update(max_attempts=5)
    api.attack_protection.suspicious_ip_throttling.update(enabled=False)
    api.guardian.factors.set("otp", enabled=True)


def streams(api: Any) -> None:
    api.log_streams.create(request={"name": "Logs", "type": "http", "sink": SINKS["http"]})
    api.flows.create(name="Flow")
    api.forms.create(name="Form", languages={"primary": "en"})


def profiles(api: Any) -> None:
    """What came to Auth0 last."""
    api.actions.modules.create(name="tools", code="module.exports = { one: 1 };", publish=True)
    api.user_attribute_profiles.create(
        name="People",
        user_attributes={
            "email": {
                "description": "Where to write",
                "label": "E-mail",
                "profile_required": True,
                "auth0_mapping": "email",
            }
        },
    )
    api.connection_profiles.create(name="Partners")
    api.self_service_profiles.create(name="Partners")
    api.network_acls.create(
        description="Friends",
        active=True,
        priority=1,
        rule={
            "action": {"allow": True},
            "scope": "management",
            "match": {"ipv4_cidrs": ["198.51.100.0/24"]},
        },
    )
    api.event_streams.create(
        request={
            "name": "Users",
            "subscriptions": [{"event_type": "user.created"}],
            "destination": {
                "type": "webhook",
                "configuration": {
                    "webhook_endpoint": "https://acme.example/events",
                    "webhook_authorization": {"method": "bearer", "token": "t"},
                },
            },
        }
    )
    exchange = api.actions.create(
        name="Exchange",
        supported_triggers=[{"id": "custom-token-exchange", "version": "v1"}],
        code="exports.onExecuteCustomTokenExchange = async () => {};",
        runtime="node22",
    )
    api.actions.get(exchange.id)
    api.actions.deploy(exchange.id)
    api.token_exchange_profiles.create(
        name="Partners",
        subject_token_type="urn:partner:token",
        action_id=exchange.id,
        type="custom_authentication",
    )
    api.branding.phone.templates.create(
        type="otp_verify",
        disabled=False,
        content={"from": "+15005550006", "body": {"text": "{{ code }}", "voice": "{{ code }}"}},
    )
    api.branding.phone.providers.create(
        name="twilio",
        credentials={"auth_token": "t"},
        configuration={"sid": "AC1", "default_from": "+15005550006", "delivery_methods": ["text"]},
    )
    # Without its credentials, which don't travel.
    api.flows.vault.connections.create(request={"name": "Mail", "app_id": "HTTP"})
