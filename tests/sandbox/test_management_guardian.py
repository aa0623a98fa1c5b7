"""/guardian: factors, policies, and the settings of each factor."""

from typing import Any

import pytest
from auth0.management import types

from sandbox.management.guardian.factors import NAMES
from sandbox.management.guardian.operations import SETTINGS

from .management_driver import Json, Management

FACTORS, POLICIES = "/guardian/factors", "/guardian/policies"
PUSH = f"{FACTORS}/push-notification"
SNS = {
    "aws_access_key_id": "a",
    "aws_secret_access_key": "hush",
    "aws_region": "eu-west-1",
    "sns_apns_platform_application_arn": "arn:1",
    "sns_gcm_platform_application_arn": "arn:2",
}
TWILIO = {"from": "+15551234567", "messaging_service_sid": "MG1", "auth_token": "t", "sid": "AC1"}
TEMPLATES = {"enrollment_message": "{{code}} enrols", "verification_message": "{{code}} verifies"}
WEBAUTHN = {"overrideRelyingParty": True, "relyingPartyIdentifier": "shop.example"}
OTP = {"otp_length": 8, "otp_expiration_time": 60}
SESSIONS = {
    "display_remember_me_checkbox": False,
    "remember_me_default_value": True,
    "mfa_session_inactivity_timeout": 60,
    "mfa_session_overall_timeout": 600,
}
# What each setting takes, and the members of it that are not told again.
BODIES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    f"{FACTORS}/sms/selected-provider": ({"provider": "twilio"}, ()),
    f"{FACTORS}/phone/selected-provider": ({"provider": "phone-message-hook"}, ()),
    f"{FACTORS}/sms/templates": (TEMPLATES, ()),
    f"{FACTORS}/phone/templates": (TEMPLATES, ()),
    f"{FACTORS}/sms/providers/twilio": (TWILIO, ()),
    f"{FACTORS}/phone/providers/twilio": (TWILIO, ()),
    f"{FACTORS}/phone/message-types": ({"message_types": ["sms", "voice"]}, ()),
    f"{FACTORS}/phone/settings": (OTP, ()),
    f"{FACTORS}/email/settings": (OTP, ()),
    f"{FACTORS}/webauthn-roaming/settings": ({**WEBAUTHN, "userVerification": "required"}, ()),
    f"{FACTORS}/webauthn-platform/settings": (WEBAUTHN, ()),
    f"{FACTORS}/duo/settings": ({"ikey": "i", "skey": "s", "host": "duo.example"}, ()),
    f"{PUSH}/selected-provider": ({"provider": "sns"}, ()),
    f"{PUSH}/providers/sns": (SNS, ("aws_secret_access_key",)),
    f"{PUSH}/providers/apns": ({"sandbox": True, "bundle_id": "b", "p12": "hush"}, ("p12",)),
    f"{PUSH}/providers/fcm": ({"server_key": "hush"}, ("server_key",)),
    f"{PUSH}/providers/fcmv1": ({"server_credentials": "hush"}, ("server_credentials",)),
    "/guardian/settings": (SESSIONS, ()),
}
READABLE = [path for path in BODIES if "/fcm" not in path]
each = pytest.mark.parametrize("path", BODIES)


@pytest.fixture
def api() -> Management:
    return Management()


def test_the_table_has_every_setting() -> None:
    assert set(BODIES) == {f"/guardian/{setting.path}" for setting in SETTINGS}


@each
def test_a_setting_is_answered_as_sent_but_for_its_secrets(api: Management, path: str) -> None:
    body, secret = BODIES[path]
    shown = {name: value for name, value in body.items() if name not in secret}
    answer = api.put(path, body)
    assert {name: answer[name] for name in shown} == shown
    assert "hush" not in str(answer)
    if path in READABLE:
        assert api.get(path) == answer
    else:
        assert answer == {}
        api.get(path, 501)


@pytest.mark.parametrize("path", READABLE)
def test_a_new_tenant_has_every_setting(api: Management, path: str) -> None:
    body, secret = BODIES[path]
    before = api.get(path)
    assert set(body) - set(secret) <= set(before)
    assert before != api.put(path, body)


@each
def test_an_unknown_member_or_choice_is_refused(api: Management, path: str) -> None:
    body, _ = BODIES[path]
    assert api.refused("PUT", path, {**dict.fromkeys(body), "provider": "pigeon", "message_types": ["drum"]})


@pytest.mark.parametrize("path", [path for path in BODIES if "/providers/" in path and path.startswith(PUSH)])
def test_a_patch_keeps_what_it_does_not_name(api: Management, path: str) -> None:
    body, _ = BODIES[path]
    name = next(iter(body))
    before = api.put(path, body)
    changed = api.patch(path, {name: body[name]})
    assert changed == before


def test_a_put_forgets_what_it_does_not_name(api: Management) -> None:
    path = f"{FACTORS}/sms/providers/twilio"
    api.put(path, TWILIO)
    assert api.put(path, {"from": "+1"}) == {
        "from": "+1",
        "messaging_service_sid": None,
        "auth_token": None,
        "sid": None,
    }


def test_factors_are_switched_one_by_one(api: Management) -> None:
    before = api.get(FACTORS)
    assert [factor["name"] for factor in before] == list(NAMES)
    assert not any(factor["enabled"] for factor in before)
    for factor in before:
        types.GuardianFactor.model_validate(factor)
        path = f"{FACTORS}/{factor['name']}"
        assert api.put(path, {"enabled": True}) == {"enabled": True}
    assert all(factor["enabled"] for factor in api.get(FACTORS))
    api.put(f"{FACTORS}/otp", {"enabled": False})
    assert [factor["name"] for factor in api.get(FACTORS) if not factor["enabled"]] == ["otp"]


def test_an_unknown_factor_is_refused(api: Management) -> None:
    assert "Path validation error" in api.refused("PUT", f"{FACTORS}/retina", {"enabled": True})
    assert "Missing required property: enabled" in api.refused("PUT", f"{FACTORS}/otp", {})


def test_there_is_one_policy_or_none(api: Management) -> None:
    assert api.get(POLICIES) == []
    for policies in (["all-applications"], ["confidence-score"], []):
        assert api.put(POLICIES, policies) == policies == api.get(POLICIES)
    refused: list[Json] = [["never"], ["all-applications", "confidence-score"], {}]
    for wrong in refused:
        api.refused("PUT", POLICIES, wrong)


def test_apples_service_is_on_with_a_certificate(api: Management) -> None:
    path = f"{PUSH}/providers/apns"
    assert api.get(path)["enabled"] is False
    for given, enabled in (({"bundle_id": "b"}, False), ({"p12": "hush"}, True), ({"sandbox": True}, True)):
        assert api.patch(path, given)["enabled"] is enabled
    assert api.get(path)["enabled"] is True
