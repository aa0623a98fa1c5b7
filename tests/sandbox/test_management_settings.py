"""Settings of which a tenant has one: tenant, prompts, branding, attack protection, risk."""

from typing import Any

import pytest
from auth0.management import types
from hypothesis import given
from hypothesis import strategies as st

from sandbox.management.attack_protection.operations import merged
from sandbox.management.operations import OPERATIONS

from .management_driver import Management

TENANT, BRANDING, PROMPTS = "/tenants/settings", "/branding", "/prompts"
BREACHED = "/attack-protection/breached-password-detection"
SUSPICIOUS, CAPTCHA = "/attack-protection/suspicious-ip-throttling", "/attack-protection/captcha"
BOTS, BRUTE_FORCE = "/attack-protection/bot-detection", "/attack-protection/brute-force-protection"
RISK, NEW_DEVICE = "/risk-assessments/settings", "/risk-assessments/settings/new-device"
SIGNALS, MFA_PUSH = "/supplemental-signals", "/prompts/mfa-push"
# A change that each of them takes, and the SDK's type for what it answers.
CHANGES: dict[str, tuple[dict[str, Any], Any]] = {
    TENANT: ({"friendly_name": "Shop"}, types.UpdateTenantSettingsResponseContent),
    BRANDING: ({"logo_url": "https://shop.example/logo.png"}, types.UpdateBrandingResponseContent),
    PROMPTS: ({"identifier_first": True}, types.UpdateSettingsResponseContent),
    MFA_PUSH: ({"app_name": "Shop"}, None),
    BREACHED: ({"method": "enhanced"}, types.UpdateBreachedPasswordDetectionSettingsResponseContent),
    BRUTE_FORCE: ({"max_attempts": 5}, types.UpdateBruteForceSettingsResponseContent),
    SUSPICIOUS: ({"shields": ["block"]}, types.UpdateSuspiciousIpThrottlingSettingsResponseContent),
    BOTS: ({"bot_detection_level": "high"}, types.UpdateBotDetectionSettingsResponseContent),
    CAPTCHA: ({"active_provider_id": "simple_captcha"}, types.UpdateAttackProtectionCaptchaResponseContent),
    RISK: ({"enabled": True}, types.UpdateRiskAssessmentsSettingsResponseContent),
    NEW_DEVICE: ({"remember_for": 7}, types.UpdateRiskAssessmentsSettingsNewDeviceResponseContent),
    SIGNALS: ({"akamai_enabled": True}, types.PatchSupplementalSignalsResponseContent),
}
each = pytest.mark.parametrize("path", CHANGES)
known_to_sdk = pytest.mark.parametrize("path", [path for path in CHANGES if path != MFA_PUSH])


@pytest.fixture
def api() -> Management:
    return Management()


@each
def test_a_change_keeps_the_rest_and_lasts(api: Management, path: str) -> None:
    before, (change, _) = api.get(path), CHANGES[path]
    answer = api.patch(path, change)
    assert {name: answer[name] for name in change} == change
    assert api.get(path) == {**before, **change}


@each
def test_a_change_leaves_the_others_alone(api: Management, path: str) -> None:
    others = [other for other in CHANGES if other != path]
    before = [api.get(other) for other in others]
    api.patch(path, CHANGES[path][0])
    assert [api.get(other) for other in others] == before


@known_to_sdk
def test_the_sdk_reads_every_answer(api: Management, path: str) -> None:
    change, answered = CHANGES[path]
    answered.model_validate(api.get(path))
    answered.model_validate(api.patch(path, change))


@known_to_sdk
def test_an_unknown_member_is_refused(api: Management, path: str) -> None:
    change, _ = CHANGES[path]
    message = api.refused("PATCH", path, {**change, "no_such_member": 1})
    assert message == "Payload validation error: 'Additional properties not allowed: no_such_member'."


def test_every_path_here_is_the_whole_of_it() -> None:
    singletons = {
        operation.path
        for operation in OPERATIONS
        if operation.method == "PATCH" and operation.path.startswith(("/attack-protection", "/risk", "/supp"))
    }
    assert singletons == {
        path for path in CHANGES if path.startswith(("/attack-protection", "/risk", "/supp"))
    }


