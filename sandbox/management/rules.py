"""/rules and /rules-configs: what came before Actions, kept as data; no login runs a rule.

Sources: the provider's schema, the SDKs' types; auth0.com/docs/api/management/v2/rules. Rules and Hooks ended
on 18 November 2026, and tenants made since October 2023 never had them: the switch `legacy_extensibility`,
set to "ended", refuses new ones with the documented words. The errors' codes are not documented.
"""

from ..context import Sandbox
from ..errors import Auth0Error, conflict, not_found, refusal
from ..store import Doc
from . import paging
from .collection import Collection
from .documents import patched
from .routing import Answer, Call, Operation
from .schema import flag, nullable, number, record, text

_CONFIGS = "rules_configs"
_MEMBERS = {
    "name": text(1, 255, pattern=r"^[^\s-](.*[^\s-])?$"),
    "script": text(1),
    "order": nullable(number()),
    "enabled": flag(),
}
# Old, and taken by a POST still: the deploy CLI sends it.
_STAGES = ("login_success", "login_failure", "pre_authorize", "user_registration", "user_blocked")


def missing() -> Auth0Error:
    return not_found("The rule does not exist.", "inexistent_rule")


def refuse_if_ended(sandbox: Sandbox) -> None:
    if sandbox.switches.legacy_extensibility == "ended":
        raise refusal(403, "This endpoint is disabled for your tenant.", "operation_not_supported")


def _new(call: Call) -> Doc:
    refuse_if_ended(call.sandbox)
    _check_name(call, call.body["name"])
    order = call.body.get("order") or 1 + max((rule["order"] for rule in _all(call)), default=0)
    rule = {"id": call.sandbox.ids.prefixed("rul"), "enabled": True, "stage": "login_success", **call.body}
    return {**rule, "order": order}


def _change(call: Call, rule: Doc) -> Doc:
    if call.body.get("name", rule["name"]) != rule["name"]:
        _check_name(call, call.body["name"])
    return {"order": rule["order"], **patched(rule, call.body)}


def _check_name(call: Call, name: str) -> None:
    if any(rule["name"] == name for rule in _all(call)):
        raise conflict("A rule with the same name already exists.", "rule_conflict")


def _all(call: Call) -> list[Doc]:
    return call.sandbox.store.all("rules")


def _wanted(call: Call, rule: Doc) -> bool:
    return paging.flag(call, "enabled") in (None, rule["enabled"])


def list_configs(call: Call) -> Answer:
    """Keys alone; never a value."""
    return Answer([{"key": config["key"]} for config in call.sandbox.store.all(_CONFIGS)])


def set_config(call: Call) -> Answer:
    config = {"key": call.params["key"], "value": call.body["value"]}
    call.sandbox.store.put(_CONFIGS, config["key"], config)
    return Answer(config)


def delete_config(call: Call) -> Answer:
    call.sandbox.store.delete(_CONFIGS, call.params["key"])
    return Answer(status=204)


_CONFIG = "/rules-configs/{key}"

OPERATIONS = (
    *Collection(
        path="/rules",
        kind="rules",
        scope="rules",
        missing=missing,
        create=record({**_MEMBERS, "stage": text(choices=_STAGES)}, required=("name", "script")),
        update=record(_MEMBERS),
        new=_new,
        change=_change,
        wanted=_wanted,
    ).operations(),
    Operation("GET", "/rules-configs", list_configs, ("read:rules_configs",)),
    Operation(
        "PUT", _CONFIG, set_config, ("update:rules_configs",), record({"value": text()}, required=("value",))
    ),
    Operation("DELETE", _CONFIG, delete_config, ("delete:rules_configs",)),
)
