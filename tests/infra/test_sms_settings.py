"""Judging a stage's own SMS."""

import base64
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.transports import REGISTRY, carrier_class
from infra.carriers import HOSTS, CarrierName
from infra.errors import SettingsError
from infra.leaves import leaves
from infra.secret import Secret
from infra.settings import Settings
from infra.sms import DEFAULT_LIMITS

from .stages import key, mapping, problems, settings, the_problem

CLIENT = "x7Yc2FqTn4KpR8sWb1Lm0dGh5JvZa3Qe"
LEAST = {"mode": "gateway", "countries": ["GB"], "carriers": ["clickatell"]}


def sms(**changes: Any) -> dict[str, Any]:
    """Changes for a stage whose own SMS is on."""
    return {"sms": {**LEAST, **changes}, "secrets__smsGatewaySecret": key()}


def stage_with(**changes: Any) -> Settings:
    return settings(**sms(**changes))


def test_off_is_the_default_and_asks_for_nothing() -> None:
    off = settings().sms
    assert (off.mode, off.connection_name, off.countries, off.carriers) == ("off", "sms", (), ())


def test_a_minimal_stage_has_addresses_that_follow_and_neutral_defaults() -> None:
    least = stage_with().sms
    assert least.gateway_url == least.audience == "https://phone-dev.acme.example/sms"
    assert least.subject == "auth0-phone/sms"
    assert (least.code_length, least.code_seconds) == (6, 180)
    assert least.brute_force_protection
    assert least.sign_up
    assert least.forward_request_info
    assert least.sender is None
    assert least.applications_owner == "each"
    assert least.delivery == "at-least-once"
    assert least.delivery_methods == ("text",)
    assert least.limits == DEFAULT_LIMITS


def test_an_own_gateway_is_its_audience_unless_told_otherwise() -> None:
    url = "https://sms.acme.example/auth0"
    assert stage_with(gatewayUrl=url + "/").sms.audience == url
    assert stage_with(gatewayUrl=url, audience="urn:MySmsGateway").sms.audience == "urn:MySmsGateway"


def test_named_limits_are_laid_over_the_defaults() -> None:
    limits = stage_with(limits={"total": "50000/day"}).sms.limits
    assert limits == {**DEFAULT_LIMITS, "total": "50000/day"}


def test_on_without_anything_names_all_that_is_needed() -> None:
    found = problems(sms={"mode": "provider"})
    assert [problem.key for problem in found] == ["secrets.smsGatewaySecret", "sms.countries", "sms.carriers"]
    assert "sms.mode provider signs" in found[0].message
    assert found[0].mend.startswith("python -c 'import secrets;")
    assert found[1].mend == "pulumi config set --path 'sms.countries[0]' GB --stack dev"
    assert found[2].mend == "pulumi config set --path 'sms.carriers[0]' clickatell --stack dev"


def test_rendering_needs_no_secret() -> None:
    stage = Settings.from_mapping(mapping(sms=LEAST, secrets={}), stage="dev", require_secrets=False)
    assert stage.sms.mode == "gateway"


def test_ten_mistakes_are_ten_problems_told_together() -> None:
    found = problems(
        **sms(
            mode="gatway",
            **{"from": "Acme Ltd."},
            codeLength=3,
            codeSeconds=59,
            template="Your code is here",
            countries=["GB", "UK"],
            carriers=["clickatel"],
            carriersByCountry={"GB": ["twilio", "twilio"]},
            limits={"number": "3 per fortnight"},
            patterns=["Your {code"],
        )
    )
    assert {problem.key for problem in found} == {
        "sms.mode",
        "sms.from",
        "sms.codeLength",
        "sms.codeSeconds",
        "sms.template",
        "sms.countries[1]",
        "sms.carriers[0]",
        "sms.carriersByCountry.GB",
        "sms.limits.number",
        "sms.patterns[0]",
    }
    assert len(found) == 10