def test_flags_are_changed_one_by_one_and_some_are_hidden_from_a_get(api: Management) -> None:
    hidden = "enforce_client_authentication_on_passwordless_start"
    before = api.get(TENANT)["flags"]
    changed = api.patch(TENANT, {"flags": {"enable_pipeline2": True, hidden: False}})["flags"]
    assert changed == {
        **before,
        "enable_pipeline2": True,
        hidden: False,
        f"cannot_change_{hidden}": True,
    }
    assert api.get(TENANT)["flags"] == {**before, "enable_pipeline2": True}


def test_a_page_that_is_switched_off_keeps_its_words(api: Management) -> None:
    page = {"enabled": True, "html": "<b>new</b>"}
    for name in ("change_password", "guardian_mfa_page"):
        assert api.patch(TENANT, {name: page})[name] == page
        assert api.patch(TENANT, {name: {"enabled": False}})[name] == {**page, "enabled": False}


def test_null_takes_a_setting_away(api: Management) -> None:
    quota = {"clients": {"client_credentials": {"enforce": True, "per_day": 10, "per_hour": 1}}}
    api.patch(TENANT, {"default_token_quota": quota, "mtls": {"enable_endpoint_aliases": True}})
    changed = api.patch(TENANT, {"default_token_quota": None, "mtls": None, "error_page": None})
    assert not {"default_token_quota", "mtls", "error_page"}.intersection(changed)


@pytest.mark.parametrize(("minutes", "hours"), [(30, 0.5), (181, 181 / 60), (120, 2)])
def test_minutes_are_another_way_to_write_hours(api: Management, minutes: int, hours: float) -> None:
    changed = api.patch(TENANT, {"idle_session_lifetime_in_minutes": minutes})
    assert changed["idle_session_lifetime"] == hours
    assert "idle_session_lifetime_in_minutes" not in changed


def test_an_export_can_be_sent_back(api: Management) -> None:
    api.patch(TENANT, api.get(TENANT))
    api.patch(TENANT, {"session_lifetime": 3.0166666666666666})
    before = api.get(TENANT)
    assert api.patch(TENANT, before)["session_lifetime"] == 3.0166666666666666
    assert api.get(TENANT) == before
    assert "sandbox_versions_available" not in api.patch(TENANT, {})


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (
            {"error_page": {"enabled": True}},
            "'Additional properties not allowed: enabled' on property error_page"
            " (Tenant error page customization)",
        ),
        ({"flags": {"no_such_flag": True}}, "'Additional properties not allowed: no_such_flag'"),
        ({"flags": {"enable_sso": "yes"}}, "'Expected type boolean but found type string'"),
        ({"session_lifetime": 0}, "'Value 0 is less than minimum 1'"),
        ({"session_cookie": {"mode": "eternal"}}, "'No enum match for: eternal'"),
        ({"default_redirection_uri": "http://shop.example"}, "on property default_redirection_uri"),
        ({"country_codes": {"list": ["us"], "mode": "allow"}}, "on property country_codes.list[0]"),
        ({"default_token_quota": {"clients": {}}}, "'Missing required property: client_credentials'"),
    ],
)
def test_what_a_tenant_does_not_take(api: Management, body: dict[str, Any], problem: str) -> None:
    before = api.get(TENANT)
    assert problem in api.refused("PATCH", TENANT, body)
    assert api.get(TENANT) == before


def test_fields_choose_what_is_answered(api: Management) -> None:
    assert set(api.get(f"{TENANT}?fields=flags,session_lifetime")) == {"flags", "session_lifetime"}
    assert "flags" not in api.get(f"{TENANT}?fields=flags&include_fields=false")


