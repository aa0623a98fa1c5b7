"""A verified person logs in at the cost of a comparison; what counts as a changed number."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from . import made
from .runner import ActionRunner

KNOWN = {"phone_hint": made.digest(made.OTHER)}
EVERYWHERE: list[dict[str, Any]] = [
    {},
    {"request": {"query": {"prompt": "none"}}},
    {"transaction": {"protocol": "oauth2-refresh-token"}},
    {"transaction": {"protocol": "oauth2-password"}},
    {"request": {"hostname": "elsewhere.example.com"}},
    {"secrets": None},
    {"user": {"identities": None}},
    {"authentication": None, "transaction": None},
]


@pytest.mark.parametrize("circumstances", EVERYWHERE)
@pytest.mark.parametrize("flow", ["form", "action"])
def test_a_verified_person_passes_anywhere_without_a_call(
    node: ActionRunner, flow: str, circumstances: dict[str, Any]
) -> None:
    run = node.run(made.code(flow=flow), made.EXECUTE, made.verified(**circumstances))
    assert run.passed
    assert run.calls == []
    assert run.logs == []


@pytest.mark.parametrize(
    "hint", [made.PHONE, "+1 (415) 555-0123", "001.415.555.0123", " +1\u00a0415\u2013555\u20130123 "]
)
def test_the_same_number_written_otherwise_is_no_change(node: ActionRunner, hint: str) -> None:
    event = made.verified(user={"user_metadata": {"phone_number": hint}})
    assert node.run(made.code(), made.EXECUTE, event).calls == []


def test_a_hint_that_was_seen_before_is_no_change(node: ActionRunner) -> None:
    event = made.verified(user={"app_metadata": KNOWN, "user_metadata": {"phone_number": made.OTHER}})
    assert node.run(made.code(), made.EXECUTE, event).calls == []


@pytest.mark.parametrize(
    "hint",
    [
        "",
        "call me",
        "0",
        14155550123,
        None,
        ["+14155550123"],
        {"a": 1},
        "+1415555012x",
        "+" * 999,
        made.OTHER + " " * 64,
    ],
)
def test_a_hint_that_is_no_number_is_no_change(node: ActionRunner, hint: object) -> None:
    event = made.verified()
    event["user"]["user_metadata"]["phone_number"] = hint
    assert node.run(made.code(), made.EXECUTE, event).calls == []


@pytest.mark.parametrize(
    "app_metadata",
    [
        {"phone_number": made.PHONE},
        {"phone_number_verified": True},
        {"phone_number": made.PHONE, "phone_number_verified": "true"},
        {"phone_number": made.PHONE, "phone_number_verified": 1},
        {"phone_number": "4155550123", "phone_number_verified": True},
        {"phone_number": [made.PHONE], "phone_number_verified": True},
        {"phone_number": made.PHONE + "\n", "phone_number_verified": True},
        {
            "phone_number": "+\u0664\u0661\u0665\u0665\u0665\u0665\u0660\u0661\u0662\u0663",
            "phone_number_verified": True,
        },
        {"phone_number": None, "phone_number_verified": True},
    ],
)
def test_anything_less_than_a_verified_e164_number_is_unverified(
    node: ActionRunner, app_metadata: dict[str, object]
) -> None:
    event = made.login()
    event["user"]["app_metadata"] = app_metadata
    assert node.run(made.code(), made.EXECUTE, event).redirect


def test_t10_user_metadata_and_the_root_profile_never_count_as_verified(node: ActionRunner) -> None:
    claims = {"phone_number": made.PHONE, "phone_number_verified": True, "phone_verified": True}
    event = made.login(user={"user_metadata": claims, **claims})
    assert node.run(made.code(), made.EXECUTE, event).redirect


def test_a_changed_hint_asks_with_the_old_number_to_prove_and_may_be_skipped(node: ActionRunner) -> None:
    event = made.verified(user={"user_metadata": {"phone_number": made.OTHER}})
    run = node.run(made.code(), made.EXECUTE, event)
    assert run.redirect
    _, claims = made.opened(run.redirect["query"]["phone_request"])
    assert claims["phone"] == made.OTHER
    assert claims["proven"] == made.PHONE
    assert claims["skippable"] is True


@pytest.mark.parametrize(
    "method", [made.mfa(601), made.mfa(86_400), {"name": "mfa"}, {"name": "mfa", "timestamp": "x"}]
)
def test_an_mfa_that_is_long_ago_spares_the_old_number_no_code(
    node: ActionRunner, method: dict[str, str]
) -> None:
    event = made.verified(user={"user_metadata": {"phone_number": made.OTHER}})
    event["authentication"]["methods"].append(method)
    run = node.run(made.code(), made.EXECUTE, event)
    assert run.redirect
    assert made.opened(run.redirect["query"]["phone_request"])[1]["proven"] == made.PHONE


def test_after_mfa_the_old_number_need_not_be_proven(node: ActionRunner) -> None:
    event = made.verified(user={"user_metadata": {"phone_number": made.OTHER}})
    event["authentication"]["methods"].append(made.mfa())
    run = node.run(made.code(), made.EXECUTE, event)
    assert run.redirect
    _, claims = made.opened(run.redirect["query"]["phone_request"])
    assert "proven" not in claims
    assert claims["skippable"] is True


@pytest.mark.parametrize(
    "circumstances",
    [
        {"request": {"query": {"prompt": "none"}}},
        {"transaction": {"prompt": ["none"]}},
        {"transaction": {"protocol": "oauth2-refresh-token"}},
        {"transaction": {"protocol": "oauth2-password"}},
        {"request": {"hostname": "elsewhere.example.com"}},
    ],
)
def test_where_nobody_can_be_asked_a_changed_hint_passes_with_the_old_number(
    node: ActionRunner, circumstances: dict[str, Any]
) -> None:
    event = made.verified(user={"user_metadata": {"phone_number": made.OTHER}})
    run = node.run(made.code(), made.EXECUTE, made.merged(event, circumstances))
    assert run.passed
    assert run.app_metadata == event["user"]["app_metadata"]


@settings(max_examples=60, deadline=None)
@given(
    digits=st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True),
    junk=st.lists(st.sampled_from(" -.()\u00a0\u2010\u2013"), max_size=12),
    zeros=st.booleans(),
    place=st.integers(0, 99),
)
def test_punctuation_never_changes_a_number(
    node: ActionRunner, digits: str, junk: list[str], zeros: bool, place: int
) -> None:
    text = list(("00" if zeros else "+") + digits)
    for index, mark in enumerate(junk):
        text.insert((place + 7 * index) % (len(text) + 1), mark)
    run = node.run(made.code(), made.EXECUTE, made.hinted("".join(text)))
    assert run.redirect
    assert made.opened(run.redirect["query"]["phone_request"])[1].get("phone") == f"+{digits}"


@settings(max_examples=100, deadline=None)
@given(hint=st.text(max_size=70))
def test_whatever_the_hint_the_form_gets_e164_or_nothing(node: ActionRunner, hint: str) -> None:
    run = node.run(made.code(), made.EXECUTE, made.hinted(hint))
    assert run.redirect
    phone = made.opened(run.redirect["query"]["phone_request"])[1].get("phone", "+1000000")
    assert phone.startswith("+")
    assert phone[1:].isascii()
    assert phone[1:].isdigit()
    assert 7 <= len(phone[1:]) <= 15
