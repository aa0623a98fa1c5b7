"""Judging whole stages."""

import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from infra.errors import SettingsError
from infra.secret import Secret
from infra.settings import Settings

from .stages import key, mapping, problems, settings, the_problem, twilio_secrets

CLIENT = "x7Yc2FqTn4KpR8sWb1Lm0dGh5JvZa3Qe"


def test_a_minimal_stage_has_neutral_defaults() -> None:
    minimal = settings(verification=None)
    assert minimal.verification.enforcement == "off"
    assert minimal.verification.flow == "form"
    assert minimal.verification.percentage == 100
    assert minimal.verification.starts_at is None
    assert minimal.auth0.login_hosts == ("acme-dev.eu.auth0.com",)
    assert minimal.claim_namespace == "https://phone-dev.acme.example/"
    assert minimal.twilio.verify_url == "https://verify.twilio.com"
    assert minimal.consent.mode == "on-form"
    assert minimal.consent.terms_url is None
    assert minimal.protect is True
    assert minimal.secrets.twilio_api_key is None


def test_what_the_stage_says_wins_over_the_defaults() -> None:
    said = settings(
        auth0__loginHosts=["login.acme.example", "acme-dev.eu.auth0.com"],
        claimNamespace="https://acme.example/claims/",
        verification__percentage=0,
        verification__startsAt="2026-12-01T09:00:00+01:00",
        verification__allowWithoutRedirect=[CLIENT],
        protect=False,
    )
    assert said.auth0.login_hosts == ("login.acme.example", "acme-dev.eu.auth0.com")
    assert said.claim_namespace == "https://acme.example/claims/"
    assert said.verification.percentage == 0
    assert said.verification.starts_at is not None
    assert said.verification.allow_without_redirect == (CLIENT,)
    assert said.protect is False


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        settings().brand.name = "Other"


def test_blank_and_absent_are_not_set() -> None:
    blank = settings(
        consent={"termsUrl": "", "text": None}, bindings={"before": []}, claimNamespace="", action={}
    )
    assert blank == settings(secrets=mapping()["secrets"]).model_copy(update={"secrets": blank.secrets})


def test_ten_mistakes_are_ten_problems_told_together() -> None:
    found = problems(
        "prod",
        auth0={"domain": "https://acme.eu.auth0.com/"},
        publicBaseUrl="http://phone.acme.example",
        verification={"enforcement": "requird", "percentage": 101, "startsAt": "2026-12-01"},
        phone={"countries": ["UK"], "chanel": "sms"},
        brand={"color": "blue", "name": "Acme"},
        secrets={"requestKey": Secret("short"), "resultKey": key()},
        protect=False,
    )
    assert {problem.key for problem in found} == {
        "auth0.domain",
        "publicBaseUrl",
        "verification.enforcement",
        "verification.percentage",
        "verification.startsAt",
        "phone.countries[0]",
        "phone.chanel",
        "brand.color",
        "secrets.requestKey",
        "protect",
    }
    assert len(found) == 10


def test_the_error_reads_as_one_list_with_a_command_each() -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.from_mapping(mapping(brand={}, phone={}), stage="dev")
    assert str(raised.value) == (
        "Stage 'dev' cannot be used: 2 problems in Pulumi.dev.yaml.\n"
        "  1. phone.countries: is not set\n"
        "    pulumi config set --path 'phone.countries[0]' GB --stack dev\n"
        "  2. brand.name: is not set\n"
        "    pulumi config set --path brand.name Acme --stack dev"
    )


def test_an_empty_stage_names_everything_that_is_required() -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.from_mapping({}, stage="dev")
    assert [problem.key for problem in raised.value.problems] == [
        "auth0.domain",
        "publicBaseUrl",
        "phone.countries",
        "brand.name",
        "secrets.requestKey",
        "secrets.resultKey",
    ]


