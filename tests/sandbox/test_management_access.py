"""Who may call the Management API, and in which words it refuses."""

import re

import pytest
import requests

from sandbox import users
from sandbox.management.operations import OPERATIONS
from sandbox.management.routing import Operation
from sandbox.seed import CONNECTION
from sandbox.testing import RunningSandbox

from .api import Api, encoded


def path_of(operation: Operation) -> str:
    return re.sub(r"\{\w+\}", "x", operation.path)


def named(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


# -- authentication ---------------------------------------------------------------------------------


def test_without_a_token_nobody_gets_in(api: Api) -> None:
    answer = api.as_(None).get("/clients", 401)
    assert answer == {"statusCode": 401, "error": "Unauthorized", "message": "Missing authentication"}


@pytest.mark.parametrize("header", ["Bearer", "Bearer insecure", "Basic YTpi", "Bearer a.b"])
def test_what_is_no_bearer_token_is_a_bad_header(
    running_sandbox: RunningSandbox, http: requests.Session, header: str
) -> None:
    response = http.get(f"{running_sandbox.url}/api/v2/clients", headers={"Authorization": header})
    assert (response.status_code, response.json()["message"]) == (
        400,
        "Bad HTTP authentication header format",
    )


def test_a_forged_token_is_invalid(api: Api, running_sandbox: RunningSandbox) -> None:
    head, body, signature = running_sandbox.token().split(".")
    forged = f"{head}.{body}.{signature[::-1]}"
    assert api.as_(forged).get("/clients", 401) == {
        "statusCode": 401,
        "error": "Unauthorized",
        "message": "Invalid token",
        "attributes": {"error": "Invalid token"},
    }


def test_an_expired_token_says_so(api: Api, running_sandbox: RunningSandbox) -> None:
    token = running_sandbox.token(exp=1)
    message = "Expired token received for JSON Web Token validation"
    answer = api.as_(token).get("/clients", 401)
    assert (answer["message"], answer["attributes"]) == (message, {"error": message})


def test_a_token_for_another_audience_says_so(api: Api, running_sandbox: RunningSandbox) -> None:
    token = running_sandbox.token(aud="https://other.example/")
    assert api.as_(token).get("/clients", 401)["message"] == "Bad audience: https://other.example/"


def test_a_token_expires_by_the_sandbox_s_clock(api: Api, running_sandbox: RunningSandbox) -> None:
    api.get("/clients")
    running_sandbox.sandbox.clock.advance(86401)
    api.get("/clients", 401)


# -- scopes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", OPERATIONS, ids=named)
def test_every_operation_refuses_a_token_without_its_scope(
    api: Api, running_sandbox: RunningSandbox, operation: Operation
) -> None:
    refused = api.as_(running_sandbox.token("read:nothing"))
    answer = Api.answer(refused.call(operation.method, path_of(operation), {}), 403)
    expected = ",".join((*operation.scopes, *operation.self_scopes))
    assert answer == {
        "statusCode": 403,
        "error": "Forbidden",
        "message": f"Insufficient scope, expected any of: {expected}",
        "errorCode": "insufficient_scope",
    }


@pytest.mark.parametrize("operation", OPERATIONS, ids=named)
def test_every_operation_admits_each_of_its_scopes(
    api: Api, running_sandbox: RunningSandbox, operation: Operation
) -> None:
    for scope in operation.scopes:
        admitted = api.as_(running_sandbox.token(scope, *operation.also))
        assert admitted.call(operation.method, path_of(operation), {}).status_code not in (401, 403, 501)


def test_no_operation_is_open_or_listed_twice() -> None:
    assert all(operation.scopes for operation in OPERATIONS)
    seen = [(operation.method, re.sub(r"\{\w+\}", "{}", operation.path)) for operation in OPERATIONS]
    assert len(seen) == len(set(seen))


def test_scopes_are_checked_before_the_body_and_the_id(api: Api, running_sandbox: RunningSandbox) -> None:
    reader = api.as_(running_sandbox.token("read:clients"))
    reader.patch("/clients/unknown", {"nonsense": 1}, 403)


# -- a user's own token -----------------------------------------------------------------------------


@pytest.fixture
def ada(running_sandbox: RunningSandbox) -> str:
    user = users.create(running_sandbox.sandbox, CONNECTION, "ada@example.com", None, user_metadata={"a": 1})
    return str(user["user_id"])


def own(api: Api, running_sandbox: RunningSandbox, sub: str) -> Api:
    return api.as_(
        running_sandbox.token("read:current_user", "update:current_user_metadata", sub=sub, azp="spa")
    )


def test_a_user_reads_and_changes_own_metadata(api: Api, running_sandbox: RunningSandbox, ada: str) -> None:
    mine = own(api, running_sandbox, ada)
    assert mine.get(f"/users/{encoded(ada)}")["email"] == "ada@example.com"
    changed = mine.patch(f"/users/{encoded(ada)}", {"user_metadata": {"phone_number": "+14155550123"}})
    assert changed["user_metadata"] == {"a": 1, "phone_number": "+14155550123"}


@pytest.mark.parametrize(
    "body",
    [
        {"app_metadata": {"phone_number_verified": True}},
        {"user_metadata": {}, "app_metadata": {}},
        {"email": "eve@example.com"},
        {"phone_number": "+14155550199", "phone_verified": True},
        {"password": "Abcdefg1!"},
        {"blocked": False},
    ],
)
def test_a_user_changes_nothing_but_own_user_metadata(
    api: Api, running_sandbox: RunningSandbox, ada: str, body: dict[str, object]
) -> None:
    before = api.get(f"/users/{encoded(ada)}")
    own(api, running_sandbox, ada).patch(f"/users/{encoded(ada)}", body, 403)
    assert api.get(f"/users/{encoded(ada)}") == before


def test_a_user_neither_reads_nor_changes_another(
    api: Api, running_sandbox: RunningSandbox, ada: str
) -> None:
    eve = own(api, running_sandbox, "auth0|eve")
    eve.get(f"/users/{encoded(ada)}", 403)
    eve.patch(f"/users/{encoded(ada)}", {"user_metadata": {"a": 2}}, 403)


def test_a_user_s_token_opens_nothing_else(api: Api, running_sandbox: RunningSandbox, ada: str) -> None:
    mine = own(api, running_sandbox, ada)
    mine.get("/users", 403)
    mine.get("/clients", 403)
    mine.delete(f"/users/{encoded(ada)}", expect=403)


def test_app_metadata_has_a_scope_of_its_own(api: Api, running_sandbox: RunningSandbox, ada: str) -> None:
    writer = api.as_(running_sandbox.token("update:users_app_metadata"))
    writer.patch(f"/users/{encoded(ada)}", {"app_metadata": {"x": 1}})
    writer.patch(f"/users/{encoded(ada)}", {"user_metadata": {"x": 1}}, 403)
    writer.patch(f"/users/{encoded(ada)}", {"email": "b@example.com"}, 403)


# -- requests ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v2/blacklists/tokens"),
        ("PUT", "/api/v2/clients/x"),
        ("GET", "/api/v2/"),
        ("GET", "/nowhere/x?secret=1"),
    ],
)
def test_an_unknown_endpoint_is_named_in_a_501(
    running_sandbox: RunningSandbox, http: requests.Session, method: str, path: str
) -> None:
    response = http.request(method, running_sandbox.url + path)
    assert response.status_code == 501
    assert response.json()["message"] == f"The sandbox does not know {method} {path.partition('?')[0]}."