@pytest.mark.parametrize(
    ("changes", "key_", "why", "mend"),
    [
        ({"mode": "both"}, "sms.mode", "must be one of", "set --path sms.mode gateway"),
        ({"mode": ["gateway", "provider"]}, "sms.mode", "must be one of", "sms.mode gateway"),
        ({"connectionName": "my sms"}, "sms.connectionName", "connection's name", "sms.connectionName sms"),
        ({"from": "Ac"}, "sms.from", "3 to 11", "sms.from +14155550100"),
        ({"from": "Acme Limited"}, "sms.from", "3 to 11", "sms.from +14155550100"),
        ({"from": "+0123456789"}, "sms.from", "such as +14155550100", "sms.from +14155550100"),
        ({"syntax": "mustache"}, "sms.syntax", "must be one of", "sms.syntax liquid"),
        ({"template": "x" * 5121}, "sms.template", "at most 5120", "sms.template '"),
        ({"template": "a\u202eb {{ code }}"}, "sms.template", "control character", "sms.template '"),
        ({"template": "Your code"}, "sms.template", "lacks the code, which is {{ code }}", "{{ code }}"),
        ({"template": "@@password@@"}, "sms.template", "{{ code }} in liquid", "{{ code }}"),
        (
            {"template": "{{ code }}", "syntax": "md_with_macros"},
            "sms.template",
            "@@password@@ in md_with_macros",
            "'Your code is @@password@@.'",
        ),
        ({"syntax": "md_with_macros"}, "sms.template", "@@password@@", "@@password@@"),
        (
            {"template": "{% if a %}Kode {{ code }}{% else %}Code{% endif %}"},
            "sms.template",
            "has a branch without the code",
            "{{ code }}",
        ),
        ({"template": "{% if a %}{{ code }}"}, "sms.template", "lacks {% endif %}", "{{ code }}"),
        ({"codeLength": 11}, "sms.codeLength", "at most 10", "sms.codeLength 6"),
        ({"template": "x" * 300 + " {{ code }}"}, "sms.template", "two SMS hold 306", "sms.template '"),
        ({"template": "я" * 128 + " {{ code }}"}, "sms.template", "two SMS hold 134", "sms.template '"),
        ({"codeSeconds": 86401}, "sms.codeSeconds", "at most 86400", "sms.codeSeconds 180"),
        ({"signUp": "yes"}, "sms.signUp", "true or false", "sms.signUp true"),
        ({"applications": ["a b"]}, "sms.applications[0]", "client id", CLIENT),
        ({"applicationsOwner": "us"}, "sms.applicationsOwner", "must be one of", "applicationsOwner each"),
        ({"subject": "a b"}, "sms.subject", "visible", "sms.subject auth0-phone/sms"),
        ({"audience": "x" * 256}, "sms.audience", "1 to 255", "sms.audience https://"),
        ({"secretEncoding": "hex"}, "sms.secretEncoding", "must be one of", "secretEncoding text"),
        ({"gatewayUrl": "http://a.example/sms"}, "sms.gatewayUrl", "https", "sms.gatewayUrl https://"),
        (
            {"gatewayUrl": "https://a.example/?x"},
            "sms.gatewayUrl",
            "without query",
            "sms.gatewayUrl https://",
        ),
        (
            {"gatewayUrl": "https://a.example/" + "x" * 240},
            "sms.gatewayUrl",
            "255",
            "sms.gatewayUrl https://",
        ),
        ({"gatewayUrl": "https://localhost/sms"}, "sms.gatewayUrl", "loopback", "sms.gatewayUrl https://"),
        (
            {"gatewayUrl": "https://acme-dev.eu.auth0.com/sms"},
            "sms.gatewayUrl",
            "login host of the tenant",
            "sms.gatewayUrl https://phone.acme.example/sms",
        ),
        ({"carriers": ["twillio"]}, "sms.carriers[0]", "must be one of", "'sms.carriers[0]' twilio"),
        ({"carriers": ["twilio", "twilio"]}, "sms.carriers[1]", "repeats", "rm --path 'sms.carriers[1]'"),
        ({"carriers": "twilio"}, "sms.carriers", "must be a list", "rm --path sms.carriers"),
        ({"carriers": ["log"]}, "sms.carriers", "only stage 'local' may", "'sms.carriers[0]' clickatell"),
        (
            {"carriers": ["webhook"]},
            "sms.carrierUrls.webhook",
            "no address of its own",
            "set --path sms.carrierUrls.webhook https://sms.acme.example",
        ),
        (
            {"carriers": ["webhook"], "carrierUrls": {"webhook": "https://sms.internal"}},
            "sms.carrierUrls.webhook",
            "private",
            "https://sms.acme.example",
        ),
        (
            {"carrierUrls": {"clickatell": "https://clickatell.com.evil.example"}},
            "sms.carrierUrls.clickatell",
            "the carrier's credentials are sent there",
            "sms.carrierUrls.clickatell https://",
        ),
        (
            {"carrierUrls": {"clickatell": "https://10.0.0.1"}},
            "sms.carrierUrls.clickatell",
            "full host name",
            "sms.carrierUrls.clickatell https://",
        ),
        (
            {"carrierUrls": {"twilio": "https://api.twilio.com"}},
            "sms.carrierUrls.twilio",
            "does not use",
            "rm --path sms.carrierUrls.twilio",
        ),
        (
            {"carrierUrls": {"nobody": "https://a.example"}},
            "sms.carrierUrls.nobody",
            "must be one of",
            "rm --path sms.carrierUrls.nobody",
        ),
        ({"carrierUrls": ["x"]}, "sms.carrierUrls", "must hold keys", "rm --path sms.carrierUrls"),
        (
            {"carriersByCountry": {"UK": ["twilio"]}},
            "sms.carriersByCountry.UK",
            "did you mean GB?",
            "rm --path sms.carriersByCountry.UK",
        ),
        (
            {"carriersByCountry": {"DE": ["twilio"]}},
            "sms.carriersByCountry.DE",
            "not among sms.countries",
            "rm --path sms.carriersByCountry.DE",
        ),
        (
            {"carriersByCountry": {"GB": ["vonnage"]}},
            "sms.carriersByCountry.GB[0]",
            "must be one of",
            "'sms.carriersByCountry.GB[0]' vonage",
        ),
        (
            {"carriersByCountry": {"GB": "vonage"}},
            "sms.carriersByCountry.GB",
            "must be a list",
            "rm --path sms.carriersByCountry.GB",
        ),
        ({"delivery": "once"}, "sms.delivery", "must be one of", "sms.delivery at-"),
        ({"patterns": ["{text}"]}, "sms.patterns[0]", "every message", "'sms.patterns[0]' 'Your code"),
        (
            {"patterns": ["Code {code}"]},
            "sms.patterns",
            "refuse 'Your code for {text} is {code}.'",
            "'sms.patterns[1]' 'Your code for {text} is {code}.'",
        ),
        ({"limits": {"number": ""}}, "sms.limits.number", "no list of limits", "sms.limits.number '5/hour"),
        ({"limits": {"number": "0/hour"}}, "sms.limits.number", "limit of nothing", "sms.limits.number"),
        ({"limits": {"number": 5}}, "sms.limits.number", "must be text", "sms.limits.number '5/hour"),
        ({"limits": {"per": "5/hour"}}, "sms.limits.per", "must be one of", "rm --path sms.limits.per"),
        ({"deliveryMethods": ["voice"]}, "sms.deliveryMethods", "must hold text", "deliveryMethods[0]' text"),
        ({"deliveryMethods": ["fax"]}, "sms.deliveryMethods[0]", "must be one of", "[0]' text"),
        (
            {"mode": "provider", "template": "{% if request_language == 'da' %}{% endif %}{{ code }}"},
            "sms.template",
            "uses request_language",
            "sms.notificationTemplates false",
        ),
        ({"mode": "provider", "template": "{{ password }}"}, "sms.template", "uses password", "false"),
    ],
)
def test_one_mistake_is_one_problem_with_its_mend(
    changes: dict[str, Any], key_: str, why: str, mend: str
) -> None:
    found = the_problem(**sms(**changes))
    assert found.key == key_
    assert why in found.message
    assert mend in found.mend
    assert found.mend.endswith("--stack dev")


