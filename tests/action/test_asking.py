"""Who is asked, how the request travels, and where nobody can be asked."""

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from . import made
from .made import DENY
from .runner import NOW, ActionRunner, Run

SILENT: list[dict[str, Any]] = [
    {"request": {"query": {"prompt": "none"}}},
    {"transaction": {"prompt": ["none"]}},
    {"transaction": {"prompt": ["none"]}, "request": {"query": {"prompt": "none"}}},
]
NO_REDIRECT: list[dict[str, Any]] = [
    {"transaction": {"protocol": protocol}, "request": {"method": "POST"}}
    for protocol in (
        "oauth2-refresh-token",
        "oauth2-resource-owner",
        "oauth2-resource-owner-jwt-bearer",
        "oauth2-password",
        "oauth2-token-exchange",
        "oauth2-access-token",
        "oidc-ciba",
    )
]


def asked(run: Run) -> dict[str, Any]:
    """The claims with which the person was sent to the form."""
    assert run.redirect, run
    assert run.denial is None
    assert set(run.redirect["query"]) == {"phone_request"}
    return made.opened(run.redirect["query"]["phone_request"])[1]


def test_an_unverified_person_is_sent_to_the_form_once(node: ActionRunner) -> None:
    run = node.run(made.code(), made.EXECUTE, made.hinted(made.PHONE))
    assert run.calls.count("sendUserTo") == 1
    assert run.redirect
    assert run.redirect["url"] == made.FORM + "/verify"
    assert run.fetches == []
    assert run.app_metadata == {}


def test_the_request_is_a_jwe_that_the_form_opens(node: ActionRunner) -> None:
    run = node.run(made.code(), made.EXECUTE, made.hinted(made.PHONE))
    assert run.redirect
    header, claims = made.opened(run.redirect["query"]["phone_request"])
    assert header == {"alg": "dir", "enc": "A256GCM", "typ": "phone-request+jwe"}
    assert re.fullmatch(r"[A-Za-z0-9_-]{22,}", claims.pop("jti"))
    assert claims == {
        "sub": made.USER_ID,
        "aud": "auth0-phone/form",
        "iat": NOW,
        "exp": NOW + 600,
        "host": 1,
        "flow": "form",
        "phone": made.PHONE,
    }


def test_t50_nothing_personal_is_readable_in_the_url(node: ActionRunner) -> None:
    run = node.run(made.code(), made.EXECUTE, made.hinted(made.PHONE))
    assert run.redirect
    url = f"{run.redirect['url']}?phone_request={run.redirect['query']['phone_request']}"
    parts = [base64.urlsafe_b64decode(part + "==").decode("latin-1") for part in url.split("=")[1].split(".")]
    assert parts[:2] == ['{"alg":"dir","enc":"A256GCM","typ":"phone-request+jwe"}', ""]
    for text in (url, *parts):
        assert not any(secret in text for secret in (made.PHONE[1:], made.PHONE[-7:], made.USER_ID, "ada@"))


def test_every_request_is_its_own(node: ActionRunner) -> None:
    runs = [node.run(made.code(), made.EXECUTE, made.hinted(made.PHONE), warm=True) for _ in range(50)]
    tokens = [run.redirect["query"]["phone_request"] for run in runs if run.redirect]
    assert len({made.opened(token)[1]["jti"] for token in tokens}) == 50
    assert len({token.split(".")[2] for token in tokens}) == 50


def test_without_a_hint_the_form_asks_for_the_number(node: ActionRunner) -> None:
    claims = asked(node.run(made.code(), made.EXECUTE, made.login()))
    assert claims.keys().isdisjoint({"phone", "proven", "notice", "skippable"})


def test_optional_lets_the_form_offer_to_skip(node: ActionRunner) -> None:
    assert asked(node.run(made.code(enforcement="optional"), made.EXECUTE, made.login()))["skippable"] is True


