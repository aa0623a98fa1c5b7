"""What PhoneVerification declares."""

import pulumi
import pulumi_auth0 as auth0
import pytest

from infra import PhoneVerification, PhoneVerificationArgs, contract, render
from infra.render import ACTION, form_digest
from infra.secret import Secret
from infra.settings import Settings

from .engine import Engine, texts
from .stages import key, settings, twilio_secrets

OURS = "auth0-phone verification"
KINDS = ("Action", "TriggerActions", "TriggerAction")


def declare(
    stage: Settings, live: list[tuple[str, str]] | None = None, preview: bool = False, ready: bool = False
) -> Engine:
    def program() -> None:
        provider = auth0.Provider("tenant", domain=stage.auth0.domain)
        hosts = [pulumi.CustomResource("test:index:Host", "host", {})] if ready else []
        PhoneVerification("phone", PhoneVerificationArgs(stage, render(stage), provider, hosts))

    return Engine(live or [], preview).run(program)


def test_the_action_is_what_was_rendered() -> None:
    stage = settings()
    action = declare(stage).the("Action")
    assert action.inputs["code"] == render(stage)[ACTION]
    assert action.inputs["name"] == OURS
    assert action.inputs["runtime"] == "node22"
    assert action.inputs["supportedTriggers"] == {"id": "post-login", "version": "v3"}
    assert action.inputs["deploy"] is True
    assert "secretsWos" not in action.inputs


def secret_names(engine: Engine) -> list[str]:
    return [secret["name"] for secret in engine.the("Action").inputs["secrets"]]


def test_the_form_flow_gives_the_action_the_keys_alone() -> None:
    engine = declare(settings(**twilio_secrets()))
    assert secret_names(engine) == ["PHONE_REQUEST_KEY", "PHONE_RESULT_KEY"]


def test_a_previous_result_key_is_there_only_when_set() -> None:
    engine = declare(settings(secrets__resultKeyPrevious=key(), secrets__requestKeyPrevious=key()))
    assert secret_names(engine) == ["PHONE_REQUEST_KEY", "PHONE_RESULT_KEY", "PHONE_RESULT_KEY_PREVIOUS"]


def test_the_action_flow_gives_it_twilios_credentials_too() -> None:
    engine = declare(settings(verification__flow="action", consent__mode="at-sign-up", **twilio_secrets()))
    assert secret_names(engine) == [
        "PHONE_REQUEST_KEY",
        "PHONE_RESULT_KEY",
        "TWILIO_API_KEY",
        "TWILIO_API_SECRET",
        "TWILIO_VERIFY_SERVICE",
    ]


def test_every_secret_is_secret_on_the_wire_and_nowhere_else() -> None:
    stage = settings(
        verification__flow="action",
        consent__mode="at-sign-up",
        secrets__resultKeyPrevious=key(),
        **{**twilio_secrets(), "secrets__requestKey": key(), "secrets__resultKey": key()},
    )
    hidden = {
        secret.reveal()
        for secret in (getattr(stage.secrets, name) for name in type(stage.secrets).model_fields)
        if isinstance(secret, Secret)
    }
    engine = declare(stage)
    for resource in engine.declared:
        found = [
            (text, marked)
            for field in resource.request.object.fields.values()
            for text, marked in texts(field)
            if any(secret in text for secret in hidden)
        ]
        expected = {(secret, True) for secret in hidden} if resource.type.endswith(":Action") else set()
        assert set(found) == expected
        assert len(found) == len(expected)


def test_ours_is_bound_between_its_neighbours() -> None:
    engine = declare(
        settings(bindings={"before": ["Link accounts"], "after": ["Audit log"]}),
        live=[("a", "Link accounts"), ("b", "Audit log")],
    )
    flow = engine.the("TriggerActions")
    assert flow.inputs == {
        "trigger": "post-login",
        "actions": [
            {"id": "a", "displayName": "Link accounts"},
            {"id": "action-1", "displayName": OURS},
            {"id": "b", "displayName": "Audit log"},
        ],
    }
    assert engine.reads == ["phone-live"]


