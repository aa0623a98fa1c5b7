"""/passwordless/start: who may have a code sent, and what they are answered."""

import re
from typing import Any

import pytest
import requests

from sandbox import users
from sandbox.faults import Fault

from .passwordless_driver import NUMBER, App, error_of

PATTERN = r"String does not match pattern: ^\+[0-9]{1,15}$"


def test_a_code_is_sent_and_the_answer_has_auth0_s_shape(app: App) -> None:
    answer = app.start()
    assert answer.status_code == 200
    body = answer.json()
    assert re.fullmatch("[0-9a-f]{24}", body.pop("_id"))
    assert body == {"phone_number": NUMBER, "phone_verified": False, "request_language": None}
    assert len(app.gateway.requests) == 1
    assert app.logs() == [("cls", None)]


def test_a_code_alone_makes_nobody(app: App) -> None:
    app.start()
    assert app.user() is None


def test_the_id_is_the_one_the_user_will_have(app: App) -> None:
    identity = app.start().json()["_id"]
    assert app.exchange(app.gateway.last.code).status_code == 200
    user = app.user()
    assert user is not None
    assert user["user_id"] == f"sms|{identity}"
    assert app.start().json() == {
        "_id": identity,
        "phone_number": NUMBER,
        "phone_verified": True,
        "request_language": None,
    }


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({"x-request-language": "nl", "accept-language": "fr-FR,fr;q=0.8"}, "nl"),
        ({"accept-language": "fr-FR,fr;q=0.8"}, "fr-FR,fr;q=0.8"),
    ],
)
def test_the_language_is_the_header_s_for_it_or_the_browser_s(
    app: App, headers: dict[str, str], language: str
) -> None:
    app.connect(syntax="liquid", template="{{ request_language }}: {{ code }}")
    assert app.start(headers=headers).json()["request_language"] == language
    assert app.gateway.last.body["body"].startswith(f"{language}: ")


# What is refused, in the words of the documented table


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"client_id": None}, "bad.client_id", "Missing required property: client_id"),
        ({"client_id": "nobody"}, "bad.client_id", "Unknown client: nobody"),
        ({"client_id": 7}, "bad.client_id", "error in client_id - invalid type: integer (expected string)"),
        ({"connection": None}, "bad.connection", "Missing required property: connection"),
        ({"connection": "nowhere"}, "bad.connection", "Connection does not exist"),
        ({"number": None}, "bad.phone_number", "Missing required property: phone_number"),
        ({"number": "447700900123"}, "bad.phone_number", PATTERN),
        ({"number": "+44 7700 900123"}, "bad.phone_number", PATTERN),
        ({"number": f"{NUMBER}\n"}, "bad.phone_number", PATTERN),
        ({"number": "+" + "1" * 16}, "bad.phone_number", PATTERN),
        ({"authParams": "scope=openid"}, "bad.authParams",
         "error in authParams - invalid type: string (expected object)"),
        ({"channel": "call", "lang": "en"}, "bad.request",
         "the following properties are not allowed: channel, lang"),
        ({"send": "pigeon"}, "bad.request", "error in send - no enum match for: pigeon"),
    ],
)  # fmt: skip
def test_a_request_that_makes_no_sense(
    app: App, changes: dict[str, Any], error: str, description: str
) -> None:
    assert error_of(app.start(**changes)) == (400, error, description)
    assert app.gateway.requests == []


def test_a_connection_that_is_not_passwordless(app: App) -> None:
    app.sandbox.store.put("connections", "con_x", {"id": "con_x", "name": "sms", "strategy": "auth0"})
    app.sandbox.store.delete("connections", "con_sms")
    description = "Invalid connection strategy. It must either be a passwordless connection"
    assert error_of(app.start()) == (400, "bad.connection", description)


def test_a_connection_not_enabled_for_the_client(app: App) -> None:
    connection = app.connect()
    app.sandbox.store.put("connections", connection["id"], connection | {"enabled_clients": []})
    assert error_of(app.start()) == (400, "bad.connection", "Connection is disabled")


@pytest.mark.parametrize(("switch", "status"), [("canonical", 400), ("any", 200)])
def test_a_connection_of_another_name_is_one_switch_away(app: App, switch: str, status: int) -> None:
    """Documented are sms and email alone; older texts use a connection's own name."""
    app.connect("sms-custom")
    app.sandbox.switches.passwordless_names = switch  # type: ignore[assignment] # a Literal, parametrized
    answer = app.start(connection="sms-custom")
    assert answer.status_code == status
    assert len(app.gateway.requests) == (status == 200)


# Who has to prove what


def test_a_confidential_client_brings_its_secret(app: App) -> None:
    refused = app.start(client_secret=None)
    assert error_of(refused) == (403, "unauthorized_client", "Client authentication is required")
    assert error_of(app.start(client_secret="wrong")) == (401, "access_denied", "Unauthorized")
    assert app.gateway.requests == []


def test_a_tenant_that_does_not_enforce_it_is_only_warned(app: App) -> None:
    settings = app.sandbox.store.get("settings", "tenant") or {}
    settings["flags"]["enforce_client_authentication_on_passwordless_start"] = False
    app.sandbox.store.put("settings", "tenant", settings)
    assert app.start(client_secret=None).status_code == 200
    assert ("depnote", "Enforce client authentication for passwordless connections") in app.logs()