@pytest.mark.parametrize(("host", "index"), [("login.example.com", 0), (made.HOST, 1)])
def test_the_request_names_the_host_by_its_index(node: ActionRunner, host: str, index: int) -> None:
    assert asked(node.run(made.code(), made.EXECUTE, made.login(request={"hostname": host})))["host"] == index


@pytest.mark.parametrize("enforcement", ["required", "optional"])
@pytest.mark.parametrize("host", ["evil.example.com", "", None, "login.example.com.", "LOGIN.example.com"])
def test_an_unlisted_host_is_denied(node: ActionRunner, enforcement: str, host: str | None) -> None:
    event = made.hinted(made.PHONE, request={"hostname": host, "query": {"host": made.HOST}})
    run = node.run(made.code(enforcement=enforcement), made.EXECUTE, event)
    assert run.denial == DENY["hostUnlisted"]


@pytest.mark.parametrize("flow", ["form", "action"])
@pytest.mark.parametrize("circumstances", SILENT)
def test_t10_silent_authentication_is_redirected_so_that_auth0_wants_interaction(
    node: ActionRunner, circumstances: dict[str, Any], flow: str
) -> None:
    event = made.hinted(made.PHONE, secrets=made.TWILIO_SECRETS)
    run = node.run(made.code(flow=flow), made.EXECUTE, made.merged(event, circumstances))
    assert asked(run)["flow"] == flow
    assert run.fetches == []
    assert run.app_metadata == {}


@pytest.mark.parametrize("flow", ["form", "action"])
@pytest.mark.parametrize("circumstances", NO_REDIRECT)
def test_t10_a_flow_without_a_browser_is_denied(
    node: ActionRunner, circumstances: dict[str, Any], flow: str
) -> None:
    event = made.merged(made.hinted(made.PHONE), circumstances)
    run = node.run(made.code(flow=flow), made.EXECUTE, event)
    assert run.denial == DENY["unverified"]
    assert run.fetches == []


@pytest.mark.parametrize("circumstances", SILENT)
def test_t10_silent_authentication_without_a_number_wants_interaction_too(
    node: ActionRunner, circumstances: dict[str, Any]
) -> None:
    event = made.merged(made.login(secrets=made.TWILIO_SECRETS), circumstances)
    assert "phone" not in asked(node.run(made.code(flow="action"), made.EXECUTE, event))


@pytest.mark.parametrize("circumstances", NO_REDIRECT)
def test_t10_prompt_none_on_a_token_endpoint_is_no_way_round(
    node: ActionRunner, circumstances: dict[str, Any]
) -> None:
    for silent in SILENT:
        event = made.merged(made.merged(made.login(), circumstances), silent)
        assert node.run(made.code(), made.EXECUTE, event).denial == DENY["unverified"]


@pytest.mark.parametrize("circumstances", NO_REDIRECT)
def test_a_listed_application_passes_where_no_redirect_is_possible(
    node: ActionRunner, circumstances: dict[str, Any]
) -> None:
    code = made.code(allowWithoutRedirect=["native"])
    for client, passes in (("native", True), ("web", False)):
        event = made.merged(made.login(client={"client_id": client}), circumstances)
        assert node.run(code, made.EXECUTE, event).passed is passes


@pytest.mark.parametrize("circumstances", SILENT)
def test_a_listed_application_is_still_asked_where_a_browser_could_be(
    node: ActionRunner, circumstances: dict[str, Any]
) -> None:
    code = made.code(allowWithoutRedirect=["web"])
    asked(node.run(code, made.EXECUTE, made.merged(made.login(), circumstances)))
    asked(node.run(code, made.EXECUTE, made.login()))


@pytest.mark.parametrize("circumstances", NO_REDIRECT + SILENT)
def test_optional_passes_where_nobody_can_be_asked(node: ActionRunner, circumstances: dict[str, Any]) -> None:
    event = made.merged(made.login(), circumstances)
    run = node.run(made.code(enforcement="optional"), made.EXECUTE, event)
    assert run.passed
    assert run.app_metadata == {}