@pytest.mark.parametrize(
    "changes",
    [
        {"from": "Acme"},
        {"from": "12345"},
        {"from": "+447700900123"},
        {"template": "{% if request_language == 'da' %}Kode {{ code }}{% else %}Code {{ code }}{% endif %}"},
        {"template": "Your @@password@@", "syntax": "md_with_macros"},
        {"template": "Your @@password@@", "syntax": "md_with_macros", "mode": "provider"},
        {"mode": "provider", "template": "{{ password }}", "notificationTemplates": False},
        {"carriers": ["webhook"], "carrierUrls": {"webhook": "https://sms.acme.example/v1/"}},
        {"patterns": ["Your code for {text} is {code}.", "Your password was changed."]},
        {"carriersByCountry": {"GB": ["vonage", "twilio"]}},
        {"deliveryMethods": ["text", "voice"]},
        {"codeLength": 10, "codeSeconds": 86400},
        {"template": "x" * 299 + " {{ code }}"},
        {"template": "Ω€é" * 90 + " {{ code }}"},
        {"limits": {"number": "1/second, 3 per 10 minutes"}},
    ],
)
def test_what_a_stage_may_say(changes: dict[str, Any]) -> None:
    assert stage_with(**changes).sms.mode in ("gateway", "provider")


@pytest.mark.parametrize("name", [name for name, hosts in HOSTS.items() if hosts])
def test_a_carriers_other_region_is_a_host_of_its_own(name: str) -> None:
    host = HOSTS[name][-1]  # type: ignore[index]
    url = {name: f"https://{host}"}
    assert stage_with(carriers=[name], carrierUrls=url).sms.carrier_urls == url
    assert the_problem(**sms(carriers=[name], carrierUrls={name: f"https://not{host}"}))


