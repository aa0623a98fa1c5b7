"""The right tenant, and protection."""

from typing import Any

import pulumi
import pulumi_auth0 as auth0
import pytest

from infra import tenant
from infra.protection import protect

from .engine import Engine
from .stages import settings


def hook_args(old: dict[str, Any] | None, new: dict[str, Any] | None) -> pulumi.ResourceHookArgs:
    return pulumi.ResourceHookArgs(
        "urn", "id", "tenant", "pulumi:providers:auth0", new_inputs=new, old_inputs=old
    )


def test_another_tenant_is_refused_with_the_way_back() -> None:
    def program() -> None:
        tenant.refuse_another_tenant(
            hook_args({"domain": "acme.eu.auth0.com"}, {"domain": "other.eu.auth0.com"})
        )

    with pytest.raises(pulumi.RunError) as raised:
        Engine().run(program)
    assert "belongs to the tenant acme.eu.auth0.com" in str(raised.value)
    assert "pulumi config set --path auth0.domain acme.eu.auth0.com --stack dev" in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"domain": "a.example", "version": "1"}, {"domain": "a.example", "version": "2"}),
        (None, {"domain": "a.example"}),
        ({}, {"domain": "a.example"}),
    ],
)
def test_other_updates_of_the_provider_pass(old: dict[str, Any] | None, new: dict[str, Any]) -> None:
    tenant.refuse_another_tenant(hook_args(old, new))


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The hooks that a program makes; the mocks can register neither them nor transforms."""
    made: list[Any] = []
    monkeypatch.delenv("AUTH0_DOMAIN", raising=False)
    monkeypatch.setattr(pulumi.runtime, "register_resource_transform", lambda _: None)

    def binding(**bound: Any) -> None:
        made.append(bound)

    monkeypatch.setattr(pulumi, "ResourceHook", lambda name, call, opts: (name, call, opts.on_dry_run))
    monkeypatch.setattr(pulumi, "ResourceHookBinding", binding)
    return made


@pytest.mark.parametrize("named", ["acme-dev.eu.auth0.com", "https://ACME-dev.eu.auth0.com/", "", None])
def test_the_provider_takes_its_domain_from_the_stage(
    hooks: list[Any], monkeypatch: pytest.MonkeyPatch, named: str | None
) -> None:
    if named is not None:
        monkeypatch.setenv("AUTH0_DOMAIN", named)
    engine = Engine().run(lambda: tenant.provider(settings()))
    assert engine.the("auth0").inputs["domain"] == "acme-dev.eu.auth0.com"


def test_an_environment_for_another_tenant_is_refused_with_both_names(
    hooks: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTH0_DOMAIN", "acme.eu.auth0.com")
    engine = Engine()
    with pytest.raises(pulumi.RunError) as raised:
        engine.run(lambda: tenant.provider(settings()))
    assert str(raised.value) == (
        "The stage 'dev' belongs to the tenant acme-dev.eu.auth0.com, and AUTH0_DOMAIN names "
        "acme.eu.auth0.com: nothing was changed. Use the credentials of acme-dev.eu.auth0.com, and:\n"
        "    unset AUTH0_DOMAIN"
    )
    assert engine.declared == []


def test_the_guard_stands_at_previews_too(hooks: list[Any]) -> None:
    Engine().run(lambda: tenant.provider(settings()))
    assert hooks == [{"before_update": [("same-tenant", tenant.refuse_another_tenant, True)]}]


def test_the_sandbox_may_move(hooks: list[Any]) -> None:
    Engine().run(lambda: tenant.provider(settings("local", auth0__domain="localhost:9443")))
    assert hooks == []


def transform(kind: str, opts: pulumi.ResourceOptions | None = None) -> pulumi.ResourceTransformResult | None:
    props = {"name": "x"}
    return protect(pulumi.ResourceTransformArgs(True, kind, "name", props, opts or pulumi.ResourceOptions()))


def test_the_action_is_protected_and_keeps_its_other_options() -> None:
    result = transform("auth0:index/action:Action", pulumi.ResourceOptions(retain_on_delete=True))
    assert result is not None
    assert result.opts.protect is True
    assert result.opts.retain_on_delete is True
    assert result.props == {"name": "x"}


@pytest.mark.parametrize(
    "kind", ["auth0:index/triggerActions:TriggerActions", "auth0:index/triggerAction:TriggerAction"]
)
def test_the_bindings_can_leave_when_enforcement_is_turned_off(kind: str) -> None:
    assert transform(kind) is None


def test_the_protected_types_exist() -> None:
    assert auth0.Action.pulumi_type == "auth0:index/action:Action"  # type: ignore[attr-defined]
