"""Universal Login by SMS: the page for the number, the page for the code, and the login that follows."""

import json
import re
from urllib.parse import urlsplit

import pytest
import requests

from sandbox import users
from sandbox.login.passwordless.prompts import CHALLENGE, IDENTIFIER

from .login_driver import Browser, create_user, deploy, query, redirecting, runs_of, text_of
from .passwordless_driver import NUMBER, App, wrong

SHOW = "exports.onExecutePostLogin = async (event, api) => { console.log(JSON.stringify(event)) };"


class Person:
    """Somebody who logs in by SMS, and the state of their login."""

    def __init__(self, app: App, browser: Browser | None = None, **parameters: str) -> None:
        self.app = app
        self.browser = browser or app.browser
        answer = self.browser.authorize(**{"connection": "sms", **parameters})
        assert answer.status_code == 302, answer.text
        self.first = urlsplit(answer.headers["location"]).path
        self.state = query(answer)["state"]

    def see(self, path: str) -> requests.Response:
        return self.browser.get(f"{path}?state={self.state}")

    def identify(self, number: str = NUMBER) -> requests.Response:
        fields = {"state": self.state, "phone_number": number}
        return self.browser.post(f"{IDENTIFIER}?state={self.state}", fields)

    def answer(self, code: str, action: str = "default") -> requests.Response:
        fields = {"state": self.state, "code": code, "action": action}
        return self.browser.post(f"{CHALLENGE}?state={self.state}", fields)

    def log_in(self, number: str = NUMBER) -> requests.Response:
        assert self.identify(number).status_code == 302
        return self.answer(self.app.gateway.last.code)


@pytest.fixture
def person(app: App) -> Person:
    return Person(app)


def problem_of(page: requests.Response) -> str:
    found = re.search(r'class="problem"[^>]*>([^<]*)<', page.text)
    assert found, page.text
    return found.group(1)


# The way through


def test_number_then_code_then_back_to_the_application(app: App, person: Person) -> None:
    assert person.first == IDENTIFIER
    assert "Enter your phone number" in text_of(person.see(IDENTIFIER))
    sent = person.identify("+44 (7700) 900-123")
    assert urlsplit(sent.headers["location"]).path == CHALLENGE
    assert app.gateway.last.body["recipient"] == NUMBER
    page = person.see(CHALLENGE)
    assert NUMBER in text_of(page)
    answer = query(person.answer(f" {app.gateway.last.code} "))
    assert answer["state"] == "app-state"
    tokens = app.browser.exchange(answer["code"]).json()
    claims = app.sandbox.keys.verify(tokens["id_token"], app.client["client_id"])
    assert claims["sub"].startswith("sms|")
    assert [kind for kind, _ in app.logs()] == ["cls", "ss", "s", "seacft"]


def test_actions_see_an_ordinary_login_by_sms(app: App, person: Person) -> None:
    deploy(app.sandbox, SHOW)
    person.log_in()
    log = next(log for log in app.sandbox.store.all("tenant_logs") if log["type"] == "s")
    event = json.loads(runs_of(app.sandbox, log)[0]["console"][0]["text"])
    assert event["connection"]["strategy"] == "sms"
    assert [method["name"] for method in event["authentication"]["methods"]] == ["sms"]
    assert event["transaction"]["protocol"] == "oidc-basic-profile"
    assert event["user"]["phone_number"] == NUMBER
    assert event["user"]["phone_verified"] is True
    assert event["session"]["user_id"] == event["user"]["user_id"]
    assert app.gateway.last.code not in json.dumps(event)


def test_an_action_s_redirect_interrupts_it_as_any_login(app: App, person: Person) -> None:
    deploy(app.sandbox, redirecting())
    answer = person.log_in()
    assert answer.headers["location"].startswith("https://form.localhost:8447/verify?state=")
    assert "code" in query(app.browser.resume(query(answer)["state"]))


def test_the_message_speaks_the_browser_s_language(app: App, person: Person) -> None:
    app.connect(syntax="liquid", template="{{ request_language }} {{ code }}")
    app.browser.http.headers["accept-language"] = "nl-NL"
    person.identify()
    assert app.gateway.last.body["body"].startswith("nl-NL ")


def test_people_who_are_known_by_their_hint_need_not_type(app: App) -> None:
    assert f'value="{NUMBER}"' in Person(app, login_hint=NUMBER).see(IDENTIFIER).text


def test_a_number_can_be_changed_on_the_way(app: App, person: Person) -> None:
    person.identify("+447700900124")
    first = app.gateway.last.code
    assert 'value="+447700900124"' in person.see(IDENTIFIER).text
    person.identify()
    if first != app.gateway.last.code:
        assert person.answer(first).status_code == 400
    assert "code" in query(person.answer(app.gateway.last.code))
    assert app.user() is not None
    assert app.user("+447700900124") is None


def test_a_resent_code_replaces_the_first(app: App, person: Person) -> None:
    person.identify()
    first = app.gateway.last.code
    page = person.answer("", "resend")
    assert page.status_code == 200
    assert "A new code is on its way" in text_of(page)
    second = app.gateway.last.code
    if first != second:
        assert person.answer(first).status_code == 400
    assert "code" in query(person.answer(second))


# What goes wrong


@pytest.mark.parametrize(
    "number", ["", "07700900123", "+44", "+0447700900123", "abc", "+1" * 40, "+447700900123,+1"]
)
def test_what_is_no_number_is_asked_for_again(app: App, person: Person, number: str) -> None:
    page = person.identify(number)
    assert page.status_code == 400
    assert "country code" in problem_of(page)
    assert app.gateway.requests == []