@pytest.mark.parametrize(
    ("data", "content_type", "status", "message"),
    [
        (b"{", "application/json", 400, "Invalid request payload JSON format"),
        (b"\xff\xfe", "application/json", 400, "Invalid request payload JSON format"),
        (b"name=x", "application/x-www-form-urlencoded", 415, "Unsupported Media Type"),
        (b"{}", None, 415, "Unsupported Media Type"),
        (
            b" " * 1_048_577,
            "application/json",
            413,
            "Payload content length greater than maximum allowed: 1048576",
        ),
        (
            b"",
            None,
            400,
            "Payload validation error: 'Expected type object but found type null'.",
        ),
        (
            b"[]",
            "application/json; charset=utf-8",
            400,
            "Payload validation error: 'Expected type object but found type array'.",
        ),
    ],
)
def test_a_body_that_can_not_be_read_is_refused(
    running_sandbox: RunningSandbox,
    http: requests.Session,
    data: bytes,
    content_type: str | None,
    status: int,
    message: str,
) -> None:
    headers = {"Authorization": f"Bearer {running_sandbox.token()}"}
    if content_type:
        headers["Content-Type"] = content_type
    response = http.post(f"{running_sandbox.url}/api/v2/clients", data=data, headers=headers)
    assert (response.status_code, response.json()["message"]) == (status, message)


def test_every_answer_is_dated_once(running_sandbox: RunningSandbox, http: requests.Session) -> None:
    response = http.get(f"{running_sandbox.url}/api/v2/clients")
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", response.headers["date"])
    assert "server" not in response.headers