def test_on_an_empty_trigger_ours_is_alone() -> None:
    flow = declare(settings()).the("TriggerActions")
    assert flow.inputs["actions"] == [{"id": "action-1", "displayName": OURS}]


def test_the_first_preview_tells_the_order_that_it_cannot_show() -> None:
    engine = declare(settings(bindings={"before": ["A"]}), live=[("a", "A")], preview=True)
    assert pulumi.contains_unknowns(engine.the("TriggerActions").inputs["actions"])
    assert engine.log == [f"The post-login flow will run, in this order: 'A', '{OURS}'."]


def test_later_runs_have_nothing_to_tell() -> None:
    assert declare(settings(), live=[("action-1", OURS)]).log == []


@pytest.mark.parametrize("preview", [True, False])
def test_an_unnamed_action_stops_the_program_with_the_lines(preview: bool) -> None:
    with pytest.raises(pulumi.RunError) as raised:
        declare(settings(), live=[("a", "Link accounts")], preview=preview)
    assert 'before: ["Link accounts"]' in str(raised.value)


def test_a_bound_namesake_stops_the_preview() -> None:
    with pytest.raises(pulumi.RunError, match="is not this stack's"):
        declare(settings(), live=[("other", OURS)], preview=True)


def test_off_leaves_every_binding_to_others() -> None:
    engine = declare(settings(verification=None), live=[("a", "whoever")])
    assert len(engine.of("Action")) == 1
    assert engine.of("TriggerActions") == []
    assert engine.of("TriggerAction") == []
    assert engine.reads == []


def test_the_list_outlives_the_stack_and_waits_for_action_and_form() -> None:
    flow = declare(settings(), ready=True).the("TriggerActions")
    assert flow.request.retainOnDelete
    assert {"phone", "host"} <= flow.dependencies


def test_membership_unbinds_ours_alone_and_goes_first() -> None:
    engine = declare(settings())
    membership = engine.the("TriggerAction")
    assert membership.inputs == {"trigger": "post-login", "actionId": "action-1", "displayName": OURS}
    assert {"phone-flow", "phone"} <= membership.dependencies
    assert not membership.request.retainOnDelete


@pytest.mark.parametrize("protect", [True, False])
def test_a_destroy_of_a_protected_stack_does_not_unbind(protect: bool) -> None:
    membership = declare(settings(protect=protect)).the("TriggerAction")
    action_urn = membership.request.deletedWith
    assert bool(action_urn) is protect
    assert action_urn.endswith("auth0:index/action:Action::phone" if protect else "")


def test_the_component_closes_with_its_outputs() -> None:
    stage = settings()
    engine = declare(stage)
    assert engine.outputs["phone"] == {
        "action_id": "action-1",
        "action_version": "version-1",
        "form_url": "https://phone-dev.acme.example",
        "tenant": "acme-dev.eu.auth0.com",
        "bound": True,
        "form_bundle": form_digest(render(stage)),
        "contract": contract.digest(),
    }
    assert declare(settings(verification=None)).outputs["phone"]["bound"] is False


@pytest.mark.parametrize("kind", KINDS)
def test_every_resource_has_the_explicit_provider_and_its_parent(kind: str) -> None:
    resource = declare(settings()).the(kind)
    assert resource.provider == "tenant"
    assert resource.parent == "phone"


def test_every_name_in_the_tenant_is_explicit() -> None:
    engine = declare(settings(action__name="Phone numbers"))
    assert engine.the("Action").inputs["name"] == "Phone numbers"
    assert engine.the("TriggerAction").inputs["displayName"] == "Phone numbers"
    assert [item["displayName"] for item in engine.the("TriggerActions").inputs["actions"]] == [
        "Phone numbers"
    ]


def test_ids_travel_as_outputs() -> None:
    engine = declare(settings())
    urns = engine.the("TriggerAction").request.propertyDependencies["actionId"].urns
    assert [urn.rpartition("::")[2] for urn in urns] == ["phone"]