def test_a_font_goes_by_null_and_a_colour_keeps_its_neighbour(api: Management) -> None:
    font = {"url": "https://shop.example/font.woff"}
    api.patch(BRANDING, {"font": font, "colors": {"primary": "#0059d6", "page_background": "#000000"}})
    assert api.patch(BRANDING, {"colors": {"primary": "#fff"}})["colors"] == {
        "primary": "#fff",
        "page_background": "#000000",
    }
    assert api.patch(BRANDING, {"font": None}) == {
        "colors": {"primary": "#fff", "page_background": "#000000"}
    }


@pytest.mark.parametrize(
    "body", [{"colors": {"primary": "red"}}, {"logo_url": "http://shop.example/logo.png"}, {"font": "Arial"}]
)
def test_branding_wants_colours_and_https(api: Management, body: dict[str, Any]) -> None:
    api.refused("PATCH", BRANDING, body)


def test_a_stage_keeps_its_neighbours_and_its_other_numbers(api: Management) -> None:
    before = api.get(SUSPICIOUS)["stage"]
    changed = api.patch(SUSPICIOUS, {"stage": {"pre-login": {"max_attempts": 7}}})["stage"]
    assert changed == {**before, "pre-login": {**before["pre-login"], "max_attempts": 7}}


def test_challenges_are_kept_and_their_secrets_never_shown(api: Management) -> None:
    given_to: dict[str, dict[str, Any]] = {
        "arkose": {"site_key": "a", "secret": "s1", "client_subdomain": "c", "fail_open": True},
        "friendly_captcha": {"site_key": "f", "secret": "s2"},
        "hcaptcha": {"site_key": "h", "secret": "s3"},
        "recaptcha_v2": {"site_key": "r", "secret": "s4"},
        "recaptcha_enterprise": {"site_key": "e", "api_key": "s5", "project_id": "p"},
    }
    for provider, settings in given_to.items():
        answer = api.patch(CAPTCHA, {"active_provider_id": provider, provider: settings})
        shown = {name: value for name, value in settings.items() if name not in ("secret", "api_key")}
        assert (answer["active_provider_id"], answer[provider]) == (provider, shown)
    assert set(given_to) < set(api.get(CAPTCHA))
    stored = api.sandbox.store.get("settings", "captcha") or {}
    assert stored["recaptcha_enterprise"]["api_key"] == "s5"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (BREACHED, {"shields": ["block", "shout"]}),
        (BREACHED, {"shields": ["block", "block"]}),
        (BREACHED, {"admin_notification_frequency": ["hourly"]}),
        (BREACHED, {"stage": {"pre-change-password": {"shields": ["user_notification"]}}}),
        (BRUTE_FORCE, {"max_attempts": 0}),
        (BRUTE_FORCE, {"mode": "count"}),
        (SUSPICIOUS, {"shields": ["user_notification"]}),
        (SUSPICIOUS, {"stage": {"pre-logout": {}}}),
        (BOTS, {"challenge_password_policy": "sometimes"}),
        (CAPTCHA, {"active_provider_id": "no_captcha"}),
        (CAPTCHA, {"hcaptcha": {"site_key": "h"}}),
        (RISK, {}),
        (NEW_DEVICE, {"remember_for": 0}),
        (PROMPTS, {"universal_login_experience": "newest"}),
    ],
)
def test_what_is_not_a_choice_is_refused(api: Management, path: str, body: dict[str, Any]) -> None:
    before = api.get(path)
    assert "Payload validation error: " in api.refused("PATCH", path, body)
    assert api.get(path) == before


_LEAVES = st.one_of(st.booleans(), st.integers(), st.lists(st.integers(), max_size=2))
_DOCS = st.recursive(
    _LEAVES, lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
).filter(lambda doc: isinstance(doc, dict))


@given(_DOCS, _DOCS)
def test_a_merge_has_the_patch_and_what_it_does_not_name(doc: dict[str, Any], patch: dict[str, Any]) -> None:
    result = merged(doc, patch)
    assert merged(result, patch) == result
    assert {name: result[name] for name in doc if name not in patch} == {
        name: value for name, value in doc.items() if name not in patch
    }
    assert {name: result[name] for name, value in patch.items() if not isinstance(value, dict)} == {
        name: value for name, value in patch.items() if not isinstance(value, dict)
    }
