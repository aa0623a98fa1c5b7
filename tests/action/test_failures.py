"""Nothing that breaks lets anyone through, leaks anything, or leaves a handler."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from . import made
from .flow_action import APPROVED, STARTED, WRONG, pending, person
from .made import DENY
from .runner import ActionRunner, Run

PERSONAL = (made.PHONE, made.PHONE[1:], made.OTHER, "ada@example.com", made.USER_ID, "boom")


def flows() -> list[Any]:
    """Each way through the Action: name, stage, handler, event, Twilio's answers."""
    form, action = made.code(), made.code(flow="action")
    back = made.returning(person(), made.signed(made.result_claims()))
    submitted = made.returning(person(**pending()), made.signed(made.result_claims("submitted")))
    changed = made.verified(user={"user_metadata": {"phone_number": made.OTHER}})
    abandoned = made.returning(changed, made.signed(made.result_claims("abandoned")))
    sms = made.through("sms", "sms", {"phone_number": made.PHONE})
    ways = {
        "ask": (form, made.EXECUTE, made.hinted(made.PHONE), []),
        "change": (form, made.EXECUTE, changed, []),
        "silent": (form, made.EXECUTE, made.login(transaction={"prompt": ["none"]}), []),
        "sms login": (form, made.EXECUTE, sms, []),
        "verified": (form, made.CONTINUE, back, []),
        "abandoned change": (form, made.CONTINUE, abandoned, []),
        "send": (action, made.EXECUTE, person(), [STARTED]),
        "approved": (action, made.CONTINUE, submitted, [APPROVED]),
        "wrong": (action, made.CONTINUE, submitted, [WRONG]),
    }
    return [pytest.param(*way, id=name) for name, way in ways.items()]


def discreet(run: Run) -> None:
    """Log lines and denial say nothing of the person, and the log stays within what Auth0 keeps."""
    told = "\n".join([*run.logs, *run.denied])
    assert [word for word in PERSONAL if word in told] == []
    assert not any(secret in told for secret in (*made.SECRETS.values(), *made.TWILIO_SECRETS.values()))
    assert len(told) < 256


@pytest.mark.parametrize("thrown", ["error", "null", "text"])
@pytest.mark.parametrize(("code", "handler", "event", "answers"), flows())
def test_t11_whatever_throws_the_login_is_denied(
    node: ActionRunner, code: str, handler: str, event: dict[str, Any], answers: list[Any], thrown: str
) -> None:
    steps = node.run(code, handler, event, twilio=answers).calls
    assert steps
    for at, step in enumerate(steps, start=1):
        run = node.run(code, handler, event, twilio=answers, fail={"at": at, "with": thrown})
        assert not run.passed, f"call {at} ({step}) threw and the login passed"
        assert run.redirect is None, f"call {at} ({step}) threw and the person was sent away"
        if step == "deny":
            assert run.threw is not None  # Auth0 turns what leaves a handler into a denial
        else:
            assert run.threw is None
            expected = {"validateToken": "resultInvalid", "fetch": "unavailable"}.get(step, "internal")
            assert run.denial == DENY[expected]
            discreet(run)


@pytest.mark.parametrize("name", ["PHONE_REQUEST_KEY", "PHONE_RESULT_KEY", *made.TWILIO_SECRETS])
@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.parametrize("enforcement", ["required", "optional"])
def test_t12_each_missing_secret_denies_and_is_named(
    node: ActionRunner, name: str, value: str | None, enforcement: str
) -> None:
    code = made.code(flow="action", enforcement=enforcement)
    for event, handler in (
        (person(), made.EXECUTE),
        (made.returning(person(**pending()), made.signed(made.result_claims("submitted"))), made.CONTINUE),
    ):
        run = node.run(code, handler, made.merged(event, {"secrets": {name: value}}), twilio=[STARTED])
        assert run.denial == DENY["misconfigured"]
        assert run.fetches == []
        assert any(name in line for line in run.logs)
        discreet(run)


@pytest.mark.parametrize("name", ["PHONE_REQUEST_KEY", "PHONE_RESULT_KEY"])
def test_t04_a_short_key_is_as_good_as_none(node: ActionRunner, name: str) -> None:
    event = made.login(secrets={name: "x" * 42})
    assert node.run(made.code(), made.EXECUTE, event).denial == DENY["misconfigured"]


def test_t04_one_key_for_both_directions_is_refused(node: ActionRunner) -> None:
    event = made.login(secrets={"PHONE_REQUEST_KEY": made.RESULT_KEY})
    assert node.run(made.code(), made.EXECUTE, event).denial == DENY["misconfigured"]


@pytest.mark.parametrize("handler", [made.EXECUTE, made.CONTINUE])
@pytest.mark.parametrize("secrets", [None, {name: None for name in made.SECRETS}])
def test_t12_without_any_secrets_everyone_unverified_is_denied(
    node: ActionRunner, handler: str, secrets: dict[str, None] | None
) -> None:
    event = made.returning(made.login(), made.signed(made.result_claims()), request={"method": "GET"})
    assert (
        node.run(made.code(), handler, made.merged(event, {"secrets": secrets})).denial
        == DENY["misconfigured"]
    )