@pytest.mark.parametrize(
    ("changes", "key_", "why", "mend"),
    [
        ({"auth0__domain": "localhost"}, "auth0.domain", "loopback", "--path auth0.domain acme.eu.auth0.com"),
        (
            {"auth0__loginHosts": ["a.example", "a.example"]},
            "auth0.loginHosts[1]",
            "repeats",
            "config rm --path 'auth0.loginHosts[1]'",
        ),
        ({"auth0__loginHosts": "a.example"}, "auth0.loginHosts", "list", "config rm --path auth0.loginHosts"),
        (
            {"publicBaseUrl": "https://a.example/x"},
            "publicBaseUrl",
            "without path",
            "set publicBaseUrl https://",
        ),
        (
            {"publicBaseUrl": "https://acme-dev.eu.auth0.com"},
            "publicBaseUrl",
            "host of its own",
            "set publicBaseUrl",
        ),
        (
            {"claimNamespace": "https://a.auth0.com/"},
            "claimNamespace",
            "drops",
            "set claimNamespace https://",
        ),
        ({"protect": "yes"}, "protect", "true or false", "set protect true"),
        ({"verification__flow": "forms"}, "verification.flow", "must be one of", "verification.flow form "),
        ({"verification__flow": True}, "verification.flow", "must be one of", "verification.flow form "),
        ({"verification__percentage": "50"}, "verification.percentage", "whole number", "percentage 100"),
        ({"verification__percentage": 12.5}, "verification.percentage", "whole number", "percentage 100"),
        ({"verification__percentage": True}, "verification.percentage", "whole number", "percentage 100"),
        ({"verification__percentage": -1}, "verification.percentage", "at least 0", "percentage 100"),
        (
            {"verification__applications": ["a b"]},
            "verification.applications[0]",
            "client id",
            f"--path 'verification.applications[0]' {CLIENT}",
        ),
        ({"verification__connections": [7]}, "verification.connections[0]", "text", "connections[0]'"),
        ({"verification__organizations": ["-x"]}, "verification.organizations[0]", "organization", "org_"),
        ({"phone__channel": "SMS"}, "phone.channel", "must be one of", "phone.channel"),
        ({"phone__codeLength": 3}, "phone.codeLength", "at least 4", "phone.codeLength 6"),
        ({"phone__resendSeconds": 601}, "phone.resendSeconds", "at most 600", "phone.resendSeconds 30"),
        (
            {"twilio__verifyUrl": "https://a.example"},
            "twilio.verifyUrl",
            "twilio.com",
            "https://verify.twilio.com",
        ),
        ({"consent__text": "x" * 1001}, "consent.text", "at most 1000", "consent.text '"),
        ({"consent__version": "first version"}, "consent.version", "version", "consent.version 2026-11-01"),
        (
            {"consent__privacyUrl": "http://a.example"},
            "consent.privacyUrl",
            "https",
            "consent.privacyUrl https",
        ),
        ({"brand__color": "#0b5ff"}, "brand.color", "colour", "brand.color '#0b5fff'"),
        ({"brand__name": "A\nB"}, "brand.name", "line break", "brand.name Acme"),
        ({"bindings__before": ["A", "A"]}, "bindings.before[1]", "repeats", "rm --path 'bindings.before[1]'"),
        (
            {"bindings": {"before": ["A"], "after": ["A"]}},
            "bindings.after[0]",
            "in bindings.before too",
            "rm --path 'bindings.after[0]'",
        ),
        (
            {"bindings__after": ["auth0-phone verification"]},
            "bindings.after[0]",
            "our own",
            "rm --path 'bindings.after[0]'",
        ),
        ({"brand": "Acme"}, "brand", "must hold the keys name, color", "config rm brand"),
    ],
)
def test_one_mistake_is_one_problem_with_its_mend(
    changes: dict[str, Any], key_: str, why: str, mend: str
) -> None:
    found = [problem for problem in problems(**changes) if problem.message != "is not set"]
    assert [problem.key for problem in found] == [key_]
    assert why in found[0].message
    assert mend in found[0].mend
    assert found[0].mend.endswith("--stack dev")


