"""Our place among other teams' Actions."""

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from infra.bindings import TRIGGER_LIMIT, Binding, Neighbours, arrange
from infra.errors import BindingsError

OURS = Binding("ours", "phone verification")
NEW = Binding(None, "phone verification")


def live(*names: str) -> list[Binding]:
    return [OURS if name == "*" else Binding(f"id-{name}", name) for name in names]


def names(bindings: list[Binding]) -> list[str]:
    return ["*" if binding in (OURS, NEW) else binding.name for binding in bindings]


@pytest.mark.parametrize(
    ("now", "before", "after", "then"),
    [
        ("", "", "", "*"),
        ("*", "", "", "*"),
        ("a", "a", "", "a*"),
        ("a", "", "a", "*a"),
        ("ab", "a", "b", "a*b"),
        ("ab", "ab", "", "ab*"),
        ("ab", "ba", "", "ab*"),  # the tenant's order stands, whatever the stage's
        ("*ab", "ab", "", "ab*"),
        ("ab*", "", "ba", "*ab"),
        ("a*b", "a", "b", "a*b"),
        ("abcd", "ab", "cd", "ab*cd"),
    ],
)
def test_places(now: str, before: str, after: str, then: str) -> None:
    neighbours = Neighbours(tuple(before), tuple(after))
    assert names(arrange(live(*now), OURS, neighbours, "dev")) == list(then)


def refusal(now: list[Binding], neighbours: Neighbours, ours: Binding = OURS) -> str:
    with pytest.raises(BindingsError) as raised:
        arrange(now, ours, neighbours, "dev")
    return str(raised.value)


def test_unnamed_actions_stop_with_the_lines_to_paste() -> None:
    assert refusal(live("a", "*", "b"), Neighbours()) == (
        "Our Action cannot take its place in the tenant's post-login flow:\n"
        "  - the stage does not say on which side of ours 'a', 'b' should run; as they run now, "
        "auth0-phone:bindings in Pulumi.dev.yaml is:\n"
        '    before: ["a"]\n'
        '    after: ["b"]'
    )


@pytest.mark.parametrize(
    ("now", "before", "after", "lines"),
    [
        ("ab", "", "", '    before: ["a", "b"]\n    after: []'),
        ("a*b", "", "", '    before: ["a"]\n    after: ["b"]'),
        ("*b", "", "", '    before: []\n    after: ["b"]'),
        ("ab*", "b", "", '    before: ["a", "b"]\n    after: []'),
        ("a*bc", "a", "c", '    before: ["a"]\n    after: ["b", "c"]'),
        ("abc", "", "c", '    before: ["a", "b"]\n    after: ["c"]'),
    ],
)
def test_the_lines_keep_what_the_stage_says_and_follow_how_they_run(
    now: str, before: str, after: str, lines: str
) -> None:
    assert lines in refusal(live(*now), Neighbours(tuple(before), tuple(after)))


def test_a_missing_action_is_named_with_the_line_that_forgets_it() -> None:
    said = refusal(live("a"), Neighbours(("a", "gone"), ()))
    assert "bindings.before names 'gone', which does not run there" in said
    assert "pulumi config rm --path 'bindings.before[1]' --stack dev" in said


def test_an_order_that_contradicts_the_stage_is_named() -> None:
    said = refusal(live("b", "a"), Neighbours(("a",), ("b",)))
    assert "'a' is in bindings.before, but runs after 'b', which is in bindings.after" in said


def test_a_full_trigger_is_named() -> None:
    many = tuple(f"a{number}" for number in range(TRIGGER_LIMIT))
    assert "Auth0 takes 20" in refusal(live(*many), Neighbours(many))
    assert len(arrange(live(*many[1:]), OURS, Neighbours(many[1:]), "dev")) == TRIGGER_LIMIT


def test_all_there_is_to_decide_is_told_at_once() -> None:
    said = refusal(live("b", "a", "c"), Neighbours(("a", "gone"), ("b",)))
    assert all(part in said for part in ("'c'", "'gone'", "runs after"))


def test_a_namesake_before_ours_exists_is_told_apart() -> None:
    said = refusal([Binding("other", NEW.name)], Neighbours(), ours=NEW)
    assert "is not this stack's" in said
    assert "pulumi config set --path action.name 'phone verification dev' --stack dev" in said
    assert "which side" not in said


def test_ours_is_known_by_its_id_whatever_it_is_called_there() -> None:
    renamed = Binding(OURS.id, "renamed in the dashboard")
    assert arrange([renamed], OURS, Neighbours(), "dev") == [OURS]


def test_a_foreign_action_of_our_name_is_foreign() -> None:
    assert "'phone verification'" in refusal([Binding("other", OURS.name), OURS], Neighbours())


def test_lines_to_paste_survive_odd_names() -> None:
    said = refusal(live('say "hi": #1', "ö"), Neighbours())
    assert r'before: ["say \"hi\": #1", "ö"]' in said


ACTIONS = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8)


@given(ACTIONS, st.data())
def test_foreign_order_is_kept_ours_is_there_once_and_again_changes_nothing(
    foreign: list[str], data: st.DataObject
) -> None:
    split = data.draw(st.integers(0, len(foreign)))
    now = list(foreign)
    if data.draw(st.booleans()):
        now.insert(data.draw(st.integers(0, len(now))), "*")
    neighbours = Neighbours(
        tuple(data.draw(st.permutations(foreign[:split]))), tuple(data.draw(st.permutations(foreign[split:])))
    )
    then = arrange(live(*now), OURS, neighbours, "dev")
    assert names(then) == [*foreign[:split], "*", *foreign[split:]]
    assert arrange(then, OURS, neighbours, "dev") == then


@given(ACTIONS, ACTIONS, ACTIONS)
def test_nothing_is_ever_unbound(foreign: list[str], before: list[str], after: list[str]) -> None:
    assume(not set(before) & set(after))
    try:
        then = arrange(live(*foreign), NEW, Neighbours(tuple(before), tuple(after)), "dev")
    except BindingsError:
        return
    assert [binding for binding in then if binding is not NEW] == live(*foreign)


@given(ACTIONS, st.data())
def test_pasting_the_lines_leaves_everybody_where_they_run(foreign: list[str], data: st.DataObject) -> None:
    assume(foreign)
    now = list(foreign)
    now.insert(data.draw(st.integers(0, len(now))), "*")
    said = refusal(live(*now), Neighbours())
    before, after = (json.loads(line.partition(": ")[2]) for line in said.splitlines()[-2:])
    assert names(arrange(live(*now), OURS, Neighbours(tuple(before), tuple(after)), "dev")) == now
