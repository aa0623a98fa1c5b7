"""Leaving for another site and coming back: sendUserTo, /continue, and who may continue what."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests

from sandbox.testing import RunningSandbox

from .login_driver import (
    FORM,
    NOTHING,
    Browser,
    console,
    create_user,
    deploy,
    executions,
    last_log,
    leave,
    query,
    redeploy,
    redirecting,
    shown,
    text_of,
    user_of,
)

SHOW = "console.log(JSON.stringify(%s));"


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    create_user(running_sandbox.sandbox)
    return Browser(running_sandbox)


def assert_invalid(response: requests.Response) -> None:
    assert response.status_code == 400
    assert "invalid_request" in text_of(response)
    assert "location" not in response.headers


def test_the_browser_is_sent_with_a_state_of_auth0_s_own(browser: Browser) -> None:
    deploy(browser.running.sandbox, redirecting(f"{FORM}?a=1&state=forged#top"))
    location = browser.log_in().headers["location"]
    assert query(location)["a"] == "1"
    assert len(query(location)["state"]) == 43
    assert location.count("state=") == 1
    assert urlsplit(location).fragment == "top"


def test_the_redirect_waits_for_the_action_s_end_and_stops_later_ones(browser: Browser) -> None:
    first = """exports.onExecutePostLogin = async (event, api) => {
      api.redirect.sendUserTo('https://form.localhost:8447/verify');
      console.log('still here'); api.user.setAppMetadata('after', true); };
      exports.onContinuePostLogin = async () => {};"""
    deploy(
        browser.running.sandbox, first, "exports.onExecutePostLogin = async () => { console.log('second') };"
    )
    leave(browser)
    assert user_of(browser.running.sandbox)["app_metadata"] == {"after": True}
    assert browser.running.sandbox.store.all("tenant_logs") == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_get_and_post_continue(browser: Browser, method: str) -> None:
    deploy(browser.running.sandbox, redirecting(resumed=SHOW % "event.request"))
    state = leave(browser)
    response = (
        browser.get(f"/continue?state={state}&a=1") if method == "get" else browser.resume(state, a="1")
    )
    assert query(response)["state"] == "app-state"
    assert "code" in query(response)
    request = shown(browser)
    assert request["method"] == method.upper()
    assert request["query"] == {"state": state, **({"a": "1"} if method == "get" else {})}
    assert request["body"] == ({} if method == "get" else {"a": "1"})
    assert request["hostname"] == browser.running.addresses.auth0


def test_the_state_may_come_in_the_body(browser: Browser) -> None:
    deploy(browser.running.sandbox, redirecting())
    assert "code" in query(browser.post("/continue", {"state": leave(browser)}))


def test_only_the_same_action_continues_and_only_later_ones_follow(browser: Browser) -> None:
    def say(name: str) -> str:
        return f"exports.onExecutePostLogin = async () => {{ console.log('{name}') }};"

    middle = redirecting(resumed="console.log('resumed')")
    deploy(browser.running.sandbox, say("one"), middle, say("three"), say("four"))
    browser.resume(leave(browser))
    assert console(browser.running.sandbox) == ["one", "resumed", "three", "four"]
    handlers = [execution["handler"] for execution in executions(browser.running.sandbox)]
    assert handlers == ["onExecutePostLogin"] * 2 + ["onContinuePostLogin"] + ["onExecutePostLogin"] * 2


def test_without_a_continue_handler_the_login_fails(browser: Browser) -> None:
    deploy(browser.running.sandbox, redirecting().partition("\n")[0])
    answer = query(browser.resume(leave(browser)))
    assert answer["error"] == "access_denied"
    assert 'Invalid function signature for the "onContinuePostLogin" handler.' in answer["error_description"]


def test_the_continued_action_sees_the_user_anew(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    deploy(sandbox, redirecting(resumed=SHOW % "event.user.app_metadata"))
    state = leave(browser)
    user = user_of(sandbox)
    sandbox.store.put("users", user["user_id"], user | {"app_metadata": {"by": "the Management API"}})
    browser.resume(state)
    assert shown(browser) == {"by": "the Management API"}


def test_metadata_is_saved_before_the_redirect(browser: Browser) -> None:
    code = """exports.onExecutePostLogin = async (event, api) => {
      api.user.setAppMetadata('pending', {n: 1}); api.user.setUserMetadata('gone', null);
      api.redirect.sendUserTo('https://form.localhost:8447/verify'); };
      exports.onContinuePostLogin = async (event, api) => {
        console.log(JSON.stringify(event.user.app_metadata)); api.user.setAppMetadata('pending', null); };"""
    sandbox = browser.running.sandbox
    user = user_of(sandbox)
    sandbox.store.put("users", user["user_id"], user | {"user_metadata": {"gone": 1, "kept": 2}})
    deploy(sandbox, code)
    state = leave(browser)
    assert user_of(sandbox)["app_metadata"] == {"pending": {"n": 1}}
    assert user_of(sandbox)["user_metadata"] == {"kept": 2}
    browser.resume(state)
    assert shown(browser) == {"pending": {"n": 1}}
    assert user_of(sandbox)["app_metadata"] == {}


def test_claims_and_transaction_metadata_survive_the_redirect(browser: Browser) -> None:
    code = """exports.onExecutePostLogin = async (event, api) => {
      api.idToken.setCustomClaim('before', 1); api.transaction.setMetadata('kept', 'yes');
      api.redirect.sendUserTo('https://form.localhost:8447/verify'); };
      exports.onContinuePostLogin = async (event, api) => {
        api.idToken.setCustomClaim('after', event.transaction.metadata.kept); };"""
    later = (
        "exports.onExecutePostLogin = async (e) => { console.log(JSON.stringify(e.transaction.metadata)) };"
    )
    deploy(browser.running.sandbox, code, later)
    given = query(browser.resume(leave(browser)))["code"]
    assert shown(browser) == {"kept": "yes"}
    token = browser.exchange(given).json()["access_token"]
    info = browser.http.get(f"{browser.url}/userinfo", headers={"Authorization": f"Bearer {token}"}).json()
    assert (info["before"], info["after"]) == (1, "yes")


def test_a_state_works_once(browser: Browser) -> None:
    deploy(browser.running.sandbox, redirecting(resumed="console.log('resumed')"))
    state = leave(browser)
    assert "code" in query(browser.resume(state))
    assert_invalid(browser.resume(state))
    assert_invalid(browser.get(f"/continue?state={state}"))


def test_of_many_simultaneous_posts_exactly_one_wins(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    deploy(
        sandbox, redirecting(resumed="await new Promise((r) => setTimeout(r, 30)); console.log('resumed')")
    )
    state = leave(browser)
    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda _: browser.resume(state), range(8)))
    assert sorted(response.status_code for response in responses) == [302] + [400] * 7
    resumed = [entry for entry in sandbox.store.all("tenant_logs") if entry["type"] == "s"]
    assert len(resumed) == 1


@pytest.mark.parametrize("state", ["", "unknown", "y" * 43])
def test_a_state_nobody_gave_is_invalid(browser: Browser, state: str) -> None:
    deploy(browser.running.sandbox, redirecting())
    leave(browser)
    assert_invalid(browser.resume(state))
    assert_invalid(browser.get("/continue"))


def test_two_browsers_cannot_swap_their_states(browser: Browser) -> None:
    deploy(browser.running.sandbox, redirecting())
    create_user(browser.running.sandbox, "bob@example.com")
    other = Browser(browser.running)
    mine, theirs = leave(browser), query(other.log_in("bob@example.com"))["state"]
    assert_invalid(browser.resume(theirs))
    assert_invalid(other.resume(mine))
    # Being tried elsewhere has not cost either browser its own state.
    assert "code" in query(browser.resume(mine))
    assert "code" in query(other.resume(theirs))


def test_a_server_without_the_browser_s_cookies_cannot_continue(browser: Browser) -> None:
    deploy(browser.running.sandbox, redirecting())
    state = leave(browser)
    with browser.running.session() as server:
        assert_invalid(server.post(f"{browser.url}/continue?state={state}", allow_redirects=False))


def test_a_login_state_does_not_continue_and_a_continue_state_does_not_log_in(browser: Browser) -> None:
    deploy(browser.running.sandbox, redirecting())
    login_state = browser.begin()
    assert_invalid(browser.resume(login_state))
    continue_state = query(browser.submit(login_state))["state"]
    assert_invalid(browser.submit(continue_state))
    assert "code" in query(browser.resume(continue_state))


def test_a_transaction_lives_one_hour(browser: Browser) -> None:
    clock = browser.running.sandbox.clock
    deploy(browser.running.sandbox, redirecting())
    state = browser.begin()
    clock.advance(1800)
    state = query(browser.submit(state))["state"]
    clock.advance(1700)
    assert "code" in query(browser.resume(state))

    state = leave(browser, prompt="login")
    clock.advance(3601)
    assert_invalid(browser.resume(state))


def test_expired_states_may_lead_to_the_default_login_route(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    sandbox.switches.expired_state = "default_login_route"
    try:
        deploy(sandbox, redirecting())
        state = leave(browser)
        sandbox.clock.advance(3601)
        assert_invalid(browser.resume(state))  # no route configured: nowhere to go

        settings = sandbox.store.get("settings", "tenant") or {}
        sandbox.store.put(
            "settings", "tenant", settings | {"default_redirection_uri": "https://acme.example/start"}
        )
        assert browser.resume("unknown").headers["location"] == "https://acme.example/start"

        client = sandbox.store.get("clients", browser.client["client_id"]) or {}
        client["initiate_login_uri"] = "https://app.example/login"
        sandbox.store.put("clients", client["client_id"], client)
        state = leave(browser, prompt="login")
        sandbox.clock.advance(3601)
        assert browser.resume(state).headers["location"] == "https://app.example/login"
    finally:
        sandbox.switches.expired_state = "error_page"


def test_each_action_may_redirect_once(browser: Browser) -> None:
    again = "api.redirect.sendUserTo('https://form.localhost:8447/again')"
    deploy(browser.running.sandbox, redirecting(resumed=again))
    answer = query(browser.resume(leave(browser)))
    assert answer["error"] == "access_denied"
    assert answer["error_description"] == "Only one redirection per Action is allowed."


def test_of_two_calls_in_one_execution_the_last_counts(browser: Browser) -> None:
    code = """exports.onExecutePostLogin = async (event, api) => {
      api.redirect.sendUserTo('https://first.example/');
      api.redirect.sendUserTo('https://form.localhost:8447/verify'); };"""
    deploy(browser.running.sandbox, code)
    leave(browser)


def test_two_actions_may_each_redirect_somewhere_else(browser: Browser) -> None:
    deploy(browser.running.sandbox, redirecting(f"{FORM}/one"), redirecting(f"{FORM}/two"))
    first = leave(browser)
    second = browser.resume(first)
    assert second.headers["location"].startswith(f"{FORM}/two?state=")
    assert query(second)["state"] != first
    assert "code" in query(browser.resume(query(second)["state"]))


@pytest.mark.parametrize(
    ("query_counts", "second", "allowed"),
    [
        (True, f"{FORM}?n=2", True),
        (True, f"{FORM}?n=1", False),
        (False, f"{FORM}?n=2", False),
        (False, f"{FORM}/two", True),
    ],
)
def test_each_url_is_redirected_to_once_in_a_flow(
    browser: Browser, query_counts: bool, second: str, allowed: bool
) -> None:
    sandbox = browser.running.sandbox
    sandbox.switches.redirect_url_unique_includes_query = query_counts
    try:
        deploy(sandbox, redirecting(f"{FORM}?n=1"), redirecting(second))
        response = browser.resume(leave(browser))
        assert response.headers["location"].startswith(FORM) == allowed
        if not allowed:
            assert query(response)["error_description"].startswith(
                "Each unique URL can be redirected to only once"
            )
    finally:
        sandbox.switches.redirect_url_unique_includes_query = True


def test_the_next_login_may_use_the_url_again(browser: Browser) -> None:
    deploy(browser.running.sandbox, redirecting())
    browser.resume(leave(browser))
    assert "code" in query(browser.resume(leave(browser, prompt="login")))


def test_deny_beats_a_redirect_in_the_same_action(browser: Browser) -> None:
    code = redirecting().replace("api.redirect", "api.access.deny('no').redirect")
    deploy(browser.running.sandbox, code)
    assert query(browser.log_in())["error_description"] == "no"


def test_prompt_none_cannot_be_redirected(browser: Browser) -> None:
    deploy(browser.running.sandbox, NOTHING)
    browser.log_in()
    deploy(browser.running.sandbox, redirecting())
    answer = query(browser.authorize(prompt="none"))
    assert answer["error"] == "interaction_required"
    assert answer["error_description"] == "External interaction required"
    assert last_log(browser.running.sandbox)["type"] == "fsa"


def test_a_version_deployed_meanwhile_is_the_one_that_continues(browser: Browser) -> None:
    [action] = deploy(browser.running.sandbox, redirecting(resumed="console.log('old')"))
    state = leave(browser)
    redeploy(browser.running.sandbox, action, redirecting(resumed="console.log('new')"))
    browser.resume(state)
    assert console(browser.running.sandbox) == ["new"]


def test_an_action_deleted_meanwhile_closes_the_gate(browser: Browser) -> None:
    [action] = deploy(browser.running.sandbox, redirecting())
    state = leave(browser)
    browser.running.sandbox.store.delete("actions", action)
    assert query(browser.resume(state))["error"] == "access_denied"


@pytest.mark.parametrize("kind", ["users", "clients"])
def test_a_user_or_client_deleted_meanwhile_ends_the_login(browser: Browser, kind: str) -> None:
    sandbox = browser.running.sandbox
    deploy(sandbox, redirecting())
    state = leave(browser)
    sandbox.store.delete(
        kind, user_of(sandbox)["user_id"] if kind == "users" else browser.client["client_id"]
    )
    assert query(browser.resume(state))["error"] == "access_denied"


def test_a_flow_may_go_on_after_a_restart_of_the_node_process(browser: Browser) -> None:
    deploy(browser.running.sandbox, redirecting(resumed="console.log('resumed')"))
    state = leave(browser)
    browser.running.call(browser.running.sandbox.runner.close)
    assert "code" in query(browser.resume(state))
