"""Leaving for another site and coming back with a signed answer, under every switch."""

import pytest

from sandbox.testing import RunningSandbox

from .actions_driver import claims, token
from .login_driver import (
    Browser,
    create_user,
    deploy,
    leave,
    query,
    redirecting,
    user_of,
)


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    create_user(running_sandbox.sandbox)
    return Browser(running_sandbox)


def test_the_whole_way_with_a_signed_answer(browser: Browser) -> None:
    """What a form does: read the token Auth0 signed, and answer with one that validateToken accepts."""
    code = """exports.onExecutePostLogin = async (event, api) => {
      const token = api.redirect.encodeToken({secret: event.secrets.OUT, payload: {asked: true}});
      api.redirect.sendUserTo('https://form.localhost:8447/verify', {query: {token}}); };
    exports.onContinuePostLogin = async (event, api) => {
      try {
        const given = {secret: event.secrets.BACK, tokenParameterName: 'result'};
        const claims = api.redirect.validateToken(given);
        api.user.setAppMetadata('verified', claims.outcome);
      } catch (error) { api.access.deny(error.message) } };"""
    sandbox = browser.running.sandbox
    deploy(sandbox, code, secrets={"OUT": "o" * 43, "BACK": "b" * 43})
    user_id = user_of(sandbox)["user_id"]

    state = leave(browser)
    forged = token(claims(sub=user_id, state=state, outcome="yes"), secret="wrong")
    denied = query(browser.resume(state, result=forged))
    assert denied["error_description"] == "The session token is invalid: Failed signature validation"

    state = leave(browser, prompt="login")
    other_flow = token(claims(sub=user_id, state="another", outcome="yes"), secret="b" * 43)
    assert (
        "does not match the /continue state"
        in query(browser.resume(state, result=other_flow))["error_description"]
    )

    state = leave(browser, prompt="login")
    good = token(claims(sub=user_id, state=state, outcome="yes"), secret="b" * 43)
    assert "code" in query(browser.resume(state, result=good))
    assert user_of(sandbox)["app_metadata"] == {"verified": "yes"}


@pytest.mark.parametrize(("minimum", "accepted"), [(0, True), (60, True), (600, False)])
def test_the_switch_for_a_token_s_minimum_life(browser: Browser, minimum: int, accepted: bool) -> None:
    sandbox = browser.running.sandbox
    sandbox.switches.validate_token_min_life_seconds = minimum
    try:
        deploy(sandbox, redirecting(resumed="api.redirect.validateToken({secret: 'k'})"))
        state = leave(browser)
        given = token(claims(sub=user_of(sandbox)["user_id"], state=state), secret="k")
        answer = query(browser.resume(state, session_token=given))
        assert ("code" in answer) == accepted
    finally:
        sandbox.switches.validate_token_min_life_seconds = 0


@pytest.mark.parametrize(
    ("checks", "issuer", "accepted"),
    [(False, "own", True), (False, "other", True), (True, "own", True), (True, "other", False)],
)
def test_the_switch_for_a_token_s_issuer(browser: Browser, checks: bool, issuer: str, accepted: bool) -> None:
    sandbox = browser.running.sandbox
    sandbox.switches.validate_token_checks_issuer = checks
    try:
        deploy(sandbox, redirecting(resumed="api.redirect.validateToken({secret: 'k'})"))
        state = leave(browser)
        host = sandbox.addresses.auth0 if issuer == "own" else "elsewhere.example"
        given = token(claims(sub=user_of(sandbox)["user_id"], state=state, iss=host), secret="k")
        answer = query(browser.resume(state, session_token=given))
        assert ("code" in answer) == accepted
    finally:
        sandbox.switches.validate_token_checks_issuer = False