def test_a_laptop_may_name_its_fakes_and_write_to_a_log() -> None:
    local = {"clickatell": "https://localhost:8444/carriers/clickatell"}
    stage = settings("local", **sms(carriers=["clickatell", "log"], carrierUrls=local))
    assert stage.sms.carrier_urls == local


@pytest.mark.parametrize("value", ["x" * 31, "with spaces " * 4, "x" * 2049])
def test_an_unfit_secret_is_refused_without_showing_it(value: str) -> None:
    found = the_problem(**{**sms(), "secrets__smsGatewaySecret": Secret(value)})
    assert found.key == "secrets.smsGatewaySecret"
    assert value not in str(found)
    assert "token_urlsafe" in found.mend


def test_a_base64_secret_must_be_one_and_long_enough() -> None:
    encoded = {"secretEncoding": "base64"}
    for length, fits in ((31, False), (32, True)):
        secret = Secret(base64.urlsafe_b64encode(bytes(range(length))).decode().rstrip("="))
        changes = {**sms(**encoded), "secrets__smsGatewaySecret": secret}
        if fits:
            assert settings(**changes).sms.secret_encoding == "base64"
        else:
            assert "base64url of 32 bytes" in the_problem(**changes).message
    no_base64 = {**sms(**encoded), "secrets__smsGatewaySecret": Secret("!" * 43)}
    assert the_problem(**no_base64).key == "secrets.smsGatewaySecret"
    previous = {**sms(**encoded), "secrets__smsGatewaySecretPrevious": Secret("!" * 43)}
    assert the_problem(**previous).key == "secrets.smsGatewaySecretPrevious"


def test_a_padded_base64_secret_is_no_text() -> None:
    secret = Secret(base64.b64encode(bytes(range(32))).decode())
    found = the_problem(**{**sms(), "secrets__smsGatewaySecret": secret})
    assert "looks like base64" in found.message
    assert found.mend == "pulumi config set --path sms.secretEncoding base64 --stack dev"


def test_the_carriers_and_their_hosts_are_the_gateways() -> None:
    assert list(HOSTS) == list(REGISTRY) == list(get_args(CarrierName))
    assert {name: carrier_class(name).hosts for name in REGISTRY} == HOSTS


def test_the_gateways_secret_is_no_other_key() -> None:
    same = key()
    assert (
        "the same as secrets.requestKey"
        in the_problem(sms=LEAST, secrets__requestKey=same, secrets__smsGatewaySecret=same).message
    )


def test_nothing_of_it_is_needed_while_it_is_off() -> None:
    assert settings(sms={"mode": "off", "template": "{{ code }}", "carriers": ["twilio"]}).sms.mode == "off"
    assert the_problem(sms={"mode": "off", "template": "no code"}).key == "sms.template"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["GB", "UK", "twilio", "webhook", "number", "x"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
LEAVES = [leaf.key.removeprefix("sms.") for leaf in leaves(Settings) if leaf.key.startswith("sms.")]


@given(st.dictionaries(st.sampled_from(LEAVES), JSON, min_size=1, max_size=5))
def test_no_value_anywhere_raises_anything_but_the_list(changes: dict[str, Any]) -> None:
    try:
        verdict = repr(settings(**sms(**changes)))
    except SettingsError as error:
        verdict = str(error)
    assert verdict.startswith(("Settings(", "Stage 'dev' cannot be used: "))