def test_a_public_client_needs_none(app: App) -> None:
    app.change_client(token_endpoint_auth_method="none", app_type="native")
    assert app.start(client_secret=None).status_code == 200


@pytest.mark.parametrize(("trusted", "seen"), [(True, "203.0.113.9"), (False, "127.0.0.1")])
def test_a_server_may_say_whose_address_counts_if_it_is_trusted(app: App, trusted: bool, seen: str) -> None:
    app.change_client(is_token_endpoint_ip_header_trusted=trusted)
    app.start(headers={"auth0-forwarded-for": "203.0.113.9"})
    assert app.gateway.last.body["req"]["ip"] == seen


def test_a_client_without_its_secret_is_never_trusted(app: App) -> None:
    app.change_client(token_endpoint_auth_method="none", is_token_endpoint_ip_header_trusted=True)
    app.start(headers={"auth0-forwarded-for": "203.0.113.9"}, client_secret=None)
    assert app.gateway.last.body["req"]["ip"] == "127.0.0.1"


# Limits


def test_fifty_an_hour_from_one_address_without_a_secret(app: App) -> None:
    app.change_client(token_endpoint_auth_method="none")
    app.sandbox.switches.passwordless_start_limit = 3
    passed = [app.start(client_secret=None) for _ in range(3)]
    assert [answer.status_code for answer in passed] == [200] * 3
    assert [answer.headers["x-ratelimit-remaining"] for answer in passed] == ["2", "1", "0"]
    refused = app.start(client_secret=None)
    assert error_of(refused) == (429, "too_many_requests", "Global limit has been reached")
    assert 1100 < int(refused.headers["retry-after"]) <= 1200
    assert app.logs()[-1] == ("api_limit", "You passed the limit of allowed calls to '/passwordless/start'")
    assert len(app.gateway.requests) == 3
    app.sandbox.clock.advance(1200)
    assert app.start(client_secret=None).status_code == 200


def test_what_is_refused_counts_too(app: App) -> None:
    app.change_client(token_endpoint_auth_method="none")
    app.sandbox.switches.passwordless_start_limit = 1
    assert app.start("nonsense", client_secret=None).status_code == 400
    assert app.start(client_secret=None).status_code == 429


def test_a_client_that_proves_itself_is_not_counted(app: App) -> None:
    app.sandbox.switches.passwordless_start_limit = 1
    assert [app.start().status_code for _ in range(3)] == [200] * 3


def test_the_limit_can_be_switched_off(app: App) -> None:
    app.change_client(token_endpoint_auth_method="none")
    app.sandbox.switches.passwordless_start_limit = 0
    answer = app.start(client_secret=None)
    assert answer.status_code == 200
    assert "x-ratelimit-limit" not in answer.headers


# Who gets none


def test_where_sign_up_is_disabled_only_known_people_get_a_code(app: App) -> None:
    app.connect(disable_signup=True)
    assert error_of(app.start()) == (400, "bad.connection", "Public signup is disabled")
    assert app.gateway.requests == []
    users.create(app.sandbox, "sms", None, None, phone_number=NUMBER)
    assert app.start().status_code == 200


@pytest.mark.parametrize(("switch", "status"), [("refused", 401), ("silent", 200)])
def test_blocked_people_are_sent_nothing(app: App, switch: str, status: int) -> None:
    users.create(app.sandbox, "sms", None, None, phone_number=NUMBER, blocked=True)
    app.sandbox.switches.passwordless_blocked_user = switch  # type: ignore[assignment] # a Literal, parametrized
    assert app.start().status_code == status
    assert app.gateway.requests == []


# Faults on request


def test_a_planned_fault_comes_before_everything(app: App) -> None:
    app.sandbox.faults.add(Fault("status", path="/passwordless/start", status=503))
    assert app.start().status_code == 503
    assert app.gateway.requests == []
    assert app.start().status_code == 200


def test_a_code_counts_although_its_start_was_never_answered(app: App) -> None:
    app.sandbox.faults.add(Fault("reset_after_apply", path="/passwordless/start"))
    with pytest.raises(requests.ConnectionError):
        app.start()
    assert app.exchange(app.gateway.last.code).status_code == 200


# Its predecessors


@pytest.mark.parametrize("path", ["/oauth/ro", "/passwordless/verify"])
def test_the_legacy_endpoints_are_closed(app: App, path: str) -> None:
    given = {"client_id": app.client["client_id"], "connection": "sms", "username": NUMBER, "password": "1"}
    conformant = app.post(path, {**given, "grant_type": "password"})
    assert error_of(conformant) == (400, "invalid_request", f"OIDC conformant clients cannot use {path}")
    app.change_client(oidc_conformant=False)
    legacy = "Grant type 'http://auth0.com/oauth/legacy/grant-type/ro' not allowed for the client."
    assert error_of(app.post(path, given)) == (403, "unauthorized_client", legacy)
    missing = app.post(path, {"client_id": "x"})
    assert error_of(missing) == (400, "invalid_request", "missing connection parameter")
    unknown = app.post(path, {**given, "client_id": "x"})
    assert error_of(unknown) == (403, "unauthorized_client", "invalid client")
    app.sandbox.switches.legacy_passwordless = "absent"
    assert app.post(path, given).status_code == 404
