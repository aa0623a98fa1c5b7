"""The post-login trigger: in what order Actions run, and how they end a login."""

import json

import pytest

from sandbox.actions import NodeRunner
from sandbox.login import pipeline
from sandbox.testing import RunningSandbox

from .login_driver import (
    NOTHING,
    Browser,
    action,
    console,
    create_user,
    deploy,
    executions,
    last_log,
    query,
    redeploy,
    shown,
    text_of,
    user_of,
)

SHOW = action("console.log(JSON.stringify(event))")


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    create_user(running_sandbox.sandbox, user_metadata={"phone_number": "+14155550123"}, given_name="Ada")
    return Browser(running_sandbox)


def denied(browser: Browser, **parameters: str) -> str:
    answer = query(browser.log_in(**parameters))
    assert answer["error"] == "access_denied", answer
    return answer.get("error_description", "")


def test_actions_run_in_binding_order_and_only_bound_ones(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    ids = deploy(sandbox, *(action(f"console.log('{n}')") for n in range(4)))
    bindings = [{"action_id": ids[n]} for n in (2, 0, 3)]
    sandbox.store.put("bindings", "post-login", {"bindings": bindings})
    browser.log_in()
    assert console(sandbox) == ["2", "0", "3"]


def test_the_deployed_version_runs_and_not_the_draft(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    [action_id] = deploy(sandbox, action("console.log('deployed')"))
    browser.log_in()
    assert console(sandbox) == ["deployed"]
    redeploy(sandbox, action_id, action("console.log('next')"))
    browser.log_in(prompt="login")
    assert console(sandbox) == ["next"]


def test_an_undeployed_action_is_passed_over(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    [action_id] = deploy(sandbox, NOTHING)
    stored = sandbox.store.get("actions", action_id) or {}
    sandbox.store.put("actions", action_id, stored | {"_deployed": None})
    assert "code" in query(browser.log_in())


def test_a_deployed_secret_reaches_only_its_action(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    deploy(sandbox, SHOW, SHOW, secrets={"KEY": "shared"})
    second = sandbox.store.all("actions")[-1]
    second["_deployed"]["secrets"] = []
    sandbox.store.put("actions", second["id"], second)
    browser.log_in()
    assert [json.loads(line)["secrets"] for line in console(sandbox)] == [{"KEY": "shared"}, {}]


def test_module_scope_is_warm_for_the_next_person(browser: Browser) -> None:
    deploy(browser.running.sandbox, "let n = 0;" + action("console.log(++n)"))
    for expected in ("1", "2"):
        browser.log_in(prompt="login")
        assert console(browser.running.sandbox) == [expected]


def test_deny_reaches_the_application_and_stops_later_actions(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    deploy(
        sandbox,
        action("api.access.deny('phone_unverified'); console.log('end')"),
        action("console.log('later')"),
    )
    assert denied(browser) == "phone_unverified"
    assert console(sandbox) == ["end"]
    entry = last_log(sandbox)
    assert (entry["type"], entry["description"]) == ("f", "phone_unverified")


def test_metadata_asked_for_with_a_denial_is_saved(browser: Browser) -> None:
    deploy(
        browser.running.sandbox,
        action("api.user.setAppMetadata('a', 1)"),
        action(
            "api.access.deny('no'); api.user.setAppMetadata('b', {c: [2]}); api.user.setUserMetadata('d', 3)"
        ),
    )
    denied(browser)
    user = user_of(browser.running.sandbox)
    assert user["app_metadata"] == {"a": 1, "b": {"c": [2]}}
    assert user["user_metadata"] == {"phone_number": "+14155550123", "d": 3}


def test_the_first_denial_counts_and_may_lack_a_reason(browser: Browser) -> None:
    deploy(browser.running.sandbox, action("api.access.deny('one'); api.access.deny('two')"))
    assert denied(browser) == "one"
    deploy(browser.running.sandbox, action("api.access.deny()"))
    assert denied(browser, prompt="login") == ""


def test_a_denied_person_has_a_session_all_the_same(browser: Browser) -> None:
    """Auth0's own warning: the gate must hold on the next, silent, attempt as well."""
    sandbox = browser.running.sandbox
    deploy(sandbox, action("api.access.deny('no')"))
    denied(browser)
    assert query(browser.authorize(prompt="none"))["error"] == "access_denied"
    deploy(sandbox, NOTHING)
    assert "code" in query(browser.authorize(prompt="none"))


def test_metadata_is_written_once_at_the_end_and_null_removes(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    deploy(
        sandbox,
        action("api.user.setAppMetadata('a', 1); api.user.setUserMetadata('phone_number', null)"),
        action("console.log(JSON.stringify(event.user)); api.user.setAppMetadata('a', 2)"),
    )
    browser.log_in()
    seen = shown(browser)
    assert (seen["app_metadata"], seen["user_metadata"]) == ({"a": 1}, {})
    assert user_of(sandbox)["app_metadata"] == {"a": 2}
    assert user_of(sandbox)["user_metadata"] == {}


def test_undefined_takes_back_what_an_earlier_action_asked_for(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    deploy(
        sandbox,
        action("api.user.setAppMetadata('passed', 'on')"),
        action("console.log(event.user.app_metadata.passed); api.user.setAppMetadata('passed', undefined)"),
        action("console.log(event.user.app_metadata.passed)"),
    )
    browser.log_in()
    assert console(sandbox) == ["on", "undefined"]
    assert not user_of(sandbox).get("app_metadata")


def test_metadata_is_limited_to_32_kilobytes(browser: Browser) -> None:
    deploy(browser.running.sandbox, action("api.user.setAppMetadata('a', 'x'.repeat(33000))"))
    assert denied(browser) == "More than 32 kB of app_metadata was set in one session."
    assert "app_metadata" not in user_of(browser.running.sandbox)


def test_an_uncaught_error_is_the_application_s_to_read(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    deploy(
        sandbox,
        action("api.user.setAppMetadata('first', 1)"),
        action(
            "api.user.setAppMetadata('second', 1); console.log('so far'); throw new Error('Twilio says no')"
        ),
    )
    assert denied(browser) == "Twilio says no"
    assert "app_metadata" not in user_of(sandbox)
    failed = executions(sandbox)[-1]
    assert failed["error"]["name"] == "Error"
    assert failed["error"]["stack"].startswith("Error: Twilio says no")
    assert failed["console"] == [{"level": "log", "text": "so far"}]


def test_the_session_exists_after_an_error_too(browser: Browser) -> None:
    deploy(browser.running.sandbox, action("throw new Error('x')"))
    denied(browser)
    deploy(browser.running.sandbox, NOTHING)
    assert "code" in query(browser.authorize(prompt="none"))


@pytest.fixture
def budget(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> float:
    """Seconds that a leg may take: far more than a busy machine adds to what its Actions wait for."""
    # Node's start is no part of what is measured.
    deploy(browser.running.sandbox, NOTHING)
    assert "code" in query(Browser(browser.running).log_in())
    monkeypatch.setattr(pipeline, "LEG_SECONDS", 1.5)
    return 1.5


def waiting(share: float, budget: float) -> str:
    return f"await new Promise((r) => setTimeout(r, {share * budget * 1000}));"


def test_a_leg_has_one_budget_for_all_its_actions(browser: Browser, budget: float) -> None:
    deploy(browser.running.sandbox, *(action(waiting(share, budget)) for share in (0.3, 0.9, 0)))
    assert denied(browser) == f"The Actions of this login did not complete within {budget} seconds."
    errors = [execution["error"] for execution in executions(browser.running.sandbox)]
    assert [error and error["kind"] for error in errors] == [None, "timeout"]


def test_a_redirect_starts_a_new_budget(browser: Browser, budget: float) -> None:
    pause = waiting(0.55, budget)
    code = action(pause + "api.redirect.sendUserTo('https://form.localhost:8447/')") + (
        f"exports.onContinuePostLogin = async () => {{ {pause} }};"
    )
    deploy(browser.running.sandbox, code)
    assert "code" in query(browser.resume(query(browser.log_in())["state"]))


def test_an_endless_loop_ends_and_the_next_login_works(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "LEG_SECONDS", 0.4)
    deploy(browser.running.sandbox, action("for (;;) {}"))
    assert denied(browser) == "The Actions of this login did not complete within 0.4 seconds."
    deploy(browser.running.sandbox, NOTHING)
    assert "code" in query(browser.log_in(prompt="login"))


def test_validation_error_ends_on_a_page(browser: Browser) -> None:
    deploy(
        browser.running.sandbox, action("api.validation.error('phone_blocked', 'Not this <number>')"), SHOW
    )
    response = browser.log_in()
    assert response.status_code == 400
    assert "Not this &lt;number&gt;" in response.text
    assert "phone_blocked" in text_of(response)
    assert "location" not in response.headers
    assert last_log(browser.running.sandbox)["type"] == "f"


def test_what_is_not_supported_fails_loudly_and_is_logged(browser: Browser) -> None:
    deploy(browser.running.sandbox, action("api.prompt.render('ap_1')"))
    assert denied(browser) == "api.prompt.render is not supported by this sandbox yet."
    deploy(browser.running.sandbox, action("try { api.prompt.render('f') } catch {}"))
    assert "code" in query(browser.log_in(prompt="login"))
    assert executions(browser.running.sandbox)[0]["unsupported"] == ["prompt.render"]


def test_the_log_names_every_execution(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    ids = deploy(sandbox, action("console.log('a'); console.error({b: 1})"), NOTHING)
    browser.log_in()
    first, second = executions(sandbox)
    assert (first["action_id"], first["action_name"], first["handler"]) == (
        ids[0],
        "Action 1",
        "onExecutePostLogin",
    )
    assert first["console"] == [{"level": "log", "text": "a"}, {"level": "error", "text": "{ b: 1 }"}]
    assert first["error"] is None
    assert first["milliseconds"] >= 0
    assert second["console"] == []
    entry = last_log(sandbox)
    assert entry["client_id"] == browser.client["client_id"]
    assert entry["user_name"] == "ada@example.com"
    assert entry["strategy"] == "auth0"


def test_console_output_is_kept_in_full(browser: Browser) -> None:
    deploy(browser.running.sandbox, action("console.log('x'.repeat(5000))"))
    browser.log_in()
    assert console(browser.running.sandbox) == ["x" * 5000]


def test_record_method_stays_with_the_session(browser: Browser) -> None:
    code = action("""console.log(JSON.stringify(event.authentication.methods));
      if (!event.authentication.methods.some((m) => m.url === 'https://acme.example/sms'))
        api.redirect.sendUserTo('https://form.localhost:8447/')""") + (
        "exports.onContinuePostLogin = async (event, api) => {"
        " api.authentication.recordMethod('https://acme.example/sms'); };"
    )
    sandbox = browser.running.sandbox
    deploy(sandbox, code)
    assert "code" in query(browser.resume(query(browser.log_in())["state"]))
    assert "code" in query(browser.authorize())
    methods = json.loads(console(sandbox)[-1])
    assert [method["name"] for method in methods] == ["pwd", "https://acme.example/sms"]
    assert query(browser.log_in(prompt="login")).get("code") is None


@pytest.mark.parametrize(("mode", "persistent"), [("persistent", True), ("non-persistent", False)])
def test_cookie_mode(browser: Browser, mode: str, persistent: bool) -> None:
    deploy(browser.running.sandbox, action(f"api.session.setCookieMode('{mode}')"))
    cookie = browser.log_in().headers["set-cookie"]
    assert ("Max-Age" in cookie) == persistent


def test_session_metadata_and_expiry(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    deploy(
        sandbox,
        action("api.session.setMetadata('a', 'b'); api.session.setExpiresAt(Date.now() + 60000)"),
        SHOW,
    )
    browser.log_in()
    browser.authorize()
    assert shown(browser)["session"]["metadata"] == {"a": "b"}
    sandbox.clock.advance(61)
    assert query(browser.authorize(prompt="none"))["error"] == "login_required"


def test_revoking_the_session_denies_and_ends_it(browser: Browser) -> None:
    deploy(browser.running.sandbox, action("api.session.revoke('begone')"))
    response = browser.log_in()
    assert query(response)["error_description"] == "begone"
    assert query(browser.authorize(prompt="none"))["error"] == "login_required"


def test_an_action_sees_the_sandbox_s_time(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    deploy(sandbox, action("console.log(Date.now())"))
    sandbox.clock.advance(7200)
    browser.log_in()
    assert abs(int(console(sandbox)[0]) / 1000 - sandbox.clock.now()) < 10


def test_without_node_the_login_says_what_to_install(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser.running.sandbox, "runner", NodeRunner(node_path="no-such-node"))
    deploy(browser.running.sandbox, NOTHING)
    assert "Actions need Node.js, which is not on the PATH." in denied(browser)
