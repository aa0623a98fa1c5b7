"""Planned answers: whom they hit, how often, and what can't be planned."""

import pytest
import requests

from sandbox.carriers import rules
from sandbox.context import Sandbox
from sandbox.testing import RunningSandbox, memory_sandbox

from .carriers_driver import DIALECTS, TO, Carriers

CLICKATELL = DIALECTS[0]
ANSWERS = {"clickatell": {"26", "opted_out", "internal"}, "twilio": {"21610", "opted_out", "internal"}}


def plan(sandbox: Sandbox, **given: object) -> None:
    rules.add(sandbox, rules.Rule.from_mapping(given, ANSWERS))


def hits(sandbox: Sandbox, messages: int, carrier: str = "clickatell") -> list[int]:
    """Which of so many messages a rule hit."""
    answers = ANSWERS[carrier]
    return [n for n in range(messages) if rules.due(sandbox, carrier, TO, answers) is not None]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"answer": "26"}, [0]),
        ({"answer": "26", "count": 3}, [0, 1, 2]),
        ({"answer": "26", "count": None}, [*range(10)]),
        ({"answer": "26", "count": None, "share": 0.3}, [3, 6, 9]),
        ({"answer": "26", "count": 1, "share": 0.5}, [1]),
        ({"answer": "26", "carrier": "clickatell", "to": "+4477*"}, [0]),
        ({"answer": "26", "to": "+1*"}, []),
        ({"answer": "21610", "carrier": "twilio"}, []),
    ],
)
def test_a_rule_hits_what_it_says(given: dict[str, object], expected: list[int]) -> None:
    sandbox = memory_sandbox()
    plan(sandbox, **given)
    assert hits(sandbox, 10) == expected


def test_a_share_is_exact_over_many_messages() -> None:
    sandbox = memory_sandbox()
    plan(sandbox, answer="internal", count=None, share=0.3)
    assert len(hits(sandbox, 1000)) == 300


def test_one_kind_is_planned_for_all_carriers_at_once() -> None:
    sandbox = memory_sandbox()
    plan(sandbox, answer="opted_out", count=None)
    assert hits(sandbox, 2) == hits(sandbox, 2, "twilio") == [0, 1]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "needs an answer"),
        ({"answer": 26}, "answer must be a string"),
        ({"answer": "26", "carrier": "nobody"}, "Unknown carrier: nobody. Known are clickatell"),
        ({"answer": "27", "carrier": "clickatell"}, "clickatell never answers 27. Known are 26"),
        ({"answer": "26", "count": 0}, "count must be at least 1"),
        ({"answer": "26", "share": 0}, "share must be more than 0"),
        ({"answer": "26", "share": 1.5}, "share must be more than 0"),
        ({"answer": "26", "often": 2}, "Unknown member: often"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(rules.RuleError, match=said):
        rules.Rule.from_mapping(given, ANSWERS)


def test_rules_are_steered_over_http(
    carriers: Carriers, http: requests.Session, running_sandbox: RunningSandbox
) -> None:
    url = f"{running_sandbox.url}/_sandbox/carriers"
    assert carriers.plan("26", carrier="clickatell", count=None).status_code == 201
    known = http.get(url, timeout=10).json()
    assert [rule["answer"] for rule in known["rules"]] == ["26"]
    assert {"code": "26", "kind": "opted_out", "status": 400, "message": "Recipient opted out"} in (
        known["carriers"]["clickatell"]["answers"]
    )
    base_url = known["carriers"]["clickatell"]["base_url"]
    assert base_url == f"{running_sandbox.addresses.twilio}/carriers/clickatell"
    assert CLICKATELL.code(carriers.send(CLICKATELL)) == "26"
    assert http.delete(url, timeout=10).status_code == 204
    assert CLICKATELL.code(carriers.send(CLICKATELL)) is None


@pytest.mark.parametrize("raw", [b"{", b"[]", b'"x"'])
def test_a_rule_is_a_json_object(http: requests.Session, running_sandbox: RunningSandbox, raw: bytes) -> None:
    response = http.post(f"{running_sandbox.url}/_sandbox/carriers", data=raw, timeout=10)
    assert response.status_code == 400
    assert response.json()["message"].startswith("The body must be")


def test_a_page_of_another_site_plans_nothing(
    carriers: Carriers, http: requests.Session, running_sandbox: RunningSandbox
) -> None:
    headers = {"Origin": "https://elsewhere.example"}
    url = f"{running_sandbox.url}/_sandbox/carriers"
    assert http.post(url, json={"answer": "26"}, headers=headers, timeout=10).status_code == 403


def test_a_reset_forgets_rules_and_keeps_accounts(
    carriers: Carriers, running_sandbox: RunningSandbox
) -> None:
    carriers.plan("26", carrier="clickatell", count=None)
    running_sandbox.reset()
    assert CLICKATELL.code(carriers.send(CLICKATELL)) is None
