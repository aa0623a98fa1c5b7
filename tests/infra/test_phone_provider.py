"""What PhoneProvider declares, and what a stage's mode declares in all."""

from typing import Any

import pulumi
import pulumi_auth0 as auth0
import pytest

from infra import PhoneProvider, PhoneProviderArgs, contract, render
from infra.components import own_sms
from infra.render import PROVIDER_ACTION, gateway_digest
from infra.settings import Settings

from .engine import Engine, texts
from .stages import key, settings

KINDS = ("Action", "TriggerAction", "PhoneProvider")


def stage(mode: str = "provider", **changes: Any) -> Settings:
    sms = {"mode": mode, "countries": ["GB", "US"], "carriers": ["clickatell"], **changes}
    return settings(sms=sms, secrets__smsGatewaySecret=key())


def declare(it: Settings, live: list[tuple[str, str]] | None = None, ready: bool = False) -> Engine:
    def program() -> None:
        provider = auth0.Provider("tenant", domain=it.auth0.domain)
        hosts = [pulumi.CustomResource("test:index:Host", "host", {})] if ready else []
        PhoneProvider("phones", PhoneProviderArgs(it, render(it), provider, hosts))

    return Engine(live or []).run(program)


def of_type(engine: Engine, kind: str) -> Any:
    (only,) = [
        each for each in engine.declared if each.type.startswith("auth0:") and each.type.endswith(f":{kind}")
    ]
    return only


def test_the_action_is_what_was_rendered_and_has_its_secret() -> None:
    it = stage()
    assert it.secrets.sms_gateway_secret is not None
    action = declare(it).the("Action")
    assert action.inputs == {
        "name": "auth0-phone provider",
        "runtime": "node22",
        "supportedTriggers": {"id": "custom-phone-provider", "version": "v1"},
        "code": render(it)[PROVIDER_ACTION],
        "secrets": [
            {
                "name": contract.load()["gatewayEnvironment"]["secret"],
                "value": it.secrets.sms_gateway_secret.reveal(),
            }
        ],
        "deploy": True,
    }
    # Said rather than left out: the stack's transform spares it then (infra/protection.py).
    assert action.request.HasField("protect")
    assert not action.request.protect


def test_the_provider_comes_after_its_action_is_deployed_and_bound() -> None:
    engine = declare(stage(), ready=True)
    provider = of_type(engine, "PhoneProvider")
    assert provider.inputs == {
        "name": "custom",
        "disabled": False,
        "configuration": {"deliveryMethods": ["text"]},
        "credentials": {},
    }
    assert {"phones-action", "phones-binding"} <= provider.dependencies
    assert engine.the("TriggerAction").inputs == {
        "trigger": "custom-phone-provider",
        "actionId": "action-1",
        "displayName": "auth0-phone provider",
    }
    assert {"phones-live", "host"} <= engine.the("Action").dependencies


def test_templates_for_codes_come_from_the_stages_message() -> None:
    message: dict[str, Any] = {
        "syntax": "md_with_macros",
        "template": "@@password@@ for @@application.name@@",
    }
    it = stage(**{"from": "+14155550100"}, **message)
    templates = declare(it).of("PhoneNotificationTemplate")
    assert [template.inputs["type"] for template in templates] == ["otp_verify", "otp_enroll"]
    text = "{{ code }} for {{ application.name }}"
    for template in templates:
        assert template.inputs["content"] == {
            "syntax": "liquid",
            "from": "+14155550100",
            "body": {"text": text, "voice": text},
        }
        assert template.inputs["disabled"] is False
        assert "phones" in template.dependencies


@pytest.mark.parametrize("sender", ["Acme", None])
def test_a_sender_that_is_no_number_is_left_to_the_action(sender: str | None) -> None:
    for template in declare(stage("provider", **{"from": sender})).of("PhoneNotificationTemplate"):
        assert "from" not in template.inputs["content"]


def test_templates_are_left_alone_when_the_stage_says_so() -> None:
    assert declare(stage(notificationTemplates=False)).of("PhoneNotificationTemplate") == []


