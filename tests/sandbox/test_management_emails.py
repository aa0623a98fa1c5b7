"""/emails/provider and /email-templates."""

from typing import Any

import pytest
from auth0.management import types

from sandbox.management.emails.schema import CREDENTIALS, TEMPLATES

from .management_driver import Management

PROVIDER, TEMPLATE = "/emails/provider", "/email-templates"
# What each service is given, and what of it is answered.
SERVICES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "mandrill": ({"api_key": "s"}, {}),
    "sendgrid": ({"api_key": "s"}, {}),
    "resend": ({"api_key": "s"}, {}),
    "sparkpost": ({"api_key": "s", "region": "eu"}, {"region": "eu"}),
    "mailgun": ({"api_key": "s", "domain": "d", "region": "eu"}, {"domain": "d", "region": "eu"}),
    "ses": ({"accessKeyId": "s", "secretAccessKey": "s", "region": "us-east-1"}, {"region": "us-east-1"}),
    "smtp": (
        {"smtp_host": "h", "smtp_port": 984, "smtp_user": "u", "smtp_pass": "s"},
        {"smtp_host": "h", "smtp_port": 984, "smtp_user": "u"},
    ),
    "azure_cs": ({"connectionString": "s"}, {}),
    "ms365": ({"tenantId": "t", "clientId": "c", "clientSecret": "s"}, {"tenantId": "t", "clientId": "c"}),
    "custom": ({}, {}),
}
WELCOME = {
    "template": "welcome_email",
    "body": "<h1>Welcome</h1>",
    "from": "shop@example.com",
    "resultUrl": "https://shop.example/welcome",
    "subject": "Welcome",
    "syntax": "liquid",
    "urlLifetimeInSeconds": 3600,
    "enabled": True,
}


@pytest.fixture
def api() -> Management:
    return Management()


def test_the_services_are_all_there() -> None:
    assert set(SERVICES) == set(CREDENTIALS)


@pytest.mark.parametrize("name", SERVICES)
def test_a_provider_is_answered_without_its_secrets(api: Management, name: str) -> None:
    credentials, shown = SERVICES[name]
    body = {"name": name, "default_from_address": "shop@example.com", "credentials": credentials}
    expected = {**body, "enabled": True, "credentials": shown}
    assert api.post(PROVIDER, body) == expected
    assert api.get(PROVIDER) == expected
    types.GetEmailProviderResponseContent.model_validate(expected)
    stored = api.sandbox.store.get("settings", "email_provider") or {}
    assert stored["credentials"] == credentials


def test_a_tenant_has_one_provider_or_none(api: Management) -> None:
    nothing = {
        "statusCode": 404,
        "error": "Not Found",
        "message": "There is not a configured email provider",
        "errorCode": "inexistent_email_provider",
    }
    assert api.get(PROVIDER, 404) == nothing
    assert api.patch(PROVIDER, {"enabled": False}, 404) == nothing
    body = {"name": "sendgrid", "credentials": {"api_key": "s"}}
    api.post(PROVIDER, body)
    assert api.post(PROVIDER, body, 409)["error"] == "Conflict"
    for _ in range(2):
        assert api.delete(PROVIDER) is None
    assert api.get(PROVIDER, 404) == nothing


def test_a_change_keeps_the_credentials_it_does_not_name(api: Management) -> None:
    settings = {"message": {"view_content_link": True}}
    api.post(PROVIDER, {"name": "mandrill", "credentials": {"api_key": "s"}, "settings": settings})
    assert api.patch(PROVIDER, {"enabled": False})["settings"] == settings
    assert (api.sandbox.store.get("settings", "email_provider") or {})["credentials"] == {"api_key": "s"}
    smtp = SERVICES["smtp"]
    changed = api.patch(PROVIDER, {"name": "smtp", "credentials": smtp[0], "settings": None})
    assert changed == {"name": "smtp", "enabled": False, "credentials": smtp[1]}


def test_fields_choose_what_is_answered(api: Management) -> None:
    api.post(PROVIDER, {"name": "custom", "credentials": {}})
    assert api.get(f"{PROVIDER}?fields=name%2Csettings&include_fields=true") == {"name": "custom"}


def test_an_export_without_secrets_can_be_sent_back(api: Management) -> None:
    credentials, shown = SERVICES["ses"]
    api.post(PROVIDER, {"name": "ses", "credentials": credentials})
    assert api.patch(PROVIDER, api.get(PROVIDER))["credentials"] == shown


@pytest.mark.parametrize(
    "body",
    [
        {"name": "sendgrid"},
        {"name": "pigeon", "credentials": {}},
        {"name": "mailgun", "credentials": {"api_key": "s"}},
        {"name": "ses", "credentials": {"api_key": "s"}},
        {"name": "smtp", "credentials": {"smtp_host": "h", "smtp_port": 70_000, "smtp_pass": "s"}},
        {"name": "sparkpost", "credentials": {"api_key": "s", "region": "moon"}},
    ],
)
def test_what_a_service_does_not_take(api: Management, body: dict[str, Any]) -> None:
    assert "Payload validation error: " in api.refused("POST", PROVIDER, body)
    api.get(PROVIDER, 404)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_made_once_and_changed_after_that(api: Management, name: str) -> None:
    path = f"{TEMPLATE}/{name}"
    assert api.get(path, 404)["errorCode"] == "inexistent_email_template"
    api.patch(path, {"enabled": True}, 404)
    body = {**WELCOME, "template": name}
    made = api.post(TEMPLATE, body)
    assert made == {**body, "includeEmailInRedirect": False}
    types.GetEmailTemplateResponseContent.model_validate(made)
    api.post(TEMPLATE, body, 409)
    assert api.patch(path, {"template": name, "enabled": False}) == {**made, "enabled": False}
    assert api.get(path) == {**made, "enabled": False}


def test_a_put_replaces_or_makes_a_template(api: Management) -> None:
    path = f"{TEMPLATE}/welcome_email"
    short = {"template": "welcome_email", "subject": "Hello"}
    for _ in range(2):
        api.put(path, WELCOME)
        assert api.put(path, short) == {
            **short,
            "syntax": "liquid",
            "includeEmailInRedirect": False,
            "enabled": False,
        }


def test_a_template_keeps_its_name(api: Management) -> None:
    api.post(TEMPLATE, WELCOME)
    assert api.patch(f"{TEMPLATE}/welcome_email", {"template": "reset_email"})["template"] == "welcome_email"
    api.get(f"{TEMPLATE}/reset_email", 404)


def test_an_unknown_template_is_refused(api: Management) -> None:
    assert api.get(f"{TEMPLATE}/goodbye_email", 400)["errorCode"] == "invalid_uri"
    assert "No enum match" in api.refused("POST", TEMPLATE, {"template": "goodbye_email"})
