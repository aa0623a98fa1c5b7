"""What is made of an engine's events: steps, counts, the first error, and whether two changes are alike."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.automation import EngineEvent

from ops.fleet.events import Watch, one_line, tallied

WORDS = {"phone-eu-1.acme.example": "<host>", "eu-1.eu.auth0.com": "<tenant>", "eu-1": "<stage>"}
OTHERS = {name.replace("eu-1", "eu-2"): common for name, common in WORDS.items()}


def step(operation: str, old: Any = None, new: Any = None, name: str = "phone") -> EngineEvent:
    urn = f"urn:pulumi:eu-1::auth0-phone::auth0:index/action:Action::{name}"
    states = {
        key: inputs
        and {"type": "T", "urn": urn, "id": "", "parent": "", "provider": "", "inputs": inputs, "outputs": {}}
        for key, inputs in (("old", old), ("new", new))
    }
    metadata = {"op": operation, "urn": urn, "type": "auth0:index/action:Action", "provider": "", **states}
    event = {"sequence": 1, "timestamp": 1, "resourcePreEvent": {"metadata": metadata}}
    return EngineEvent.from_json(event)


def failure(message: str, severity: str = "error") -> EngineEvent:
    said = {"message": message, "color": "never", "severity": severity}
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, "diagnosticEvent": said})


def fingerprint(words: dict[str, str], *events: EngineEvent) -> str:
    watch = Watch(words)
    for event in events:
        watch.see(event)
    return watch.fingerprint


def test_a_step_is_told_in_a_few_words_and_standing_still_is_not() -> None:
    watch = Watch(WORDS)
    assert watch.see(step("update")) == "update Action phone"
    assert [watch.see(step(operation)) for operation in ("same", "read", "refresh")] == [None] * 3


def test_the_first_error_counts_and_warnings_do_not() -> None:
    watch = Watch(WORDS)
    for event in (failure("careful", "warning"), failure("<{%fg 1%}>error: <{%reset%}>no"), failure("later")):
        watch.see(event)
    assert watch.error == "no"


def test_changes_are_counted_in_our_words() -> None:
    found = tallied({"same": 4, "create": 1, "create-replacement": 1, "replace": 1, "delete-replaced": 1})
    assert found == {"created": 1, "replaced": 2, "unchanged": 4}


def test_alike_is_the_same_change_but_for_the_stages_own_words() -> None:
    ours = step("update", {"code": "a\nb\nhttps://phone-eu-1.acme.example"}, {"code": "a\nc\nb"})
    theirs = step("update", {"code": "a\nb\nhttps://phone-eu-2.acme.example"}, {"code": "a\nc\nb"})
    assert fingerprint(WORDS, ours) == fingerprint(OTHERS, theirs)
    assert fingerprint(WORDS, ours, step("same")) == fingerprint(WORDS, ours)


@pytest.mark.parametrize(
    "other",
    [
        step("update", {"code": "a"}, {"code": "c"}),
        step("replace", {"code": "a"}, {"code": "b"}),
        step("update", {"code": "a"}, {"code": "b"}, name="another"),
        step("update", {"name": "a"}, {"name": "b"}),
        step("update", {"code": "a"}, {"code": "b", "name": "n"}),
        step("delete", {"code": "a"}),
    ],
)
def test_another_change_is_not_alike(other: EngineEvent) -> None:
    assert fingerprint(WORDS, step("update", {"code": "a"}, {"code": "b"})) != fingerprint(WORDS, other)


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("\n\n  error: the first\nthe second", "the first"),
        ('before hook "no-namesake" failed: The tenant has one.\n  more', "The tenant has one."),
        ("unmarshal errors:\n  line 3: bad", "unmarshal errors: line 3: bad"),
        ("", ""),
    ],
)
def test_a_message_is_told_in_a_line(said: str, line: str) -> None:
    assert one_line(said) == line


@given(st.text())
def test_whatever_is_said_is_one_short_line(said: str) -> None:
    line = one_line(said)
    assert len(line) <= 300
    assert len(line.splitlines()) <= 1