def test_flow_form_needs_no_twilio_secrets(node: ActionRunner) -> None:
    assert node.run(made.code(), made.EXECUTE, made.login(secrets=made.SECRETS)).redirect


PARTS = ["user", "request", "client", "connection", "transaction", "authentication", "secrets"]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("value", [None, {}, "text", 1, []])
@pytest.mark.parametrize("enforcement", ["required", "optional"])
def test_t11_an_event_of_another_shape_never_passes_unseen(
    node: ActionRunner, part: str, value: object, enforcement: str
) -> None:
    event = made.login()
    event[part] = value
    run = node.run(made.code(enforcement=enforcement), made.EXECUTE, event)
    assert not run.passed
    assert run.threw is None
    discreet(run)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(
    place=st.sampled_from(
        [
            ("user", "app_metadata"),
            ("user", "user_metadata"),
            ("user", "identities"),
            ("request", "query"),
            ("request", "body"),
            ("request", "hostname"),
            ("transaction", "metadata"),
            ("transaction", "prompt"),
            ("authentication", "methods"),
            ("connection", "name"),
            ("user", "user_id"),
        ]
    ),
    value=JSON,
    handler=st.sampled_from([made.EXECUTE, made.CONTINUE]),
    flow=st.sampled_from(["form", "action"]),
)
def test_t11_hostile_values_never_pass_and_never_throw(
    node: ActionRunner, place: tuple[str, str], value: Any, handler: str, flow: str
) -> None:
    event = made.returning(person(), "a.b.c") if handler == made.CONTINUE else person()
    event[place[0]][place[1]] = value
    run = node.run(made.code(flow=flow), handler, event, twilio=[STARTED], warm=True)
    assert not run.passed
    assert run.threw is None
    if place[1] != "app_metadata":
        assert run.app_metadata.keys() <= {"phone_pending"}
    assert set(run.denied) <= set(DENY.values())


@pytest.mark.parametrize(("code", "handler", "event", "answers"), flows())
def test_t43_logs_are_few_short_and_impersonal(
    node: ActionRunner, code: str, handler: str, event: dict[str, Any], answers: list[Any]
) -> None:
    discreet(node.run(code, handler, event, twilio=answers))


def test_t43_twilios_message_stays_out_of_the_log(node: ActionRunner) -> None:
    answer = {"status": 400, "json": {"code": made.PHONE, "message": made.PHONE, "status": 400}}
    run = node.run(made.code(flow="action"), made.EXECUTE, person(), twilio=[answer])
    assert run.denial == DENY["unavailable"]
    assert made.PHONE not in " ".join(run.logs)


def test_one_instance_keeps_nothing_between_people(node: ActionRunner) -> None:
    code = made.code(flow="action")
    for _ in range(3):
        first = node.run(code, made.EXECUTE, person(), twilio=[STARTED], warm=True)
        assert first.redirect
        stranger = made.login(user={"user_id": "auth0|stranger"}, secrets=made.TWILIO_SECRETS)
        assert node.run(code, made.EXECUTE, stranger, warm=True).denial == DENY["numberMissing"]
        other = made.merged(person(made.OTHER), {"user": {"user_id": "auth0|other"}})
        run = node.run(code, made.EXECUTE, other, twilio=[STARTED], warm=True)
        assert run.redirect
        claims = made.opened(run.redirect["query"]["phone_request"])[1]
        assert (claims["sub"], claims["phone"]) == ("auth0|other", made.OTHER)


def denials() -> dict[str, tuple[str, str, dict[str, Any], list[Any]]]:
    """For each of the contract's deny codes a login that ends with it."""
    form, action = made.code(), made.code(flow="action")
    back = made.returning(person(**pending()), made.signed(made.result_claims("submitted")))
    ended = {
        name: made.returning(made.login(), made.signed(made.result_claims(name)))
        for name in ("abandoned", "locked")
    }
    refused = {"status": 400, "json": {"code": 60200}}
    broken = made.login(user={"identities": "none"})
    return {
        "unverified": (form, made.EXECUTE, made.login(transaction={"protocol": "oauth2-password"}), []),
        "abandoned": (form, made.CONTINUE, ended["abandoned"], []),
        "locked": (form, made.CONTINUE, ended["locked"], []),
        "codeWrong": (action, made.CONTINUE, back, [WRONG]),
        "codeExpired": (action, made.CONTINUE, back, [{"status": 404}]),
        "numberMissing": (action, made.EXECUTE, made.login(secrets=made.TWILIO_SECRETS), []),
        "numberRefused": (action, made.EXECUTE, person(), [refused]),
        "resultInvalid": (form, made.CONTINUE, made.returning(made.login(), None), []),
        "hostUnlisted": (form, made.EXECUTE, made.login(request={"hostname": "elsewhere"}), []),
        "unavailable": (action, made.EXECUTE, person(), [{"error": "fetch failed"}]),
        "misconfigured": (form, made.EXECUTE, made.login(secrets=None), []),
        "internal": (form, made.EXECUTE, broken, []),
    }


@pytest.mark.parametrize("name", DENY)
def test_each_deny_code_has_its_case(node: ActionRunner, name: str) -> None:
    code, handler, event, answers = denials()[name]
    run = node.run(code, handler, event, twilio=answers)
    assert run.denial == DENY[name]
    assert any(run.denial in line for line in run.logs)
    discreet(run)
