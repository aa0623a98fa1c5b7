"""From a stage's own SMS to the gateway's constants and the phone provider's Action."""

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.stage import parse_stage
from infra import contract, render
from infra.errors import SettingsError
from infra.render import ACTION, FORM_STAGE, GATEWAY_STAGE, PROVIDER_ACTION, form_digest, gateway_digest
from infra.render.bundle import gateway_constants, provider_constants
from infra.settings import Settings
from serving.environment import Environment

from .stages import key, settings

HOSTILE = [
    "</script><b>",
    "${process.exit(1)}",
    "{{ code }}{% raw %}",
    "\"'`\\",
    "*/ // <!--",
    "\\u0022",
    "Ærø \U0001f600",
]


def stage(mode: str = "gateway", **changes: Any) -> Settings:
    sms = {"mode": mode, "countries": ["GB", "US"], "carriers": ["clickatell"], **changes}
    return settings(sms=sms, secrets__smsGatewaySecret=key())


def constants(it: Settings) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(render(it)[GATEWAY_STAGE])
    return read


def test_a_mode_renders_its_own_files() -> None:
    always = {ACTION, FORM_STAGE}
    assert set(render(settings())) == always
    assert set(render(stage())) == {*always, GATEWAY_STAGE}
    assert set(render(stage("provider"))) == {*always, GATEWAY_STAGE, PROVIDER_ACTION}


def test_the_gateways_constants_say_what_the_stage_says() -> None:
    it = stage(
        **{"from": "Acme"},
        carriers=["clickatell", "webhook"],
        carriersByCountry={"GB": ["vonage"]},
        carrierUrls={"webhook": "https://sms.acme.example"},
        delivery="at-most-once",
        patterns=["Your code for {text} is {code}."],
        codeLength=8,
        limits={"total": "9/minute"},
        audience="urn:gateway",
        secretEncoding="base64",
    )
    assert constants(it) == {
        "stage": "dev",
        "contract": contract.digest(),
        "publicBaseUrl": "https://phone-dev.acme.example",
        "audience": "urn:gateway",
        "subject": "auth0-phone/sms",
        "secretEncoding": "base64",
        "countries": ["GB", "US"],
        "senders": ["Acme"],
        "carriers": ["clickatell", "webhook"],
        "carriersByCountry": {"GB": ["vonage"]},
        "carrierUrls": {"webhook": "https://sms.acme.example"},
        "delivery": "at-most-once",
        "patterns": ["Your code for {text} is {code}."],
        "codeLength": 8,
        "limits": {
            "number": "3/10minute;5/hour;10/day",
            "prefix": "20/hour;60/day",
            "country": "500/hour;3000/day",
            "address": "10/10minute;30/hour;60/day",
            "total": "9/minute",
        },
        "replaySeconds": 60,
    }
    assert constants(stage())["senders"] == []


def test_a_gateway_behind_a_provider_knows_repeats_as_long_as_auth0_makes_them() -> None:
    read = parse_stage(gateway_constants(stage("provider")).encode())
    assert read.replay_seconds == 600


def stage_constant(code: str) -> dict[str, Any]:
    """The injected constant, read back by Node from the rendered code."""
    script = f"{code};\nconsole.log(JSON.stringify(STAGE));"
    ran = subprocess.run(["node", "-"], input=script, capture_output=True, text=True, check=True, timeout=20)
    read: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return read


def test_the_actions_constant_says_what_the_stage_says() -> None:
    rendered = render(
        stage("provider", **{"from": "+14155550100"}, countries=["GB"], forwardRequestInfo=False)
    )
    assert stage_constant(rendered[PROVIDER_ACTION]) == {
        "gatewayUrl": "https://phone-dev.acme.example/sms",
        "algorithm": "HS256",
        "secret": "SMS_GATEWAY_SECRET",
        "secretEncoding": "text",
        "subject": "auth0-phone/sms",
        "audience": "https://phone-dev.acme.example/sms",
        "from": "+14155550100",
        "forwardRequestInfo": False,
        "northAmerica": False,
    }
    assert provider_constants(stage("provider", countries=["CA"]))["northAmerica"] is True


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_arrive_as_text(text: str) -> None:
    pattern = text.replace("{", "(").replace("}", ")") + " {code}"
    it = stage(
        patterns=[pattern, "{text}{code}{text}"],
        audience="".join(text.split()).encode("ascii", "ignore").decode(),
    )
    assert constants(it)["patterns"][0] == pattern
    assert (
        stage_constant(render(stage("provider", audience=it.sms.audience))[PROVIDER_ACTION])["audience"]
        == it.sms.audience
    )


@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=30))
def test_whatever_the_settings_accept_arrives_unchanged(pattern: str, subject: str) -> None:
    try:
        accepted = stage(patterns=[pattern, "{text}{code}{text}"], subject=subject)
    except SettingsError:
        return
    read = json.loads(gateway_constants(accepted))
    assert read["patterns"] == list(accepted.sms.patterns)
    assert read["subject"] == subject


@pytest.mark.parametrize("mode", ["gateway", "provider"])
def test_no_secret_is_in_anything_rendered(mode: str) -> None:
    it = stage(mode)
    hidden = it.secrets.sms_gateway_secret
    assert hidden is not None
    assert not any(hidden.reveal() in text for text in render(it).values())


def test_the_digests_follow_their_own_files_alone() -> None:
    one, other = render(stage()), render(stage(limits={"total": "1/hour"}))
    assert gateway_digest(one) != gateway_digest(other)
    assert form_digest(one) == form_digest(other) == form_digest(render(settings()))
    assert gateway_digest(one) != gateway_digest(render(stage("provider")))


def test_a_digest_is_the_one_that_its_service_shows(tmp_path: Path) -> None:
    for digest, path in ((gateway_digest, GATEWAY_STAGE), (form_digest, FORM_STAGE)):
        rendered = render(stage())
        file = tmp_path / "stage.json"
        file.write_text(rendered[path], encoding="utf-8")
        environment = Environment({"FILE": str(file)})
        _, shown = environment.stage("FILE", lambda _: SimpleNamespace(contract="c"), "c", "")
        assert shown == digest(rendered)