def test_the_secret_is_secret_on_the_wire_and_nowhere_else() -> None:
    it = stage()
    assert it.secrets.sms_gateway_secret is not None
    hidden = it.secrets.sms_gateway_secret.reveal()
    found = [
        (resource.name, marked)
        for resource in declare(it).declared
        for field in resource.request.object.fields.values()
        for text, marked in texts(field)
        if hidden in text
    ]
    assert found == [("phones-action", True)]


def test_another_teams_action_stops_the_program_before_it_is_replaced() -> None:
    with pytest.raises(pulumi.RunError) as raised:
        declare(stage(), live=[("a", "their sender")])
    assert "The Action 'their sender'" in str(raised.value)
    assert "it would be replaced" in str(raised.value)
    assert "pulumi config set --path sms.mode off --stack dev" in str(raised.value)


def test_our_own_runs_on() -> None:
    engine = declare(stage(), live=[("action-1", "auth0-phone provider")])
    assert engine.the("Action").inputs["name"] == "auth0-phone provider"
    assert engine.reads == ["phones-live"]


def test_voice_is_said_to_be_dropped() -> None:
    engine = declare(stage(deliveryMethods=["voice", "text"]))
    assert of_type(engine, "PhoneProvider").inputs["configuration"] == {"deliveryMethods": ["text", "voice"]}
    assert any("our Action drops it" in line for line in engine.log)
    assert declare(stage()).log == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_resource_has_the_explicit_provider_and_its_parent(kind: str) -> None:
    resource = of_type(declare(stage()), kind)
    assert resource.provider == "tenant"
    assert resource.parent == "phones"


def test_the_component_closes_with_its_outputs() -> None:
    assert declare(stage()).outputs["phones"] == {"action_id": "action-1", "provider_id": "phones-id"}


@pytest.fixture
def unhooked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mocks register no hooks."""
    monkeypatch.setattr(pulumi, "ResourceHook", lambda *args: None)
    monkeypatch.setattr(pulumi, "ResourceHookBinding", lambda **bound: None)


def whole(it: Settings) -> tuple[Engine, dict[str, Any]]:
    exported: dict[str, Any] = {}

    def program() -> None:
        provider = auth0.Provider("tenant", domain=it.auth0.domain)
        declared = own_sms.declare(it, render(it), provider)
        pulumi.Output.all(**declared).apply(exported.update)

    return Engine().run(program), exported


@pytest.mark.usefixtures("unhooked")
@pytest.mark.parametrize(
    ("mode", "declared"),
    [
        ("off", set()),
        ("gateway", {"SmsConnection", "Connection"}),
        ("provider", {"SmsConnection", "Connection", "PhoneProvider", "Action", "TriggerAction"}),
    ],
)
def test_a_mode_declares_its_own_and_nothing_of_the_other(mode: str, declared: set[str]) -> None:
    engine, _ = whole(stage(mode, notificationTemplates=False))
    assert {each.type.rpartition(":")[2] for each in engine.declared} - {"auth0"} == declared


@pytest.mark.usefixtures("unhooked")
@pytest.mark.parametrize("mode", ["gateway", "provider"])
def test_the_connection_is_one_resource_in_both_modes(mode: str) -> None:
    engine, exported = whole(stage(mode))
    connection = engine.the("Connection")
    assert (connection.name, connection.parent) == ("sms", "sms")
    assert exported == {
        "sms_connection_id": "sms-id",
        "sms_connection_name": "sms",
        "sms_gateway_url": "https://phone-dev.acme.example/sms",
        "gateway_bundle": gateway_digest(render(stage(mode))),
    }


def test_the_connection_has_its_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        own_sms, "connection_guard", lambda protected: pulumi.ResourceOptions(protect=protected)
    )
    for protected in (True, False):
        it = stage("gateway").model_copy(update={"protect": protected})
        assert whole(it)[0].the("SmsConnection").request.protect is protected


@pytest.mark.usefixtures("unhooked")
def test_the_connection_is_handed_over_when_the_provider_is_there() -> None:
    engine, _ = whole(stage())
    assert "phone-provider" in engine.the("Connection").dependencies
