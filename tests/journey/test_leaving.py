"""A whole life of a stage, from `up` to `destroy`, in each `sms.mode` with its documented scopes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import yaml

from tests.journey.stage import BASE, FOREIGN, OURS, ROOT, JourneyStage

UP = ("up", "--yes", "--skip-preview")
DESTROY = ("destroy", "--yes")
# What each life changes on its way: everything that is there has to be updated once.
CHANGES: dict[str, dict[str, object]] = {
    "gateway": {"verification.enforcement": "off"},
    "provider": {
        "verification.enforcement": "off",
        "sms.deliveryMethods": ["text", "voice"],
        "sms.template": "Acme: {{ code }}",
    },
}
# They admit no call of their own: what another scope admits shows or takes options only with them.
PARTS = {"read:connections_options", "update:connections_options"}


def listed_scopes(mode: str) -> set[str]:
    """The scopes that the documentation's table wants for a mode, or always."""
    rows = [line.split("|") for line in (ROOT / "docs" / "scopes.md").read_text().splitlines()]
    scopes = {row[1].strip(" `"): row[2] for row in rows if len(row) > 3 and "`" in row[1]}
    return {scope for scope, needed in scopes.items() if mode in needed or "always" in needed}


def snapshot(stage: JourneyStage) -> dict[str, Any]:
    """The tenant less what every visit changes."""
    names = ("/actions/actions", "/clients", "/connections", "/resource-servers", "/client-grants")
    phone = ("/branding/phone/providers", "/branding/phone/templates")
    found = {name: stage.management("GET", name) for name in (*names, *phone)}
    return {**found, "bindings": stage.bindings()}


def set_here(stage: JourneyStage, changes: dict[str, object]) -> None:
    """Change the stack's own copy of the stage file, as `pulumi config set` would."""
    file = stage.folder / "stack" / "Pulumi.local.yaml"
    document = yaml.safe_load(file.read_text())
    for path, value in changes.items():
        group, _, name = path.partition(".")
        document["config"][f"auth0-phone:{group}"][name] = value
    file.write_text(yaml.safe_dump(document))


class Grant:
    """What the tenant allows the stage's machine-to-machine application."""

    def __init__(self, stage: JourneyStage) -> None:
        client = stage.ready["auth0"]["client_id"]
        (self._found,) = stage.management("GET", f"/client-grants?client_id={client}")
        self._stage = stage
        # Taken while everything is allowed: it outlives what is taken away below.
        self._token = stage.token()

    def allow(self, scopes: Sequence[str]) -> None:
        path = f"/api/v2/client-grants/{self._found['id']}"
        headers = {"Authorization": f"Bearer {self._token}"}
        self._stage.call("PATCH", path, headers=headers, json={"scope": [*scopes]}).raise_for_status()

    def allow_everything(self) -> None:
        self.allow(self._found["scope"])

    def powerless_token(self) -> str:
        self.allow([])
        token = self._stage.token()
        self.allow_everything()
        return token


@dataclass
class Life:
    """What was seen of a stage's life in one mode."""

    stage: JourneyStage
    mode: str
    before: dict[str, Any]
    bound: list[list[str]] = field(default_factory=list)
    refused: str = ""
    calls: set[tuple[str, str]] = field(default_factory=set)
    # For each call that was made: the scopes of which any one admits it.
    admitting: set[frozenset[str]] = field(default_factory=set)
    after: dict[str, Any] = field(default_factory=dict)

    def live(self, grant: Grant) -> None:
        """`up`, a change, `destroy`, with the scopes that are listed for the mode and no others."""
        set_here(self.stage, {"sms.mode": self.mode, "verification.enforcement": "required"})
        self._take(UP, grant)
        self.refused = self.stage.pulumi(*DESTROY).stderr
        set_here(self.stage, CHANGES[self.mode])
        self._take(UP, grant)
        self._take(DESTROY, grant)
        self.admitting = self._who_admits(grant.powerless_token())
        self.after = snapshot(self.stage)

    def _take(self, step: tuple[str, ...], grant: Grant) -> None:
        grant.allow(sorted(listed_scopes(self.mode)))
        known = self._calls()[-1]["sequence"]
        try:
            done = self.stage.pulumi(*step)
        finally:
            grant.allow_everything()
        assert done.returncode == 0, done.stdout + done.stderr
        self.calls |= {(call["method"], call["path"]) for call in self._calls(known)}
        self.bound.append(self.stage.bindings())

    def _calls(self, since: int = 0) -> list[dict[str, Any]]:
        found = self.stage.control("GET", f"/calls?since={since}")["calls"]
        return [call for call in found if call["service"] == "auth0"]

    def _who_admits(self, token: str) -> set[frozenset[str]]:
        """The tenant's own word: without any scope it refuses a call and names those that would do."""
        headers = {"Authorization": f"Bearer {token}"}
        mine = ("/_sandbox/", "/oauth/", "/api/v2/client-grants/")
        answers = [
            self.stage.call(method, path, headers=headers)
            for method, path in self.calls
            if not path.startswith(mine)
        ]
        assert {answer.status_code for answer in answers} == {403}
        return {frozenset(re.findall(r"[a-z]+:[a-z_]+", answer.json()["message"])) for answer in answers}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JourneyStage]:
    it = JourneyStage(tmp_path_factory.mktemp("life") / "local", BASE)
    try:
        it.begin_with_a_foreign_action()
        set_here(it, {"phone.codeLength": 6})
        yield it
    finally:
        it.ops("down")


@pytest.fixture(scope="module")
def lives(own: JourneyStage) -> dict[str, Life]:
    """One after the other, so that each begins where the one before has left the tenant."""
    grant, lives = Grant(own), {mode: Life(own, mode, snapshot(own)) for mode in CHANGES}
    for life in lives.values():
        life.live(grant)
    return lives


@pytest.mark.parametrize("mode", CHANGES)
def test_the_scopes_that_the_documentation_lists_are_enough_and_all_needed(
    lives: dict[str, Life], mode: str
) -> None:
    """Each is the only one on the list that admits some call of the engine's."""
    listed = listed_scopes(mode)
    assert len(listed) >= 8
    admitted = [admitting & listed for admitting in lives[mode].admitting]
    assert {scope for scopes in admitted if len(scopes) == 1 for scope in scopes} == listed - PARTS
    assert (listed >= PARTS) is ("update:connections" in listed)


def test_a_destroy_waits_until_the_action_is_unbound(lives: dict[str, Life]) -> None:
    for life in lives.values():
        assert "make up SET=verification.enforcement=off" in life.refused
        deployed, unbound, destroyed = life.bound
        assert deployed == [FOREIGN, OURS]
        assert unbound == destroyed == [FOREIGN]


@pytest.mark.parametrize("mode", CHANGES)
def test_leaving_in_two_steps_leaves_the_tenant_as_it_was(lives: dict[str, Life], mode: str) -> None:
    assert lives[mode].after == lives[mode].before


@pytest.mark.usefixtures("lives")
def test_reset_forgets_the_stage(own: JourneyStage) -> None:
    said = own.ops("reset").stdout.replace("\n", " ")
    assert "Stopped sandbox." in said
    assert "starts afresh" in said
    assert not own.folder.exists()
