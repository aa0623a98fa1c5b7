"""Users, roles, organizations, and the connections that people come by."""

import pulumi
import pulumi_auth0 as auth0


def declare(later: bool) -> None:
    database = _connections(later)
    api = auth0.ResourceServer("people-api", identifier="https://people.example", name="People")
    scopes = auth0.ResourceServerScopes(
        "people-scopes",
        resource_server_identifier=api.identifier,
        scopes=[{"name": "read:people"}, {"name": "write:people"}],
    )
    after = pulumi.ResourceOptions(depends_on=[scopes])
    reader = auth0.Role("reader", name="Reader", description="Reads all" if later else "Reads")
    names = ["read:people", "write:people"] if later else ["read:people"]
    auth0.RolePermissions(
        "reader-permissions",
        role_id=reader.id,
        permissions=[{"name": name, "resource_server_identifier": api.identifier} for name in names],
        opts=after,
    )
    ada = auth0.User(
        "ada",
        connection_name=database.name,
        email="ada@people.example",
        password="correct-Horse-battery-9",
        email_verified=True,
        name="Ada Lovelace" if later else "Ada",
        user_metadata='{"colour":"green"}' if later else '{"colour":"blue"}',
        app_metadata='{"level":2}' if later else '{"level":1}',
    )
    auth0.UserRoles("ada-roles", user_id=ada.id, roles=[reader.id])
    auth0.UserPermissions(
        "ada-permissions",
        user_id=ada.id,
        permissions=[{"name": "read:people", "resource_server_identifier": api.identifier}],
        opts=after,
    )
    _organization(later, database, ada, reader)


def _connections(later: bool) -> auth0.Connection:
    database = auth0.Connection(
        "database",
        name="People",
        strategy="auth0",
        options={
            "password_policy": "excellent" if later else "good",
            "brute_force_protection": True,
            "disable_signup": later,
            "password_histories": [{"enable": True, "size": 3}],
            "password_complexity_options": {"min_length": 12 if later else 10},
        },
    )
    client = auth0.Client("people-client", name="People's app", app_type="regular_web")
    auth0.ConnectionClients("database-clients", connection_id=database.id, enabled_clients=[client.id])
    auth0.Connection(
        "sms",
        name="sms",
        strategy="sms",
        options={
            "name": "sms",
            "from_": "+15005550006",
            "syntax": "liquid",
            "template": "Your code: {{ code }}" if later else "Code: {{ code }}",
            "totp": {"time_step": 300, "length": 6},
            "provider": "sms_gateway",
            "gateway_url": "https://gateway.example/sms",
            "forward_request_info": True,
            "disable_signup": False,
            "brute_force_protection": True,
            "gateway_authentication": {
                "method": "bearer",
                "subject": "auth0",
                "audience": "https://gateway.example",
                "secret": "not-a-secret-at-all",
                "secret_base64_encoded": False,
            },
        },
    )
    auth0.Connection(
        "email",
        name="email",
        strategy="email",
        options={
            "name": "email",
            "from_": "shop@people.example",
            "subject": "Welcome" if later else "Hello",
            "syntax": "liquid",
            "template": "<html>{{ code }}</html>",
            "totp": {"time_step": 300, "length": 6},
            "disable_signup": False,
            "brute_force_protection": True,
        },
    )
    auth0.Connection(
        "google",
        name="google",
        strategy="google-oauth2",
        options={
            "client_id": "google-client",
            "client_secret": "google-secret",
            "scopes": ["email", "profile", "gmail"] if later else ["email", "profile"],
        },
    )
    return database


def _organization(later: bool, database: auth0.Connection, ada: auth0.User, reader: auth0.Role) -> None:
    acme = auth0.Organization(
        "acme",
        name="acme",
        display_name="Acme Ltd" if later else "Acme",
        branding={"logo_url": "https://acme.example/logo.png", "colors": {"primary": "#123456"}},
        metadata={"plan": "gold" if later else "silver"},
    )
    auth0.OrganizationConnection(
        "acme-people",
        organization_id=acme.id,
        connection_id=database.id,
        assign_membership_on_login=later,
        show_as_button=True,
    )
    member = auth0.OrganizationMember("acme-ada", organization_id=acme.id, user_id=ada.id)
    auth0.OrganizationMemberRoles(
        "acme-ada-roles",
        organization_id=acme.id,
        user_id=ada.id,
        roles=[reader.id],
        opts=pulumi.ResourceOptions(depends_on=[member]),
    )
