"""Actions with what they need, forms, flows and vaults, and profiles."""

import json

import pulumi
import pulumi_auth0 as auth0

_CODE = "exports.onExecutePostLogin = async (event, api) => { /* %s */ };"
_NODES = [
    {
        "id": "step_1",
        "type": "STEP",
        "coordinates": {"x": 0, "y": 0},
        "alias": "Ask",
        "config": {
            "components": [
                {"id": "name", "category": "FIELD", "type": "TEXT", "label": "Name", "required": False}
            ],
            "next_node": "$ending",
        },
    }
]
_STEPS = [
    {
        "id": "say",
        "type": "FLOW",
        "action": "RETURN_JSON",
        "allow_failure": False,
        "mask_output": False,
        "params": {"payload": {"said": "yes"}},
    }
]


def _text(value: object) -> str:
    """As the plugin writes what it reads, so that texts are equal when values are."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def declare(later: bool) -> None:
    first = auth0.Action(
        "first",
        name="First",
        runtime="node22",
        deploy=True,
        code=_CODE % ("later" if later else "now"),
        supported_triggers={"id": "post-login", "version": "v3"},
        secrets=[{"name": "KEY", "value": "of-the-action"}],
    )
    second = auth0.Action(
        "second",
        name="Second",
        runtime="node22",
        deploy=True,
        code=_CODE % "second",
        supported_triggers={"id": "post-login", "version": "v3"},
    )
    order = [second, first] if later else [first, second]
    auth0.TriggerActions(
        "post-login",
        trigger="post-login",
        actions=[{"id": action.id, "display_name": action.name} for action in order],
    )
    auth0.ActionModule("module", name="shared", code="exports.one = 1;", publish=True)
    _forms(later)
    auth0.UserAttributeProfile(
        "profile",
        name="Profile, later" if later else "Profile",
        user_id={"oidc_mapping": "sub", "saml_mappings": ["urn:oid:0.9.2342"], "scim_mapping": "userName"},
        user_attributes=[
            {
                "name": "email",
                "description": "E-mail address",
                "label": "E-mail",
                "profile_required": True,
                "auth0_mapping": "email",
            }
        ],
    )
    auth0.SelfServiceProfile(
        "self-service",
        name="Self-service",
        description="later" if later else "now",
        allowed_strategies=["oidc"],
    )


def _forms(later: bool) -> None:
    vault = auth0.FlowVaultConnection(
        "vault",
        name="Vault",
        app_id="HTTP",
        setup={"type": "BEARER", "token": "of-the-vault"},
    )
    auth0.Flow(
        "flow",
        name="Flow, later" if later else "Flow",
        actions=_text(_STEPS),
        opts=pulumi.ResourceOptions(depends_on=[vault]),
    )
    auth0.Form(
        "form",
        name="Form, later" if later else "Form",
        languages=[{"primary": "en"}],
        start=_text({"next_node": "step_1", "coordinates": {"x": 0, "y": 0}}),
        nodes=_text(_NODES),
        ending=_text({"resume_flow": True, "coordinates": {"x": 1, "y": 1}}),
    )