@pytest.mark.parametrize("protocol", ["samlp", "wsfed", "oidc-implicit-profile", "oidc-hybrid-profile", None])
@pytest.mark.parametrize("prompt", [["login"], ["consent"], [], None])
def test_every_browser_flow_is_asked(
    node: ActionRunner, protocol: str | None, prompt: list[str] | None
) -> None:
    asked(
        node.run(made.code(), made.EXECUTE, made.login(transaction={"protocol": protocol, "prompt": prompt}))
    )


def test_what_was_asked_about_is_kept_for_the_return_as_digests(node: ActionRunner) -> None:
    event = made.verified(user={"user_metadata": {"phone_number": made.OTHER}})
    run = node.run(made.code(), made.EXECUTE, event)
    jti, *digests = run.transaction_metadata["phone_asked"].split(".")
    assert run.redirect
    assert jti == made.opened(run.redirect["query"]["phone_request"])[1]["jti"]
    assert digests == [made.digest(made.PHONE), made.digest(made.OTHER)]
    unknown = node.run(made.code(), made.EXECUTE, made.login()).transaction_metadata["phone_asked"]
    assert unknown.endswith("..")


# ---- enforcement: off, observe ----------------------------------------------------------------


@pytest.mark.parametrize("handler", [made.EXECUTE, made.CONTINUE])
@pytest.mark.parametrize("event", [made.login(), made.login(secrets=None), {"user": None}, {}])
def test_off_passes_everyone_whatever_is_wrong(
    node: ActionRunner, handler: str, event: dict[str, Any]
) -> None:
    run = node.run(made.code(enforcement="off"), handler, event)
    assert run.passed
    assert run.calls == []


CLAIM = "https://form.localhost:8447/phone_status"


@pytest.mark.parametrize(
    ("event", "status"),
    [
        (made.verified(), "verified"),
        (made.login(), "would_ask"),
        (made.hinted(made.PHONE), "would_ask"),
        (made.verified(user={"user_metadata": {"phone_number": made.OTHER}}), "would_ask"),
        (made.merged(made.login(), SILENT[0]), "would_ask"),
        (made.merged(made.login(), NO_REDIRECT[0]), "would_deny"),
        (made.merged(made.login(client={"client_id": "native"}), NO_REDIRECT[0]), "would_pass"),
        (made.login(request={"hostname": "evil.example.com"}), "would_deny"),
        (made.login(secrets=None), "would_deny"),
        (made.login(client={"client_id": "elsewhere"}), "out_of_scope"),
        (made.through("sms", "sms", {"phone_number": made.PHONE}), "would_verify"),
    ],
)
def test_observe_tells_and_does_nothing(node: ActionRunner, event: dict[str, Any], status: str) -> None:
    code = made.code(
        enforcement="observe", allowWithoutRedirect=["native"], scope={"applications": ["web", "native"]}
    )
    run = node.run(code, made.EXECUTE, event)
    assert run.passed
    assert run.claims == {CLAIM: status}
    assert run.app_metadata == event["user"]["app_metadata"]
    assert set(run.calls) <= {"canRedirect", "setCustomClaim"}


def test_observe_names_the_missing_secret_before_anyone_is_kept_out(node: ActionRunner) -> None:
    event = made.login(secrets={"PHONE_RESULT_KEY": None})
    run = node.run(made.code(enforcement="observe"), made.EXECUTE, event)
    assert run.passed
    assert any("PHONE_RESULT_KEY" in line for line in run.logs)


def test_observe_in_flow_action_sends_nothing(node: ActionRunner) -> None:
    code = made.code(enforcement="observe", flow="action")
    run = node.run(code, made.EXECUTE, made.hinted(made.PHONE, secrets=made.TWILIO_SECRETS))
    assert (run.fetches, run.claims) == ([], {CLAIM: "would_ask"})
    assert node.run(code, made.EXECUTE, made.login()).claims == {CLAIM: "would_deny"}