@pytest.mark.parametrize(
    ("changes", "key_", "hint"),
    [
        ({"verification__enforcment": "off"}, "verification.enforcment", "verification.enforcement"),
        ({"phone__country": ["GB"]}, "phone.country", "phone.countries"),
        ({"resendSecond": 30}, "resendSecond", "phone.resendSeconds"),
        ({"publicBaseURL": "https://a.example"}, "publicBaseURL", "publicBaseUrl"),
        ({"secrets__resultkey": key()}, "secrets.resultkey", "secrets.resultKey"),
    ],
)
def test_an_unknown_key_says_which_was_meant(changes: dict[str, Any], key_: str, hint: str) -> None:
    found = the_problem(**changes)
    assert found.key == key_
    assert f"did you mean {hint}?" in found.message
    assert found.mend.startswith("pulumi config rm ")


def test_a_key_that_resembles_none_gets_no_hint() -> None:
    assert "did you mean" not in the_problem(xyzzy=1).message


def test_a_dotted_key_set_without_path_is_told_apart_from_an_unknown_one() -> None:
    found = the_problem(**{"phone.channel": "call"})
    assert "without --path" in found.message
    assert found.mend == "pulumi config rm phone.channel --stack dev"


@pytest.mark.parametrize("stage", ["prod", "production", "prod-eu"])
def test_production_must_be_protected(stage: str) -> None:
    assert the_problem(stage, protect=False).key == "protect"
    assert settings(stage).protect is True


@pytest.mark.parametrize("stage", ["dev", "local", "product-demo"])
def test_other_stages_may_go_unprotected(stage: str) -> None:
    assert settings(stage, protect=False).protect is False


def test_loopback_is_for_the_local_stage_alone() -> None:
    loopback = {
        "auth0": {"domain": "localhost:8443"},
        "publicBaseUrl": "https://form.localhost:8447",
        "twilio": {"verifyUrl": "https://localhost:8444"},
    }
    assert settings("local", **loopback).auth0.login_hosts == ("localhost:8443",)
    found = problems("dev", **loopback)
    assert {problem.key for problem in found} == {"auth0.domain", "publicBaseUrl", "twilio.verifyUrl"}


def test_the_action_flow_cannot_ask_consent_on_the_form() -> None:
    found = the_problem(verification__flow="action", **twilio_secrets())
    assert found.key == "consent.mode"
    assert found.mend == "pulumi config set --path consent.mode at-sign-up --stack dev"


def test_the_action_flow_needs_twilios_credentials() -> None:
    found = problems(verification__flow="action", consent__mode="at-sign-up")
    assert [problem.key for problem in found] == [
        "secrets.twilioApiKey",
        "secrets.twilioApiSecret",
        "secrets.twilioVerifyService",
    ]
    whole = settings(verification__flow="action", consent__mode="at-sign-up", **twilio_secrets())
    assert whole.secrets.twilio_api_key is not None


@pytest.mark.parametrize("name", ["o'brien", "$(reboot)", "a;b", "-x"])
def test_mending_commands_are_safe_to_paste(name: str) -> None:
    unknown: dict[str, Any] = {name: 1}
    assert name in shlex.split(the_problem(**unknown).mend)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


def verdict(**changes: Any) -> str:
    try:
        return repr(Settings.from_mapping(mapping(**changes), stage="dev"))
    except SettingsError as error:
        return str(error)


PLACES = sorted({*mapping(), "consent", "bindings", "action", "twilio", "claimNamespace"})
LEAVES = ["auth0__loginHosts", "phone__countries", "consent__text", "verification__startsAt", "brand__color"]


@given(st.sampled_from([*PLACES, *LEAVES]), JSON)
def test_no_value_anywhere_raises_anything_but_the_list(place: str, value: object) -> None:
    assert verdict(**{place: value}).startswith(("Settings(", "Stage 'dev' cannot be used: "))
