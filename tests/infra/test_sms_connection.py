"""What SmsConnection declares."""

from typing import Any

import pulumi
import pulumi_auth0 as auth0
import pytest

from infra import SmsConnection, SmsConnectionArgs
from infra.protection import (
    connection_guard,
    protect,
    refuse_another_connection,
    tell_of_another_connection,
)
from infra.settings import Settings

from .engine import Engine, texts
from .stages import key, settings

CLIENTS = ["k8hBruKpOvjX2rCCo1S1ZCbM7cp0QdYI", "93TpIMW9THuHyHdPTb5xrmKGxd2zCpHb"]


def stage(**changes: Any) -> Settings:
    sms = {"mode": "gateway", "countries": ["GB"], "carriers": ["clickatell"], **changes}
    return settings(sms=sms, secrets__smsGatewaySecret=key())


def declare(it: Settings, live: list[tuple[str, str]] | None = None, ready: bool = False) -> Engine:
    def program() -> None:
        provider = auth0.Provider("tenant", domain=it.auth0.domain)
        hosts = [pulumi.CustomResource("test:index:Host", "host", {})] if ready else []
        SmsConnection("sms", SmsConnectionArgs(it, provider, hosts))

    return Engine(live or []).run(program)


def test_every_option_is_declared_and_authentication_cannot_be_left_out() -> None:
    it = stage(
        **{"from": "Acme"},
        codeLength=8,
        codeSeconds=300,
        bruteForceProtection=False,
        signUp=False,
        forwardRequestInfo=False,
        subject="urn:Auth0",
        audience="urn:gateway",
        secretEncoding="base64",
        gatewayUrl="https://sms.acme.example/auth0",
    )
    connection = declare(it).the("Connection")
    assert it.secrets.sms_gateway_secret is not None
    assert connection.inputs == {
        "name": "sms",
        "strategy": "sms",
        "options": {
            "name": "sms",
            "provider": "sms_gateway",
            "from": "Acme",
            "syntax": "liquid",
            "template": "Your code for {{ application.name }} is {{ code }}.",
            "totp": {"length": 8, "timeStep": 300},
            "bruteForceProtection": False,
            "disableSignup": True,
            "forwardRequestInfo": False,
            "gatewayUrl": "https://sms.acme.example/auth0",
            "gatewayAuthentication": {
                "method": "bearer",
                "subject": "urn:Auth0",
                "audience": "urn:gateway",
                "secret": it.secrets.sms_gateway_secret.reveal(),
                "secretBase64Encoded": True,
            },
        },
    }


def test_an_absent_sender_is_left_out_rather_than_empty() -> None:
    assert "from" not in declare(stage()).the("Connection").inputs["options"]


def test_with_a_phone_provider_the_connection_names_no_gateway_and_holds_no_secret() -> None:
    options = declare(stage(mode="provider")).the("Connection").inputs["options"]
    assert not {"provider", "gatewayUrl", "gatewayAuthentication"} & set(options)
    assert {"template", "totp", "bruteForceProtection", "disableSignup"} <= set(options)


def test_the_secret_is_secret_on_the_wire_and_the_rest_can_be_reviewed() -> None:
    it = stage()
    assert it.secrets.sms_gateway_secret is not None
    hidden = it.secrets.sms_gateway_secret.reveal()
    engine = declare(it)
    found = [
        (text, marked)
        for resource in engine.declared
        for field in resource.request.object.fields.values()
        for text, marked in texts(field)
    ]
    assert [(text, marked) for text, marked in found if marked] == [(hidden, True)]
    assert [text for text, marked in found if hidden in text and not marked] == []
    assert ("https://phone-dev.acme.example/sms", False) in found
    assert hidden not in str(engine.outputs)


def test_without_its_secret_nothing_is_declared() -> None:
    it = stage().model_copy(update={"secrets": settings().secrets})
    with pytest.raises(ValueError, match=r"secrets\.smsGatewaySecret is not set"):
        declare(it)


def test_applications_are_enabled_one_by_one() -> None:
    engine = declare(stage(applications=CLIENTS))
    clients = engine.of("ConnectionClient")
    assert [client.inputs for client in clients] == [
        {"connectionId": "sms-id", "clientId": name} for name in CLIENTS
    ]
    assert engine.of("ConnectionClients") == []
    assert all(client.request.deletedWith.endswith(":Connection::sms") for client in clients)
    assert not any(client.request.retainOnDelete for client in clients)


@pytest.mark.parametrize("applications", [CLIENTS, []])
def test_one_owner_has_the_whole_list(applications: list[str]) -> None:
    engine = declare(stage(applications=applications, applicationsOwner="all"))
    clients = engine.the("ConnectionClients")
    assert clients.inputs == {"connectionId": "sms-id", "enabledClients": sorted(applications)}
    assert engine.of("ConnectionClient") == []
    assert clients.request.retainOnDelete
    assert clients.request.deletedWith.endswith(":Connection::sms")


