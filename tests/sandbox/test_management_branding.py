"""/branding/phone/providers and /branding/phone/templates over HTTP."""

import re
from typing import Any

import pytest

from sandbox.testing import RunningSandbox

from .api import Api
from .phone_driver import CUSTOM

PROVIDERS = "/branding/phone/providers"
TEMPLATES = "/branding/phone/templates"
TWILIO = {
    "name": "twilio",
    "disabled": False,
    "configuration": {"default_from": "+1234567890", "sid": "sid2", "delivery_methods": ["text"]},
    "credentials": {"auth_token": "auth123"},
}
CODE = "exports.onExecuteCustomPhoneProvider = async (event, api) => {};"
TRIGGER = "custom-phone-provider"


def deploy(api: Api, name: str = "Phone provider", code: str = CODE) -> str:
    body = {"name": name, "supported_triggers": [{"id": TRIGGER, "version": "v1"}], "code": code}
    return str(api.post("/actions/actions", {**body, "deploy": True})["id"])


def test_a_tenant_begins_without_a_provider(api: Api) -> None:
    assert api.get(PROVIDERS) == {"providers": []}
    assert api.get(f"{PROVIDERS}/pro_none", 404)["message"] == "Phone provider has not been configured."


def test_a_provider_is_answered_as_recorded(api: Api) -> None:
    made = api.post(PROVIDERS, TWILIO)
    assert re.fullmatch(r"pro_[A-Za-z0-9]{22}", made["id"])
    times = {made["created_at"], made["updated_at"]}
    assert len(times) == 1
    assert made == {
        "id": made["id"],
        "tenant": "localhost",
        "name": "twilio",
        "channel": "phone",
        "disabled": False,
        "configuration": {"sid": "sid2", "default_from": "+1234567890", "delivery_methods": ["text"]},
        "created_at": times.pop(),
        "updated_at": made["updated_at"],
    }
    assert api.get(f"{PROVIDERS}/{made['id']}") == made
    assert api.get(PROVIDERS) == {"providers": [made]}


def test_another_name_replaces_the_configuration(api: Api) -> None:
    made = api.post(PROVIDERS, TWILIO)
    path = f"{PROVIDERS}/{made['id']}"
    configuration = {"delivery_methods": ["text", "voice"]}
    changed = api.patch(path, {**CUSTOM, "disabled": False, "configuration": configuration})
    assert (changed["name"], changed["configuration"]) == ("custom", configuration)
    assert changed["created_at"] == made["created_at"]
    assert api.get(path) == changed


def test_a_custom_provider_may_keep_what_twilio_was_configured_with(api: Api) -> None:
    made = api.post(PROVIDERS, TWILIO)
    kept = {"sid": "sid2", "default_from": "+1234567890", "delivery_methods": ["text"]}
    body = {"name": "custom", "configuration": kept, "credentials": {"auth_token": "auth123"}}
    assert api.patch(f"{PROVIDERS}/{made['id']}", body)["configuration"] == kept


def test_credentials_are_never_answered(api: Api) -> None:
    made = api.post(PROVIDERS, TWILIO)
    answers = [made, api.get(PROVIDERS), api.patch(f"{PROVIDERS}/{made['id']}", {"disabled": True})]
    assert "auth123" not in str(answers)


def test_a_second_provider_is_a_conflict(api: Api) -> None:
    api.post(PROVIDERS, TWILIO)
    api.post(PROVIDERS, TWILIO, 409)


def test_a_deleted_provider_is_gone(api: Api) -> None:
    path = f"{PROVIDERS}/{api.post(PROVIDERS, TWILIO)['id']}"
    api.delete(path)
    api.get(path, 404)
    api.delete(path, expect=404)


def test_a_custom_provider_needs_a_deployed_action_first(api: Api) -> None:
    refused = api.post(PROVIDERS, CUSTOM, 400)
    assert refused["errorCode"] == "custom_email_provider_deployed_action_not_found"
    draft = {"name": "Draft", "supported_triggers": [{"id": TRIGGER}], "code": CODE}
    action = api.post("/actions/actions", draft)["id"]
    api.post(PROVIDERS, CUSTOM, 400)
    api.get(f"/actions/actions/{action}")
    api.post(f"/actions/actions/{action}/deploy", expect=200)
    assert api.post(PROVIDERS, CUSTOM)["configuration"] == {"delivery_methods": ["text"]}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "nexmo"}, "No enum match for: nexmo"),
        ({"name": None}, "Expected type string but found type null' on property name"),
        ({"credentials": {}}, "Missing required property: auth_token' on property credentials"),
        ({"configuration": {}}, "Missing required property: sid' on property configuration"),
        ({"more": 1}, "Additional properties not allowed: more"),
        (
            {"configuration": {"sid": "s", "mssid": "m", "delivery_methods": ["fax"]}},
            "No enum match for: fax' on property configuration.delivery_methods[0]",
        ),
        ({"configuration": {"sid": "s", "mssid": "m", "delivery_methods": []}}, "Array is too short (0)"),
        ({"configuration": {"sid": "s", "delivery_methods": ["text"]}}, "Bad Operation on Notification"),
    ],
)
def test_what_auth0_would_refuse_is_refused(api: Api, changes: dict[str, Any], message: str) -> None:
    assert message in api.post(PROVIDERS, {**TWILIO, **changes}, 400)["message"]
    assert api.get(PROVIDERS) == {"providers": []}


def test_credentials_must_be_sent_even_empty(api: Api) -> None:
    deploy(api)
    body = {name: value for name, value in CUSTOM.items() if name != "credentials"}
    assert "Missing required property: credentials" in api.post(PROVIDERS, body, 400)["message"]