@pytest.mark.parametrize("call", ["canRedirect", "setCustomClaim"])
def test_observe_keeps_nobody_out_when_auth0_itself_throws_once(node: ActionRunner, call: str) -> None:
    at = {"canRedirect": 1, "setCustomClaim": 2}[call]
    run = node.run(made.code(enforcement="observe"), made.EXECUTE, made.login(), fail={"at": at})
    assert run.passed


def test_t11_an_unknown_enforcement_enforces(node: ActionRunner) -> None:
    run = node.run(made.code(enforcement="requird"), made.EXECUTE, made.merged(made.login(), NO_REDIRECT[0]))
    assert run.denial == DENY["unverified"]


# ---- scope --------------------------------------------------------------------------------------

ORGANIZATION = {"id": "org_1", "name": "acme", "display_name": "Acme"}


@pytest.mark.parametrize(
    ("scope", "inside"),
    [
        ({"applications": ["web"]}, True),
        ({"applications": ["other", "web"]}, True),
        ({"applications": ["other"]}, False),
        ({"connections": ["Username-Password-Authentication"]}, True),
        ({"connections": ["con_0000000000000001"]}, False),
        ({"connections": ["google-oauth2"]}, False),
        ({"organizations": ["org_1"]}, True),
        ({"organizations": ["acme"]}, True),
        ({"organizations": ["Acme"]}, False),
        ({"applications": ["web"], "organizations": ["org_2"]}, False),
        ({"percentage": 0}, False),
        ({"percentage": 100}, True),
        ({"startsAt": "2000-01-01T00:00:00Z"}, True),
        ({"startsAt": "2100-01-01T00:00:00Z"}, False),
    ],
)
def test_scope_decides_who_is_asked(node: ActionRunner, scope: dict[str, Any], inside: bool) -> None:
    run = node.run(made.code(scope=scope), made.EXECUTE, made.login(organization=ORGANIZATION))
    assert bool(run.redirect) is inside
    assert run.passed is not inside


@pytest.mark.parametrize("scope", [{"organizations": ["acme"]}, {"applications": ["x"]}, {"percentage": 0}])
def test_who_is_out_of_scope_is_left_alone_everywhere(node: ActionRunner, scope: dict[str, Any]) -> None:
    code = made.code(scope=scope)
    for circumstances in [*NO_REDIRECT, *SILENT]:
        assert node.run(code, made.EXECUTE, made.merged(made.login(), circumstances)).passed
    sms = made.through("sms", "sms", {"phone_number": made.PHONE})
    assert node.run(code, made.EXECUTE, sms).app_metadata == {}


def test_asking_starts_at_the_start_date(node: ActionRunner) -> None:
    start = datetime(2026, 11, 1, 8, tzinfo=UTC)
    code = made.code(scope={"startsAt": start.isoformat()})
    for offset, inside in ((-1, False), (0, True), (1, True)):
        at = (start + timedelta(seconds=offset)).timestamp()
        assert bool(node.run(code, made.EXECUTE, made.login(), now=at).redirect) is inside


def test_an_unreadable_start_date_does_not_open_the_gate(node: ActionRunner) -> None:
    assert node.run(made.code(scope={"startsAt": "soon"}), made.EXECUTE, made.login()).redirect


def test_percentages_are_stable_even_and_only_grow(node: ActionRunner) -> None:
    people = [f"auth0|{number:024x}" for number in range(400)]

    def share(percentage: float) -> set[str]:
        code = made.code(scope={"percentage": percentage})
        return {
            person
            for person in people
            if node.run(code, made.EXECUTE, made.login(user={"user_id": person}), warm=True).redirect
        }

    tenth, half, most = share(10), share(50), share(99.5)
    assert tenth < half < most
    assert share(50) == half
    assert 20 <= len(tenth) <= 65
    assert 160 <= len(half) <= 240
    assert len(most) >= 390
