"""Random histories against a model: Actions with their bindings, and users with their metadata."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from sandbox.seed import CONNECTION
from sandbox.testing import memory_sandbox

from .in_process import InProcess

NAMES = st.sampled_from(["one", "two", "three", "four"])
CODES = st.sampled_from(["// a", "// b", "// c"])
TRIGGER = "/actions/triggers/post-login/bindings"


class Actions(RuleBasedStateMachine):
    """The model: what each Action's draft is, what of it is deployed, and which are bound in what order."""

    actions = Bundle("actions")

    def __init__(self) -> None:
        super().__init__()
        self.api = InProcess(memory_sandbox())
        self.drafts: dict[str, dict[str, str]] = {}
        self.deployed: dict[str, list[str]] = {}
        self.bound: list[str] = []

    @rule(target=actions, name=NAMES, code=CODES)
    def create(self, name: str, code: str) -> Any:
        body = {"name": name, "code": code, "supported_triggers": [{"id": "post-login"}]}
        status, answer = self.api.call("POST", "/actions/actions", body)
        if name in (draft["name"] for draft in self.drafts.values()):
            assert status == 409
            return ""
        assert status == 201
        self.drafts[answer["id"]] = {"name": name, "code": code}
        self.deployed[answer["id"]] = []
        return answer["id"]

    @rule(action=actions, code=CODES)
    def change(self, action: str, code: str) -> None:
        status, answer = self.api.call("PATCH", f"/actions/actions/{action or 'none'}", {"code": code})
        if action not in self.drafts:
            assert status == 404
            return
        self.drafts[action]["code"] = code
        assert answer["status"] == "pending"
        assert answer["all_changes_deployed"] is False

    @rule(action=actions)
    def deploy(self, action: str) -> None:
        status, answer = self.api.call("POST", f"/actions/actions/{action or 'none'}/deploy")
        if action not in self.drafts:
            assert status == 404
            return
        self.deployed[action].append(self.drafts[action]["code"])
        assert (status, answer["number"]) == (200, len(self.deployed[action]))

    @rule(chosen=st.lists(actions, max_size=4))
    def bind(self, chosen: list[str]) -> None:
        refs = [{"ref": {"type": "action_id", "value": action or "none"}} for action in chosen]
        status, _ = self.api.call("PATCH", TRIGGER, {"bindings": refs})
        fits = len(set(chosen)) == len(chosen) and all(self.deployed.get(action) for action in chosen)
        assert status == (200 if fits else 400)
        if fits:
            self.bound = chosen

    @rule(action=consumes(actions), force=st.booleans())
    def delete(self, action: str, force: bool) -> None:
        path = f"/actions/actions/{action or 'none'}{'?force=true' if force else ''}"
        status, _ = self.api.call("DELETE", path)
        if action not in self.drafts:
            assert status == 404
        elif action in self.bound and not force:
            assert status == 409
        else:
            assert status == 204
            del self.drafts[action], self.deployed[action]
            self.bound = [known for known in self.bound if known != action]

    @invariant()
    def the_drafts_are_what_was_written(self) -> None:
        _, listed = self.api.call("GET", "/actions/actions?per_page=100")
        shown = {doc["id"]: {"name": doc["name"], "code": doc["code"]} for doc in listed["actions"]}
        assert shown == self.drafts

    @invariant()
    def the_deployed_code_is_the_last_that_was_deployed(self) -> None:
        for action, versions in self.deployed.items():
            _, shown = self.api.call("GET", f"/actions/actions/{action}")
            if versions:
                assert shown["deployed_version"]["code"] == versions[-1]
                assert shown["deployed_version"]["deployed"] is True
                assert shown["current_version"]["number"] == len(versions)
            else:
                assert "deployed_version" not in shown

    @invariant()
    def the_bindings_are_in_the_order_last_sent(self) -> None:
        _, listed = self.api.call("GET", f"{TRIGGER}?per_page=100")
        assert [binding["action"]["id"] for binding in listed["bindings"]] == self.bound
        assert listed.get("total", 0) == len(self.bound)


Actions.TestCase.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
TestActions = Actions.TestCase

KEYS = st.sampled_from(["phone_number", "verified", "plan", "ünïcode|key"])
VALUES = (
    st.none()
    | st.booleans()
    | st.text(max_size=8)
    | st.dictionaries(KEYS, st.integers(-(2**53), 2**53), max_size=2)
)
PATCHES = st.dictionaries(KEYS, VALUES, max_size=3)


class Metadata(RuleBasedStateMachine):
    """The model: a dictionary that forgets what is set to null, and all of it for an empty one."""

    def __init__(self) -> None:
        super().__init__()
        self.api = InProcess(memory_sandbox())
        body = {"connection": CONNECTION, "email": "ada@example.com", "password": "Abcdefg1!"}
        _, user = self.api.call("POST", "/users", body)
        self.path = f"/users/{user['user_id'].replace('|', '%7C')}"
        self.model: dict[str, dict[str, Any]] = {}

    @rule(member=st.sampled_from(["user_metadata", "app_metadata"]), patch=PATCHES)
    def change(self, member: str, patch: dict[str, Any]) -> None:
        status, answer = self.api.call("PATCH", self.path, {member: patch})
        assert status == 200
        self._merge(member, patch)
        assert answer[member] == self.model[member]

    @rule(user=PATCHES, app=PATCHES)
    def change_both(self, user: dict[str, Any], app: dict[str, Any]) -> None:
        self.api.call("PATCH", self.path, {"user_metadata": user, "app_metadata": app})
        for member, patch in (("user_metadata", user), ("app_metadata", app)):
            self._merge(member, patch)

    def _merge(self, member: str, patch: dict[str, Any]) -> None:
        merged = {**(self.model.get(member, {}) if patch else {}), **patch}
        self.model[member] = {key: value for key, value in merged.items() if value is not None}

    @invariant()
    def what_is_read_is_what_was_written(self) -> None:
        _, shown = self.api.call("GET", self.path)
        assert {
            name: shown[name] for name in ("user_metadata", "app_metadata") if name in shown
        } == self.model


Metadata.TestCase.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)
TestMetadata = Metadata.TestCase