def test_another_teams_phone_provider_stops_the_program() -> None:
    with pytest.raises(pulumi.RunError) as raised:
        declare(stage(), live=[("a", "their sender")])
    assert "'their sender'" in str(raised.value)
    assert "ignores a connection's gateway" in str(raised.value)
    assert "pulumi config set --path sms.mode off --stack dev" in str(raised.value)


def test_our_own_of_another_mode_does_not() -> None:
    assert len(declare(stage(), live=[("a", "auth0-phone provider")]).of("Connection")) == 1


def test_with_a_phone_provider_the_trigger_is_not_its_business() -> None:
    assert declare(stage(mode="provider"), live=[("a", "their sender")]).reads == []


def test_it_waits_for_what_delivers() -> None:
    assert "host" in declare(stage(), ready=True).the("Connection").dependencies


@pytest.mark.parametrize("kind", ["Connection", "ConnectionClient"])
def test_every_resource_has_the_explicit_provider_and_its_parent(kind: str) -> None:
    resource = declare(stage(applications=CLIENTS[:1])).the(kind)
    assert resource.provider == "tenant"
    assert resource.parent == "sms"


def test_the_component_closes_with_its_outputs() -> None:
    assert declare(stage()).outputs["sms"] == {
        "connection_id": "sms-id",
        "connection_name": "sms",
        "gateway_url": "https://phone-dev.acme.example/sms",
    }


def test_another_name_is_declared_and_warned_of() -> None:
    engine = declare(stage(connectionName="sms-elsewhere"))
    assert engine.the("Connection").inputs["name"] == "sms-elsewhere"
    assert engine.the("Connection").inputs["options"]["name"] == "sms-elsewhere"
    (warning,) = engine.log
    assert "/passwordless/start takes a connection named 'sms' alone" in warning


def test_the_usual_name_is_not_warned_of() -> None:
    assert declare(stage()).log == []


def test_with_a_phone_provider_an_older_tenants_switch_is_spoken_of_outside_of_a_laptop() -> None:
    (warning,) = declare(stage(mode="provider")).log
    assert "'Use Tenant-level Messaging Provider'" in warning
    it = stage(mode="provider")
    assert declare(it.model_copy(update={"stage": "local"})).log == []


def hook_args(old: dict[str, Any] | None, new: dict[str, Any] | None) -> pulumi.ResourceHookArgs:
    kind = "auth0-phone:index:SmsConnection"
    return pulumi.ResourceHookArgs("urn", "", "sms", kind, new_inputs=new, old_inputs=old)


RENAMED = hook_args({"connectionName": "sms"}, {"connectionName": "sms2"})


def test_the_component_shows_its_name_to_the_guard() -> None:
    assert declare(stage(connectionName="sms2")).the("SmsConnection").inputs == {"connectionName": "sms2"}


def test_a_renamed_connection_of_a_protected_stage_is_refused_with_the_way_back() -> None:
    with pytest.raises(pulumi.RunError) as raised:
        Engine().run(lambda: refuse_another_connection(RENAMED))
    assert "would be deleted with its users" in str(raised.value)
    assert "pulumi config set --path sms.connectionName sms --stack dev" in str(raised.value)


def test_of_another_stage_it_is_told() -> None:
    engine = Engine().run(lambda: tell_of_another_connection(RENAMED))
    assert engine.log == [
        "The SMS connection 'sms' is deleted, with its users, and 'sms2' is made: "
        "Auth0 renames no connection."
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"connectionName": "sms"}, {"connectionName": "sms", "more": 1}),
        (None, {"connectionName": "sms"}),
        ({}, {"connectionName": "sms"}),
    ],
)
def test_other_updates_pass(old: dict[str, Any] | None, new: dict[str, Any]) -> None:
    refuse_another_connection(hook_args(old, new))
    tell_of_another_connection(hook_args(old, new))


@pytest.mark.parametrize(
    ("protected", "told"), [(True, refuse_another_connection), (False, tell_of_another_connection)]
)
def test_the_guard_stands_at_previews_too(
    monkeypatch: pytest.MonkeyPatch, protected: bool, told: Any
) -> None:
    bound: list[Any] = []
    monkeypatch.setattr(pulumi, "ResourceHook", lambda name, call, opts: (name, call, opts.on_dry_run))
    monkeypatch.setattr(pulumi, "ResourceHookBinding", lambda **hooks: bound.append(hooks))
    connection_guard(protected)
    assert bound == [{"before_update": [("same-connection", told, True)]}]


def test_the_connection_is_protected_and_what_says_no_is_not() -> None:
    def transformed(kind: str, opts: pulumi.ResourceOptions) -> pulumi.ResourceTransformResult | None:
        return protect(pulumi.ResourceTransformArgs(True, kind, "name", {}, opts))

    result = transformed("auth0:index/connection:Connection", pulumi.ResourceOptions())
    assert result is not None
    assert result.opts.protect is True
    assert transformed("auth0:index/action:Action", pulumi.ResourceOptions(protect=False)) is None
    assert auth0.Connection.pulumi_type == "auth0:index/connection:Connection"  # type: ignore[attr-defined]
