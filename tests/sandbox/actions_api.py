"""Actions by the Management API, as its tests make, deploy and bind them."""

from typing import Any

from .api import Api

POST_LOGIN = [{"id": "post-login", "version": "v3"}]
CODE = "exports.onExecutePostLogin = async (event, api) => {};"


def create(api: Api, name: str = "verify", **members: Any) -> dict[str, Any]:
    action: dict[str, Any] = api.post(
        "/actions/actions", {"name": name, "supported_triggers": POST_LOGIN, "code": CODE, **members}
    )
    return action


def get(api: Api, action: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = api.get(f"/actions/actions/{action['id']}")
    return answer


def deploy(api: Api, action: dict[str, Any]) -> dict[str, Any]:
    version: dict[str, Any] = api.post(f"/actions/actions/{action['id']}/deploy", expect=200)
    return version


def bind(api: Api, *actions: dict[str, Any], trigger: str = "post-login") -> list[dict[str, Any]]:
    wanted = [
        {"ref": {"type": "action_id", "value": action["id"]}, "display_name": action["name"]}
        for action in actions
    ]
    answer = api.patch(f"/actions/triggers/{trigger}/bindings", {"bindings": wanted})
    bindings: list[dict[str, Any]] = answer["bindings"]
    return bindings


def bound(api: Api, trigger: str = "post-login") -> list[str]:
    listed = api.get(f"/actions/triggers/{trigger}/bindings", per_page="100")
    return [binding["action"]["name"] for binding in listed["bindings"]]