def test_a_tenant_has_one_action_of_the_trigger(api: Api) -> None:
    deploy(api)
    body = {"name": "Another", "supported_triggers": [{"id": TRIGGER}], "code": CODE}
    refused = api.post("/actions/actions", body, 403)
    assert refused == {
        "statusCode": 403,
        "error": "Forbidden",
        "message": "custom-phone-provider can only have one supported Action",
        "errorCode": "actions_cardinality_custom_phone_provider_not_allowed",
    }


def test_the_action_can_be_bound_as_clients_do(api: Api) -> None:
    action = deploy(api)
    path = f"/actions/triggers/{TRIGGER}/bindings"
    bound = api.patch(path, {"bindings": [{"ref": {"type": "action_id", "value": action}}]})
    assert [binding["action"]["id"] for binding in bound["bindings"]] == [action]
    api.delete(f"/actions/actions/{action}", expect=409)


def test_a_template_is_answered_as_recorded(api: Api) -> None:
    body = {"text": "Your enrollment code is: @{code}", "voice": "Your enrollment code is @{code}"}
    made = api.post(
        TEMPLATES, {"content": {"from": "+1234567890", "body": body}, "type": "otp_enroll", "disabled": False}
    )
    assert re.fullmatch(r"tem_[A-Za-z0-9]{22}", made["id"])
    assert made == {
        "id": made["id"],
        "tenant": "localhost",
        "channel": "phone",
        "type": "otp_enroll",
        "disabled": False,
        "created_at": made["updated_at"],
        "updated_at": made["updated_at"],
        "content": {"syntax": "liquid", "body": body, "from": "+1234567890"},
    }
    assert api.get(f"{TEMPLATES}/{made['id']}") == made
    assert api.get(TEMPLATES) == {"templates": [made]}


def template(api: Api, **changes: Any) -> dict[str, Any]:
    content = {"from": "+447700900999", "body": {"text": "Code {{ code }}", "voice": "{{ code }}"}}
    made: dict[str, Any] = api.post(TEMPLATES, {"type": "otp_verify", "content": content, **changes})
    return made


def test_a_template_of_a_type_exists_once(api: Api) -> None:
    template(api)
    refused = api.post(TEMPLATES, {"type": "otp_verify"}, 409)
    assert refused["message"] == "Phone template already configured for tenant"


def test_a_change_keeps_what_it_does_not_name(api: Api) -> None:
    made = template(api)
    changed = api.patch(f"{TEMPLATES}/{made['id']}", {"content": {"body": {"text": "New {{ code }}"}}})
    assert changed["content"] == {
        "syntax": "liquid",
        "from": "+447700900999",
        "body": {"text": "New {{ code }}", "voice": "{{ code }}"},
    }
    assert api.patch(f"{TEMPLATES}/{made['id']}", {"disabled": True})["disabled"] is True
    assert api.get(TEMPLATES, disabled="false") == {"templates": []}


def test_a_reset_brings_back_auth0s_words(api: Api) -> None:
    made = template(api)
    reset = api.patch(f"{TEMPLATES}/{made['id']}/reset", {})
    assert "{{ code }} is your verification code" in reset["content"]["body"]["text"]
    assert "from" not in reset["content"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"type": "otp"}, "No enum match for: otp"),
        ({"content": {"body": {"text": ""}}}, "String is too short"),
        ({"content": {"subject": "x"}}, "Additional properties not allowed: subject"),
        ({"content": {"body": {"text": "{% if %}"}}}, "on property content.body.text"),
    ],
)
def test_a_bad_template_is_refused(api: Api, body: dict[str, Any], message: str) -> None:
    assert message in api.post(TEMPLATES, {"type": "otp_verify", **body}, 400)["message"]


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_an_unknown_template_is_not_found(api: Api, method: str) -> None:
    body: dict[str, Any] | None = {} if method == "PATCH" else None
    response = api.call(method, f"{TEMPLATES}/tem_none", body)
    assert (response.status_code, response.json()["message"]) == (404, "Phone template does not exist")


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", PROVIDERS, "read:phone_providers"),
        ("POST", PROVIDERS, "create:phone_providers"),
        ("GET", f"{PROVIDERS}/x", "read:phone_providers"),
        ("PATCH", f"{PROVIDERS}/x", "update:phone_providers"),
        ("DELETE", f"{PROVIDERS}/x", "delete:phone_providers"),
        ("POST", f"{PROVIDERS}/x/try", "create:phone_providers"),
        ("GET", TEMPLATES, "read:phone_templates"),
        ("POST", TEMPLATES, "create:phone_templates"),
        ("GET", f"{TEMPLATES}/x", "read:phone_templates"),
        ("PATCH", f"{TEMPLATES}/x", "update:phone_templates"),
        ("DELETE", f"{TEMPLATES}/x", "delete:phone_templates"),
        ("PATCH", f"{TEMPLATES}/x/reset", "update:phone_templates"),
        ("POST", f"{TEMPLATES}/x/try", "create:phone_templates"),
    ],
)
def test_each_operation_wants_its_scope(
    api: Api, running_sandbox: RunningSandbox, method: str, path: str, scope: str
) -> None:
    refused = api.as_(running_sandbox.token("read:actions")).call(method, path, {})
    assert refused.status_code == 403
    assert refused.json()["message"] == f"Insufficient scope, expected any of: {scope}"
    assert api.as_(running_sandbox.token(scope)).call(method, path, {}).status_code != 403


@pytest.mark.parametrize("path", ["/branding/templates/classic-login", f"{PROVIDERS}/x/elsewhere"])
def test_the_rest_of_branding_is_unknown(api: Api, path: str) -> None:
    assert api.get(path, 501)["errorCode"] == "sandbox_unknown_endpoint"
