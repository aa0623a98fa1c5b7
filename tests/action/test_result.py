"""What the form answers: the outcomes, and what another login verified meanwhile."""

from typing import Any

import pytest

from . import made
from .made import DENY
from .results import INVALID, refused, resumed
from .runner import ActionRunner


def test_a_verified_number_is_written_with_time_hint_and_consent(node: ActionRunner) -> None:
    run = resumed(node, made.signed(made.result_claims()))
    assert run.passed
    assert run.app_metadata == {
        "phone_number": made.PHONE,
        "phone_number_verified": True,
        "phone_verified_at": "2026-09-21T14:13:20.000Z",
        "phone_hint": made.digest(made.PHONE),
        "phone_consent": {"at": "2026-09-21T00:00:00+00:00", "version": "2026-09-01"},
    }


def test_t09_the_tokens_number_is_written_not_the_metadatas(node: ActionRunner) -> None:
    claims = made.result_claims(sealed=made.sealed({"phone": made.OTHER}))
    run = resumed(node, made.signed(claims), user={"user_metadata": {"phone_number": made.THIRD}})
    assert run.app_metadata["phone_number"] == made.OTHER


def test_the_hint_is_noted_as_it_was_when_the_person_was_asked(node: ActionRunner) -> None:
    asked = node.run(made.code(), made.EXECUTE, made.hinted(made.PHONE))
    jti = asked.transaction_metadata["phone_asked"].split(".")[0]
    metadata = {"transaction": {"metadata": asked.transaction_metadata}}
    changed = made.merged(metadata, {"user": {"user_metadata": {"phone_number": made.OTHER}}})
    run = resumed(node, made.signed(made.result_claims(jti=jti)), **changed)
    assert run.app_metadata["phone_hint"] == made.digest(made.PHONE)
    later = made.hinted(made.OTHER, user={"app_metadata": run.app_metadata})
    assert node.run(made.code(), made.EXECUTE, later).redirect


def test_without_consent_on_the_form_none_is_written(node: ActionRunner) -> None:
    claims = made.result_claims(consent_at=None, consent_version=None)
    assert "phone_consent" not in resumed(node, made.signed(claims)).app_metadata


@pytest.mark.parametrize(("enforcement", "code"), [("required", DENY["abandoned"]), ("optional", None)])
def test_who_abandons_is_denied_unless_it_is_optional(
    node: ActionRunner, enforcement: str, code: str | None
) -> None:
    event = made.returning(made.hinted(made.PHONE), made.signed(made.result_claims("abandoned")))
    run = node.run(made.code(enforcement=enforcement), made.CONTINUE, event)
    assert run.denial == code
    assert run.app_metadata == {}


@pytest.mark.parametrize("enforcement", ["required", "optional"])
@pytest.mark.parametrize(
    "person", [made.login(), made.verified(user={"user_metadata": {"phone_number": made.OTHER}})]
)
def test_who_is_locked_is_denied(node: ActionRunner, enforcement: str, person: dict[str, Any]) -> None:
    event = made.returning(person, made.signed(made.result_claims("locked")))
    run = node.run(made.code(enforcement=enforcement), made.CONTINUE, event)
    assert run.denial == DENY["locked"]
    assert run.app_metadata == person["user"]["app_metadata"]


@pytest.mark.parametrize("flow", ["form", "action"])
def test_a_verified_person_who_abandons_a_change_keeps_the_number_and_is_not_asked_again(
    node: ActionRunner, flow: str
) -> None:
    person = made.verified(user={"user_metadata": {"phone_number": made.OTHER}}, secrets=made.TWILIO_SECRETS)
    person["authentication"]["methods"].append(made.mfa())
    code = made.code(flow=flow)
    run = node.run(code, made.CONTINUE, made.returning(person, made.signed(made.result_claims("abandoned"))))
    assert run.passed
    assert run.app_metadata == {**person["user"]["app_metadata"], "phone_hint": made.digest(made.OTHER)}
    person["user"]["app_metadata"] = run.app_metadata
    assert node.run(code, made.EXECUTE, person).calls == []
    person["user"]["user_metadata"]["phone_number"] = made.THIRD
    assert node.run(code, made.EXECUTE, person).calls != []


def test_observe_and_off_change_nothing_on_the_way_back(node: ActionRunner) -> None:
    for enforcement in ("observe", "off"):
        event = made.returning(made.login(), made.signed(made.result_claims()))
        run = node.run(made.code(enforcement=enforcement), made.CONTINUE, event)
        assert run.passed
        assert run.app_metadata == {}


# ---- a number verified in another login meanwhile -----------------------------------------------


def test_t08_a_request_of_another_login_of_the_same_person_does_not_fit(node: ActionRunner) -> None:
    """Kept from a time when nothing was proven yet, it would spare the old number its code."""
    changing = made.verified(made.PHONE, user={"user_metadata": {"phone_number": made.OTHER}})
    claims = made.result_claims(jti="an-earlier-request", sealed=made.sealed({"phone": made.OTHER}))
    run = node.run(made.code(), made.CONTINUE, made.returning(changing, made.signed(claims)))
    assert run.denial == INVALID
    assert run.app_metadata["phone_number"] == made.PHONE


def test_a_return_that_no_login_asked_for_is_refused(node: ActionRunner) -> None:
    back = made.returning(made.hinted(made.PHONE), made.signed(made.result_claims()))
    back["transaction"]["metadata"] = {}
    refused(node.run(made.code(), made.CONTINUE, back))


def test_t08_a_number_verified_meanwhile_is_not_replaced_without_its_code(node: ActionRunner) -> None:
    asked = node.run(made.code(), made.EXECUTE, made.hinted(made.OTHER)).transaction_metadata
    claims = made.result_claims(sealed=made.sealed({"phone": made.OTHER}))
    person = made.verified(made.PHONE, transaction={"metadata": asked})
    event = made.returning(person, made.signed(claims))
    run = node.run(made.code(), made.CONTINUE, event)
    assert run.denial == INVALID
    assert run.app_metadata["phone_number"] == made.PHONE


def test_f36_the_same_number_verified_in_two_tabs_is_no_conflict(node: ActionRunner) -> None:
    asked = node.run(made.code(), made.EXECUTE, made.hinted(made.PHONE)).transaction_metadata
    person = made.verified(made.PHONE, transaction={"metadata": asked})
    assert node.run(
        made.code(), made.CONTINUE, made.returning(person, made.signed(made.result_claims()))
    ).passed


def test_a_change_that_was_asked_for_replaces_the_number(node: ActionRunner) -> None:
    person = made.verified(made.PHONE, user={"user_metadata": {"phone_number": made.OTHER}})
    person["transaction"]["metadata"] = node.run(made.code(), made.EXECUTE, person).transaction_metadata
    claims = made.result_claims(sealed=made.sealed({"phone": made.OTHER}))
    run = node.run(made.code(), made.CONTINUE, made.returning(person, made.signed(claims)))
    assert run.passed
    assert run.app_metadata["phone_number"] == made.OTHER
