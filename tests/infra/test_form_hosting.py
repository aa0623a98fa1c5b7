"""What FormHosting declares, and who waits for it."""

from typing import Any

import pulumi_auth0 as auth0
import pytest

from infra import FormHosting, FormHostingArgs, PhoneVerification, PhoneVerificationArgs, render
from infra.components import own_sms
from infra.hosting import environment_names, host_environment
from infra.secret import Secret
from infra.settings import Settings

from .engine import Engine, texts
from .stages import key, mapping, settings, twilio_secrets

FILES = {"asgi.py": "a" * 64, "form/app.py": "b" * 64}
KINDS = ("VercelProject", "VercelDomain", "VercelEnvironment", "VercelDeployment")
SMS = {"mode": "gateway", "countries": ["GB"], "carriers": ["clickatell"], "applications": ["client"]}


@pytest.fixture(autouse=True)
def no_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hooks need an engine that calls back."""
    monkeypatch.setattr(own_sms, "connection_guard", lambda _: None)


def vercel(**changes: Any) -> dict[str, Any]:
    return {
        "hosting": {"kind": "vercel", "team": "team_A1", "region": "fra1", "keep": 7},
        **twilio_secrets(),
        "secrets__environment": {"REDIS_URL": Secret("rediss://redis.acme.example")},
        **changes,
    }


def declare(stage: Settings) -> Engine:
    def program() -> None:
        provider = auth0.Provider("tenant", domain=stage.auth0.domain)
        hosting = FormHosting("hosting", FormHostingArgs(stage, FILES))
        args = PhoneVerificationArgs(stage, render(stage), provider, hosting.ready)
        PhoneVerification("phone", args)
        own_sms.declare(stage, render(stage), provider, hosting.ready)

    return Engine().run(program)


def test_of_an_external_host_nothing_is_declared_and_its_names_are_told() -> None:
    stage = settings()
    engine = declare(stage)
    assert [each.type for each in engine.declared if "Vercel" in each.type] == []
    assert engine.outputs["hosting"] == {"environment_names": environment_names(stage)}


def test_on_vercel_there_is_a_project_with_its_domain_its_variables_and_a_deployment() -> None:
    stage = settings(**vercel())
    engine = declare(stage)
    assert engine.the("VercelProject").inputs == {"name": "auth0-phone-dev", "region": "fra1"}
    project = {"projectId": "hosting-project-id"}
    assert engine.the("VercelDomain").inputs == project | {"domain": "phone-dev.acme.example"}
    assert set(engine.the("VercelEnvironment").inputs["variables"]) == set(host_environment(stage))
    deployment = engine.the("VercelDeployment").inputs
    health = "https://phone-dev.acme.example/healthz"
    assert deployment.items() >= {**project, "files": FILES, "healthUrl": health, "keep": 7}.items()
    (provider,) = (each for each in engine.declared if each.type == "pulumi:providers:auth0-phone")
    assert provider.inputs["apiUrl"] == "https://api.vercel.com"
    assert provider.inputs["team"] == "team_A1"
    for kind in KINDS:
        assert engine.the(kind).provider == "hosting-vercel"
        assert engine.the(kind).parent == "hosting"


def test_the_local_stage_deploys_to_the_sandbox() -> None:
    hosting = {"kind": "vercel", "apiUrl": "https://localhost:8444/vercel"}
    changes = vercel(hosting=hosting, secrets__environment={}, publicBaseUrl="https://form.localhost:8447")
    engine = declare(Settings.from_mapping(mapping(**changes), stage="local"))
    assert engine.the("VercelDomain").inputs["domain"] == "form.localhost"
    assert engine.the("VercelDeployment").inputs["healthUrl"] == "https://localhost:8447/healthz"
    assert engine.the("VercelEnvironment").inputs["variables"]["SINGLE_PROCESS"] == "1"


def test_the_deployment_comes_after_its_address_and_everything_else_after_the_deployment() -> None:
    stage = settings(**vercel(sms=SMS, secrets__smsGatewaySecret=key()))
    engine = declare(stage)
    assert "hosting-domain" in engine.the("VercelDeployment").dependencies
    assert "hosting-environment" in engine.the("VercelDeployment").dependencies
    for kind in ("Action", "TriggerActions", "Connection"):
        assert "hosting-deployment" in engine.the(kind).dependencies, kind


def test_the_phone_provider_waits_for_its_gateway() -> None:
    stage = settings(**vercel(sms={**SMS, "mode": "provider"}, secrets__smsGatewaySecret=key()))
    sender = next(each for each in declare(stage).of("Action") if each.name == "phone-provider-action")
    assert "hosting-deployment" in sender.dependencies


@pytest.mark.parametrize("protected", [True, False])
def test_project_and_domain_are_protected_where_the_stage_is(protected: bool) -> None:
    engine = declare(settings(**vercel(protect=protected)))
    held = {each.type.rpartition(":")[2] for each in engine.declared if each.request.protect}
    assert held & set(KINDS) == ({"VercelProject", "VercelDomain"} if protected else set())


def test_variables_are_secret_on_the_wire_and_secrets_are_nowhere_else() -> None:
    stage = settings(**vercel(secrets__smsGatewaySecret=key(), sms=SMS))
    values = [each for each in host_environment(stage).values() if isinstance(each, Secret)]
    assert len(values) == 7
    hidden = {each.reveal() for each in values}
    for resource in declare(stage).declared:
        found = [
            (text, marked)
            for field in resource.request.object.fields.values()
            for text, marked in texts(field)
            if text in hidden
        ]
        assert all(marked for _, marked in found), resource.name
        if resource.type.endswith(":VercelEnvironment"):
            assert {text for text, _ in found} == hidden
        elif "Vercel" in resource.type:
            assert found == []
