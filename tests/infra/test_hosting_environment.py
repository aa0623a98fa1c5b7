"""What a host is told: everything by the contract's names, and no more."""

from typing import Any

import pytest

from infra import contract
from infra.hosting import environment_names, host_environment
from infra.secret import Secret
from infra.settings import Settings

from .stages import key, mapping, twilio_secrets

FORM = {"PHONE_REQUEST_KEY", "PHONE_RESULT_KEY", "PHONE_STAGE_FILE"}
TWILIO = {"TWILIO_API_KEY", "TWILIO_API_SECRET", "TWILIO_VERIFY_SERVICE"}
GATEWAY = {"SMS_GATEWAY_SECRET", "SMS_STAGE_FILE"}
SMS = {"mode": "gateway", "countries": ["GB"], "carriers": ["clickatell"]}
REDIS = {"REDIS_URL": Secret("rediss://redis.acme.example")}


def told(stage: str = "dev", **changes: Any) -> dict[str, Secret | str]:
    return host_environment(Settings.from_mapping(mapping(**changes), stage=stage))


def on_vercel(**changes: Any) -> dict[str, Any]:
    return {"hosting": {"kind": "vercel"}, **twilio_secrets(), "secrets__environment": REDIS, **changes}


def test_an_external_host_is_told_what_the_stage_holds() -> None:
    assert set(told()) == FORM
    assert set(told(**twilio_secrets())) == FORM | TWILIO


def test_keys_travel_as_secrets_under_their_own_names() -> None:
    held = {"requestKey": key(), "resultKey": key(), "requestKeyPrevious": key()}
    environment = told(secrets=held)
    names = contract.load()["environment"]
    assert {setting: environment[names[setting]] for setting in held} == held


def test_the_previous_result_key_is_the_actions_alone() -> None:
    assert set(told(secrets__resultKeyPrevious=key())) == FORM


def test_the_gateway_is_told_its_secrets_and_its_stage() -> None:
    secret = Secret("s" * 43)
    environment = told(sms=SMS, secrets__smsGatewaySecret=secret, secrets__smsGatewaySecretPrevious=key())
    assert set(environment) == FORM | GATEWAY | {"SMS_GATEWAY_SECRET_PREVIOUS"}
    assert environment["SMS_GATEWAY_SECRET"] == secret
    assert environment["SMS_STAGE_FILE"] == "rendered/gateway/stage.json"
    assert environment["PHONE_STAGE_FILE"] == "rendered/form/stage.json"


def test_the_action_flow_keeps_twilio_from_the_host_unless_it_is_a_carrier() -> None:
    action = {"verification__flow": "action", "consent__mode": "at-sign-up", **twilio_secrets()}
    assert set(told(**action)) == FORM
    carriers = {**SMS, "carriers": ["clickatell", "twilio"]}
    sends = told(**action, sms=carriers, secrets__smsGatewaySecret=key())
    assert set(sends) == FORM | GATEWAY | TWILIO - {"TWILIO_VERIFY_SERVICE"}


def test_further_variables_are_the_stages_own() -> None:
    further = {"CLICKATELL_API_KEY": Secret("k"), **REDIS}
    environment = told(secrets__environment=further)
    assert {name: environment[name] for name in further} == further


def test_vercel_has_a_header_for_addresses_and_many_instances() -> None:
    environment = told(**on_vercel())
    assert environment["CLIENT_ADDRESS_HEADER"] == "x-vercel-forwarded-for"
    assert "SINGLE_PROCESS" not in environment
    assert set(environment) == FORM | TWILIO | {"CLIENT_ADDRESS_HEADER", "REDIS_URL"}


@pytest.mark.parametrize(("redis", "alone"), [({}, True), (REDIS, False)])
def test_only_the_sandboxs_vercel_runs_one_instance(redis: dict[str, Secret], alone: bool) -> None:
    hosting = {"kind": "vercel", "apiUrl": "https://localhost:8444/vercel"}
    changes = on_vercel(hosting=hosting, secrets__environment=redis)
    assert (told("local", **changes).get("SINGLE_PROCESS") == "1") is alone


def test_names_are_in_order_and_hold_no_value() -> None:
    settings = Settings.from_mapping(mapping(**on_vercel()), stage="dev")
    assert environment_names(settings) == sorted(host_environment(settings))