def test_what_was_typed_is_shown_as_text(person: Person) -> None:
    page = person.identify('"><script>x</script>')
    assert "<script>x" not in page.text


def test_a_message_that_could_not_be_sent(app: App, person: Person) -> None:
    app.gateway.status = 500
    page = person.identify()
    assert (page.status_code, problem_of(page)) == (
        400,
        "The message could not be sent. Wait a moment, then try again.",
    )
    assert "500" not in text_of(page)
    assert app.logs() == [("fn", "Unexpected response while calling the SMS gateway: 500")]
    app.gateway.status = 200
    assert person.identify().status_code == 302


def test_three_wrong_codes_then_a_new_one(app: App, person: Person) -> None:
    person.identify()
    code = app.gateway.last.code
    problems = [problem_of(person.answer(wrong(code))) for _ in range(3)]
    assert problems[:2] == ["This code is not right. Look at the latest message."] * 2
    assert problems[2] == "Too many wrong codes. Ask for a new one."
    assert [kind for kind, _ in app.logs()].count("fp") == 3
    assert person.answer("", "resend").status_code == 200
    assert "code" in query(person.answer(app.gateway.last.code))


def test_a_code_that_is_too_old(app: App, person: Person) -> None:
    person.identify()
    app.sandbox.clock.advance(200)
    assert problem_of(person.answer(app.gateway.last.code)) == "This code is too old. Ask for a new one."


def test_nobody_new_where_sign_up_is_disabled(app: App, person: Person) -> None:
    app.connect(disable_signup=True)
    assert "nobody can sign up here" in problem_of(person.identify())
    assert app.gateway.requests == []


def test_blocked_people(app: App, person: Person) -> None:
    user = users.create(app.sandbox, "sms", None, None, phone_number=NUMBER)
    person.identify()
    app.sandbox.store.put("users", user["user_id"], user | {"blocked": True})
    assert problem_of(person.identify()) == "This account is blocked."
    answer = query(person.answer(app.gateway.last.code))
    assert (answer["error"], answer["error_description"]) == ("unauthorized", "user is blocked")


def test_five_posts_a_minute_from_one_address(app: App, person: Person) -> None:
    person.identify()
    code = app.gateway.last.code
    for _ in range(5):
        assert person.answer(wrong(code)).status_code == 400
    page = person.answer(code)
    assert page.status_code == 429
    assert "Too many requests" in text_of(page)
    assert app.logs()[-1] == ("api_limit", f"You passed the limit of allowed calls to '{CHALLENGE}'")
    app.sandbox.clock.advance(60)
    person.identify()
    assert "code" in query(person.answer(app.gateway.last.code))


def test_the_limit_can_be_switched_off(app: App, person: Person) -> None:
    app.sandbox.switches.passwordless_page_limit = 0
    person.identify()
    assert [person.answer("x").status_code for _ in range(8)] == [400] * 8


# Which page a login has


def test_the_code_s_page_leads_back_until_there_is_a_number(person: Person) -> None:
    for answer in (person.see(CHALLENGE), person.answer("123456")):
        assert urlsplit(answer.headers["location"]).path == IDENTIFIER


def test_a_state_belongs_to_the_pages_of_its_connection(app: App) -> None:
    by_sms = Person(app)
    assert by_sms.see("/u/login").status_code == 400
    assert by_sms.see("/u/signup").status_code == 400
    by_password = app.browser.begin()
    assert app.browser.get(f"{IDENTIFIER}?state={by_password}").status_code == 400


def test_another_browser_can_t_go_on(app: App, person: Person) -> None:
    person.identify()
    person.browser = Browser(app.running)
    assert person.answer(app.gateway.last.code).status_code == 400
    person.browser = app.browser
    assert "code" in query(person.answer(app.gateway.last.code))


def test_a_state_works_once(app: App, person: Person) -> None:
    person.log_in()
    assert person.see(CHALLENGE).status_code == 400


def test_a_database_goes_first_where_the_application_names_none(app: App) -> None:
    assert urlsplit(app.browser.authorize().headers["location"]).path == "/u/login"


@pytest.mark.parametrize("hint", ["login", "signup"])
def test_without_a_database_it_is_the_page_for_the_number(app: App, hint: str) -> None:
    app.only_sms()
    answer = app.browser.authorize(screen_hint=hint)
    assert urlsplit(answer.headers["location"]).path == IDENTIFIER


# Sessions


def test_named_in_the_request_the_connection_never_uses_a_session(app: App, person: Person) -> None:
    person.log_in()
    again = app.browser.authorize(connection="sms")
    assert urlsplit(again.headers["location"]).path == IDENTIFIER
    silent = query(app.browser.authorize(connection="sms", prompt="none"))
    assert silent["error"] == "login_required"


def test_its_session_serves_a_request_that_names_no_connection(app: App, person: Person) -> None:
    person.log_in()
    assert "code" in query(app.browser.authorize())
    assert "code" in query(app.browser.authorize(prompt="none"))


def test_it_replaces_a_session_of_another_connection(app: App) -> None:
    create_user(app.sandbox)
    app.browser.log_in()
    Person(app).log_in()
    assert len(app.sandbox.store.all("sessions")) == 1
    assert app.sandbox.store.all("sessions")[0]["connection"] == "sms"
