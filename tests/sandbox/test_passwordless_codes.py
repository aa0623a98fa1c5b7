"""The passwordless OTP grant: the latest code, three tries, as long as it lives, and then the person."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sandbox import users
from sandbox.login.passwordless import codes
from sandbox.login.passwordless.attempts import LIMIT
from sandbox.store import Store
from sandbox.testing import RunningSandbox

from .login_driver import deploy, runs_of
from .passwordless_driver import NUMBER, OTP, App, error_of, wrong

WRONG = (403, "invalid_grant", "Wrong phone number or verification code.")
EXHAUSTED = (
    403,
    "invalid_grant",
    "You've reached the maximum number of attempts. Please try to login again.",
)
EXPIRED = (403, "invalid_grant", "The verification code has expired. Please try to login again.")
OTHER = "+447700900124"
SHOW = "exports.onExecutePostLogin = async (event, api) => { console.log(JSON.stringify(event)) };"


# Right


def test_the_right_code_is_a_login(app: App) -> None:
    body = app.log_in()
    assert set(body) == {"access_token", "id_token", "scope", "expires_in", "token_type"}
    assert body["scope"] == "openid profile phone"
    claims = app.sandbox.keys.verify(body["id_token"], app.client["client_id"])
    assert claims["phone_number"] == NUMBER
    assert claims["phone_number_verified"] is True
    assert claims["sub"].startswith("sms|")
    assert claims["name"] == NUMBER
    assert [kind for kind, _ in app.logs()] == ["cls", "ss", "sepotpft"]


def test_the_person_is_made_at_the_connection_with_a_verified_number(app: App) -> None:
    app.log_in()
    user = app.user()
    assert user is not None
    identity = user["user_id"].removeprefix("sms|")
    assert user["identities"] == [
        {"connection": "sms", "user_id": identity, "provider": "sms", "isSocial": False}
    ]
    assert (user["phone_number"], user["phone_verified"], user["logins_count"]) == (NUMBER, True, 1)
    assert "email" not in user


def test_a_known_person_is_that_person_again(app: App) -> None:
    first, second = app.log_in(), app.log_in()
    subjects = {
        app.sandbox.keys.verify(one["id_token"], app.client["client_id"])["sub"] for one in (first, second)
    }
    assert len(subjects) == 1
    assert len(app.sandbox.store.where("users", "phone_number", NUMBER)) == 1
    assert [kind for kind, _ in app.logs()].count("ss") == 1


def test_a_person_made_by_the_management_api_is_found_and_proven(app: App) -> None:
    made = users.create(app.sandbox, "sms", None, None, phone_number=NUMBER)
    assert made["phone_verified"] is False
    app.connect(disable_signup=True)
    app.log_in()
    user = app.user()
    assert user is not None
    assert (user["user_id"], user["phone_verified"]) == (made["user_id"], True)


def test_somebody_else_s_connection_is_not_looked_at(app: App) -> None:
    """The same number in a database is another person."""
    users.create(app.sandbox, "Username-Password-Authentication", "a@example.com", "x", phone_number=NUMBER)
    app.log_in()
    assert len(app.sandbox.store.where("users", "phone_number", NUMBER)) == 2


def test_the_form_encoded_request_of_the_reference(app: App) -> None:
    form = {"grant_type": OTP, **app.client, "username": NUMBER, "otp": app.code(), "realm": "sms"}
    assert app.browser.token({**form, "scope": "openid", "redirect_uri": app.browser.callback}).ok


def test_offline_access_gives_a_refresh_token(app: App) -> None:
    body = app.log_in(scope="openid offline_access")
    again = app.post(
        "/oauth/token",
        {"grant_type": "refresh_token", **app.client, "refresh_token": body["refresh_token"]},
    )
    assert again.status_code == 200


@pytest.mark.parametrize("length", [4, 8])
def test_the_code_is_as_long_as_configured(app: App, length: int) -> None:
    app.connect(totp={"length": length, "time_step": 60})
    assert len(app.code()) == length


# Wrong


def test_three_tries_and_no_fourth(app: App) -> None:
    code = app.code()
    answers = [error_of(app.exchange(wrong(code))) for _ in range(3)]
    assert answers == [WRONG, WRONG, EXHAUSTED]
    assert error_of(app.exchange(code)) == EXHAUSTED
    assert ("fepotpft", EXHAUSTED[2]) in app.logs()
    assert app.user() is None


def test_the_third_try_may_be_right(app: App) -> None:
    code = app.code()
    for _ in range(2):
        app.exchange(wrong(code))
    assert app.exchange(code).status_code == 200


def test_a_new_code_has_tries_of_its_own(app: App) -> None:
    first = app.code()
    for _ in range(3):
        app.exchange(wrong(first))
    assert app.exchange(app.code()).status_code == 200


def test_only_the_latest_code_counts(app: App) -> None:
    first, second = app.code(), app.code()
    if first != second:
        assert error_of(app.exchange(first)) == WRONG
    assert app.exchange(second).status_code == 200


def test_a_code_works_once(app: App) -> None:
    code = app.code()
    assert app.exchange(code).status_code == 200
    assert error_of(app.exchange(code)) == WRONG


def test_of_ten_who_use_a_code_at_once_one_succeeds(app: App) -> None:
    code = app.code()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: app.exchange(code).status_code, range(10)))
    assert Counter(answers) == {200: 1, 403: 9}
    assert len(app.sandbox.store.where("users", "phone_number", NUMBER)) == 1


@pytest.mark.parametrize(("seconds", "works"), [(179, True), (181, False)])
def test_a_code_lives_as_long_as_the_connection_says(app: App, seconds: int, works: bool) -> None:
    code = app.code()
    app.sandbox.clock.advance(seconds)
    answer = app.exchange(code)
    assert answer.status_code == 200 if works else error_of(answer) == EXPIRED


def test_three_minutes_where_it_says_nothing(app: App) -> None:
    app.connect(totp=None)
    code = app.code()
    assert len(code) == 6
    app.sandbox.clock.advance(181)
    assert error_of(app.exchange(code)) == EXPIRED


def test_a_code_belongs_to_its_number(app: App) -> None:
    code = app.code()
    assert error_of(app.exchange(code, OTHER)) == WRONG
    assert app.exchange(code).status_code == 200


@pytest.mark.parametrize("otp", ["", "abc", "\u0661\u0662\u0663\u0664", "0" * 100, "0\x00"])
def test_what_is_no_code_is_refused(app: App, otp: str) -> None:
    app.code()
    answer = app.exchange(otp)
    assert error_of(answer)[:2] in (WRONG[:2], (400, "invalid_request"))


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"username": None}, (400, "invalid_request", "Missing required parameter: username")),
        ({"otp": None}, (400, "invalid_request", "Missing required parameter: otp")),
        ({"realm": None}, (400, "invalid_request", "Missing required parameter: realm")),
        ({"realm": "nowhere"}, (400, "invalid_request", "the connection was not found")),
        ({"client_secret": "wrong"}, (401, "access_denied", "Unauthorized")),
        ({"audience": "https://nowhere"}, (403, "access_denied", "Service not found: https://nowhere")),
    ],
)
def test_a_request_that_is_incomplete_or_wrong(
    app: App, changes: dict[str, Any], refusal: tuple[int, str, str]
) -> None:
    given = {"otp": app.code(), **changes}
    assert error_of(app.exchange(**given)) == refusal


def test_a_connection_not_enabled_or_not_passwordless(app: App) -> None:
    code = app.code()
    connection = app.connect()
    app.sandbox.store.put("connections", "con_sms", connection | {"enabled_clients": []})
    assert error_of(app.exchange(code)) == (400, "invalid_request", "the connection was disabled")
    app.sandbox.store.put("connections", "con_sms", connection | {"strategy": "auth0"})
    assert error_of(app.exchange(code))[2] == "specified strategy does not support requested operation"


def test_an_application_without_the_grant(app: App) -> None:
    app.change_client(grant_types=["authorization_code"])
    description = f"Grant type '{OTP}' not allowed for the client."
    assert error_of(app.exchange(app.code())) == (403, "unauthorized_client", description)


def test_people_blocked_after_their_code_was_sent(app: App) -> None:
    app.log_in()
    code = app.code()
    user = app.user() or {}
    app.sandbox.store.put("users", user["user_id"], user | {"blocked": True})
    assert error_of(app.exchange(code)) == (401, "unauthorized", "user is blocked")


def test_sign_up_disabled_after_the_code_was_sent(app: App) -> None:
    code = app.code()
    app.connect(disable_signup=True)
    assert error_of(app.exchange(code)) == (403, "invalid_grant", "Public signup is disabled")
    assert app.user() is None


# Brute force


def guess(app: App, times: int) -> None:
    for _ in range(times):
        app.exchange(wrong(app.code()))


@pytest.mark.parametrize("protected", [True, False])
def test_ten_wrong_codes_in_a_row_end_the_attempts(app: App, protected: bool) -> None:
    app.connect(brute_force_protection=protected)
    guess(app, LIMIT)
    answer = app.exchange(app.code())
    if not protected:
        assert answer.status_code == 200
        return
    assert error_of(answer)[:2] == (429, "too_many_attempts")
    assert [kind for kind, _ in app.logs()].count("limit_wc") == 1
    assert app.exchange(app.code(OTHER), OTHER).status_code == 200
    app.sandbox.clock.advance(31 * 86400)
    assert app.exchange(app.code()).status_code == 200


def test_the_attempts_are_those_of_the_address_a_trusted_server_names(app: App) -> None:
    app.change_client(is_token_endpoint_ip_header_trusted=True)
    for number in range(LIMIT):
        headers = {"auth0-forwarded-for": f"203.0.113.{number}"}
        app.exchange(wrong(app.code()), headers=headers)
    assert app.exchange(app.code()).status_code == 200


def test_a_right_code_begins_the_count_anew(app: App) -> None:
    for _ in range(2):
        guess(app, LIMIT - 1)
        app.log_in()


# Actions


def test_actions_see_a_login_by_sms_without_a_browser(app: App) -> None:
    look = (
        "exports.onExecutePostLogin = async (event, api) => {"
        " console.log(JSON.stringify([event, api.redirect.canRedirect()])) };"
    )
    deploy(app.sandbox, look)
    app.log_in()
    texts = [
        line["text"]
        for log in app.sandbox.store.all("tenant_logs")
        for run in runs_of(app.sandbox, log)
        for line in run["console"]
    ]
    event, can_redirect = json.loads(texts[0])
    assert can_redirect is False
    assert event["connection"] == {"id": "con_sms", "name": "sms", "strategy": "sms", "metadata": {}}
    assert [method["name"] for method in event["authentication"]["methods"]] == ["sms"]
    assert event["transaction"]["protocol"] == "oauth2-passwordless-otp"
    assert "session" not in event
    assert event["user"]["phone_number"] == NUMBER
    assert event["user"]["phone_verified"] is True
    assert event["user"]["identities"][0]["provider"] == "sms"


def test_the_protocol_s_name_is_a_switch_and_a_redirect_impossible_with_any(app: App) -> None:
    app.sandbox.switches.otp_protocol = "oidc-basic-profile"
    deploy(
        app.sandbox,
        "exports.onExecutePostLogin = async (event, api) => {"
        " console.log(event.transaction.protocol, api.redirect.canRedirect());"
        " api.redirect.sendUserTo('https://form.localhost:8447') };",
    )
    answer = app.exchange(app.code())
    assert error_of(answer)[:2] == (403, "access_denied")
    failed = [log for log in app.sandbox.store.all("tenant_logs") if log["type"] == "fepotpft"]
    assert runs_of(app.sandbox, failed[0])[0]["console"][0]["text"] == "oidc-basic-profile false"


def test_a_code_in_the_request_does_not_reach_actions(app: App) -> None:
    deploy(app.sandbox, SHOW)
    code = app.code()
    assert app.exchange(code).status_code == 200
    logged = json.dumps([*app.sandbox.store.all("tenant_logs"), *app.sandbox.store.all("executions")])
    assert "passwordless-otp" in logged
    assert code not in logged


def test_a_denial_is_the_application_s_error(app: App) -> None:
    deploy(app.sandbox, "exports.onExecutePostLogin = async (event, api) => { api.access.deny('no') };")
    assert error_of(app.exchange(app.code())) == (403, "access_denied", "no")


# State


def test_a_code_and_its_tries_survive_dump_and_load(app: App) -> None:
    code = app.code()
    app.exchange(wrong(code))
    control = f"{app.running.url}/_sandbox"
    with app.running.session() as http:
        state = http.get(f"{control}/state").json()
        assert http.post(f"{control}/reset").status_code == 204
        assert error_of(app.exchange(code))[1] == "invalid_request"
        assert http.post(f"{control}/state", json=state).status_code == 204
    assert error_of(app.exchange(wrong(code))) == WRONG
    assert app.exchange(code).status_code == 200


def test_a_code_and_its_tries_are_in_the_file(tmp_path: Any) -> None:
    """What a killed process leaves is what a new one finds."""
    connection = {"id": "con_sms", "name": "sms", "strategy": "sms", "options": {}}
    with RunningSandbox(tmp_path) as running:
        code = codes.issue(running.sandbox, connection, NUMBER, "0" * 24)
        assert codes.check(running.sandbox, connection, NUMBER, wrong(code))[0] == "wrong"
        copy = Store(tmp_path / "sandbox.sqlite3")
        kept = copy.all("passwordless_codes")
        copy.close()
    assert [(doc["code"], doc["tries"]) for doc in kept] == [(code, 1)]
    with RunningSandbox(tmp_path) as running:
        assert codes.check(running.sandbox, connection, NUMBER, wrong(code))[0] == "wrong"
        assert codes.check(running.sandbox, connection, NUMBER, code)[0] == "right"
