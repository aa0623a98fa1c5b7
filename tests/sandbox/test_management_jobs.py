"""Jobs: users out of a file and into one, verification e-mails; and tickets."""

import gzip
import json
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import users
from sandbox.context import Sandbox
from sandbox.errors import Auth0Error
from sandbox.management.jobs import imports, multipart
from sandbox.seed import CONNECTION
from sandbox.testing import RunningSandbox, memory_sandbox

from .api import Api

EMAIL = "ada@example.com"
Json = Any


def connection_id(sandbox: Sandbox) -> str:
    return str(sandbox.store.where("connections", "name", CONNECTION)[0]["id"])


def send(running: RunningSandbox, http: requests.Session, content: bytes, **fields: str) -> requests.Response:
    """A file of users, as a form."""
    fields = {"connection_id": connection_id(running.sandbox), **fields}
    return http.post(
        f"{running.url}/api/v2/jobs/users-imports",
        data=fields,
        files={"users": ("users.json", content, "application/json")},
        headers={"Authorization": f"Bearer {running.token()}"},
        timeout=10,
    )


def imported(running: RunningSandbox, http: requests.Session, entries: Json, **fields: str) -> Json:
    return Api.answer(send(running, http, json.dumps(entries).encode(), **fields), 202)


@pytest.mark.parametrize("content", [b"[" * 60_000, b"[NaN]", b"[1", b"\xff"])
def test_a_file_that_is_no_json_is_refused(
    running_sandbox: RunningSandbox, http: requests.Session, content: bytes
) -> None:
    assert Api.answer(send(running_sandbox, http, content), 400)["errorCode"] == "invalid_body"


def test_half_a_character_in_a_file_is_replaced(
    running_sandbox: RunningSandbox, http: requests.Session
) -> None:
    content = b'[{"email": "ada@example.com", "name": "\\ud800"}]'
    assert Api.answer(send(running_sandbox, http, content), 202)["type"] == "users_import"
    (user,) = running_sandbox.sandbox.store.all("users")
    assert user["name"] == "\ufffd"


@pytest.mark.parametrize("name", ["external_id", "upsert", "connection_id", "send_completion_email"])
def test_a_setting_sent_as_a_file_is_refused(
    running_sandbox: RunningSandbox, http: requests.Session, name: str
) -> None:
    response = http.post(
        f"{running_sandbox.url}/api/v2/jobs/users-imports",
        data={"connection_id": connection_id(running_sandbox.sandbox)} if name != "connection_id" else {},
        files={"users": ("users.json", b"[]"), name: ("x", b"x")},
        headers={"Authorization": f"Bearer {running_sandbox.token()}"},
        timeout=10,
    )
    message = f"Payload validation error: 'Expected type string but found type object' on property {name}."
    assert Api.answer(response, 400)["message"] == message


def test_an_update_out_of_a_file_takes_nobody_s_number(
    running_sandbox: RunningSandbox, http: requests.Session, api: Api
) -> None:
    sandbox = running_sandbox.sandbox
    users.create(sandbox, CONNECTION, "eve@example.com", None, phone_number="+14155550123")
    ada = users.create(sandbox, CONNECTION, EMAIL, None)
    entries = [{"email": EMAIL, "phone_number": "+14155550123"}]
    job = imported(running_sandbox, http, entries, upsert="true")
    assert api.get(f"/jobs/{job['id']}")["summary"]["failed"] == 1
    (failure,) = api.get(f"/jobs/{job['id']}/errors")
    assert failure["errors"][0]["code"] == "DUPLICATED_USER"
    assert sandbox.store.get("users", ada["user_id"]) == ada


def test_users_come_out_of_a_file(running_sandbox: RunningSandbox, http: requests.Session, api: Api) -> None:
    entries = [
        {"email": "Ada@Example.com", "user_id": "ada", "app_metadata": {"plan": "x"}, "email_verified": True},
        {"email": "eve@example.com", "no_such_member": 1},
        {"email": EMAIL},
    ]
    job = imported(running_sandbox, http, entries, external_id="first")
    assert job["id"].startswith("job_")
    assert (job["type"], job["status"], job["external_id"]) == ("users_import", "pending", "first")
    done = api.get(f"/jobs/{job['id']}")
    assert (done["status"], done["percentage_done"]) == ("completed", 100)
    assert done["summary"] == {"failed": 2, "updated": 0, "inserted": 1, "total": 3}
    failures = api.get(f"/jobs/{job['id']}/errors")
    assert [failure["errors"][0]["code"] for failure in failures] == [
        "OBJECT_ADDITIONAL_PROPERTIES",
        "DUPLICATED_USER",
    ]
    assert failures[0]["user"] == entries[1]
    assert failures[1]["errors"][0]["message"] == "A user with this email was already provided."
    user = api.get("/users/auth0%7Cada")
    assert (user["email"], user["app_metadata"], user["email_verified"]) == (EMAIL, {"plan": "x"}, True)


@pytest.mark.parametrize(
    ("upsert", "summary", "name"),
    [
        ("true", {"failed": 0, "updated": 1, "inserted": 0, "total": 1}, "Ada"),
        ("false", {"failed": 1, "updated": 0, "inserted": 0, "total": 1}, EMAIL),
    ],
)
def test_who_is_there_already_is_changed_on_request_alone(
    running_sandbox: RunningSandbox, http: requests.Session, api: Api, upsert: str, summary: Json, name: str
) -> None:
    user = users.create(running_sandbox.sandbox, CONNECTION, EMAIL, None, app_metadata={"a": 1})
    entries = [{"email": EMAIL, "name": "Ada", "app_metadata": {"b": 2}}]
    job = imported(running_sandbox, http, entries, upsert=upsert)
    assert api.get(f"/jobs/{job['id']}")["summary"] == summary
    now = api.get(f"/users/{user['user_id']}")
    assert now["name"] == name
    assert now["app_metadata"] == ({"a": 1, "b": 2} if upsert == "true" else {"a": 1})
    assert api.get(f"/jobs/{job['id']}/errors", 204 if upsert == "true" else 200) != []


@pytest.mark.parametrize(
    ("content", "fields", "status", "message"),
    [
        (b"{", {}, 400, "not valid JSON"),
        (b"{}", {}, 400, "must be a JSON array"),
        (b"[]", {"connection_id": "con_none"}, 404, "The connection does not exist"),
        (b'["' + b"x" * 512_000 + b'"]', {}, 413, "greater than maximum allowed: 512000"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(
    running_sandbox: RunningSandbox,
    http: requests.Session,
    content: bytes,
    fields: dict[str, str],
    status: int,
    message: str,
) -> None:
    assert message in Api.answer(send(running_sandbox, http, content, **fields), status)["message"]


def test_a_file_has_to_come_as_a_form(api: Api) -> None:
    api.post("/jobs/users-imports", {"connection_id": "x"}, 415)


def test_users_go_into_a_file(running_sandbox: RunningSandbox, http: requests.Session, api: Api) -> None:
    sandbox = running_sandbox.sandbox
    users.create(sandbox, CONNECTION, EMAIL, "Abcdefg1!", user_metadata={"town": "London, UK"})
    users.create(sandbox, CONNECTION, "eve@example.com", None, blocked=True)
    users.create(sandbox, CONNECTION, "one.too.many@example.com", None)
    fields = [{"name": "email"}, {"name": "user_metadata.town", "export_as": "town"}, {"name": "blocked"}]
    body = {"connection_id": connection_id(sandbox), "format": "csv", "fields": fields, "limit": 2}
    job = api.post("/jobs/users-exports", body, 200)
    assert (job["type"], job["status"], job["fields"]) == ("users_export", "pending", fields)
    assert "location" not in job
    done = api.get(f"/jobs/{job['id']}")
    assert done["status"] == "completed"
    assert done["location"].endswith(".csv.gz")
    text = gzip.decompress(http.get(done["location"], timeout=10).content).decode()
    assert text.splitlines() == ["email,town,blocked", f'{EMAIL},"London, UK",', "eve@example.com,,true"]


def test_a_file_without_fields_has_everything_but_secrets(
    running_sandbox: RunningSandbox, http: requests.Session, api: Api
) -> None:
    user = users.create(running_sandbox.sandbox, CONNECTION, EMAIL, "Abcdefg1!", username="ada")
    job = api.post("/jobs/users-exports", {}, 200)
    content = http.get(api.get(f"/jobs/{job['id']}")["location"], timeout=10).content
    (line,) = gzip.decompress(content).decode().splitlines()
    assert json.loads(line) == users.public(user)
    job = api.post("/jobs/users-exports", {"fields": [{"name": "_password"}, {"name": "username"}]}, 200)
    content = http.get(api.get(f"/jobs/{job['id']}")["location"], timeout=10).content
    assert json.loads(gzip.decompress(content)) == {"username": "ada"}


def test_nobody_guesses_a_file(running_sandbox: RunningSandbox, http: requests.Session, api: Api) -> None:
    job = api.post("/jobs/users-exports", {}, 200)
    assert http.get(f"{running_sandbox.url}/exports/{job['id']}/x.json.gz", timeout=10).status_code == 404
    assert not [name for name in api.get(f"/jobs/{job['id']}") if name.startswith("_")]


def test_a_verification_e_mail_is_a_job_and_in_the_log(running_sandbox: RunningSandbox, api: Api) -> None:
    user = users.create(running_sandbox.sandbox, CONNECTION, EMAIL, None)
    job = api.post("/jobs/verification-email", {"user_id": user["user_id"]})
    assert (job["type"], job["status"]) == ("verification_email", "pending")
    assert api.get(f"/jobs/{job['id']}")["status"] == "completed"
    (entry,) = api.get(f"/users/{user['user_id']}/logs")
    assert (entry["type"], entry["user_id"]) == ("svr", user["user_id"])
    api.post("/jobs/verification-email", {"user_id": "auth0|nobody"}, 404)
    assert api.get("/jobs/job_unknown", 404)["errorCode"] == "inexistent_job"


def test_tickets_lead_to_the_tenant_and_are_kept(running_sandbox: RunningSandbox, api: Api) -> None:
    sandbox = running_sandbox.sandbox
    user = users.create(sandbox, CONNECTION, EMAIL, None)
    body = {"user_id": user["user_id"], "result_url": "https://app.example/done", "ttl_sec": 60}
    address = api.post("/tickets/email-verification", body)["ticket"]
    assert address.startswith(f"{running_sandbox.url}/u/email-verification?ticket=")
    kept = sandbox.store.get("tickets", address.partition("=")[2].rstrip("#"))
    assert kept is not None
    assert kept["user_id"] == user["user_id"]
    assert 50 < kept["expires_at"] - sandbox.clock.now() <= 60
    by_email = {"connection_id": connection_id(sandbox), "email": EMAIL.upper()}
    assert "/u/reset-verify?ticket=" in api.post("/tickets/password-change", by_email)["ticket"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("email-verification", {}, 400),
        ("email-verification", {"user_id": "auth0|nobody"}, 404),
        ("password-change", {"email": EMAIL}, 400),
        ("password-change", {"user_id": "auth0|nobody", "email": EMAIL}, 400),
        ("password-change", {"connection_id": "con_none", "email": EMAIL}, 404),
    ],
)
def test_a_ticket_for_nobody_is_refused(api: Api, path: str, body: Json, status: int) -> None:
    api.post(f"/tickets/{path}", body, status)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["email", "user_id", "username", "phone_number", "blocked", "app_metadata", "mfa_factors"]
)
ENTRIES = st.lists(st.dictionaries(NAMES, JSON_VALUES, max_size=4) | JSON_VALUES, max_size=5)


@settings(max_examples=60, deadline=None)
@given(entries=ENTRIES, upsert=st.booleans())
def test_every_entry_is_accounted_for_whatever_it_holds(entries: list[Any], upsert: bool) -> None:
    sandbox = memory_sandbox()
    (connection,) = sandbox.store.where("connections", "name", CONNECTION)
    summary, failures = imports.run(sandbox, connection, entries, upsert=upsert)
    assert summary["failed"] + summary["updated"] + summary["inserted"] == summary["total"] == len(entries)
    assert len(failures) == summary["failed"]
    assert sandbox.store.count("users") == summary["inserted"]


def status_of(body: bytes, boundary: str) -> int:
    try:
        multipart.parse(body, f"multipart/form-data; boundary={boundary}")
    except Auth0Error as refused:
        return refused.status
    return 200


@settings(max_examples=100, deadline=None)
@given(raw=st.binary(max_size=400), boundary=st.text("abc-", min_size=0, max_size=4))
def test_a_body_that_is_no_form_is_refused_and_nothing_else(raw: bytes, boundary: str) -> None:
    for body in (raw, f"--{boundary}\r\n".encode() + raw):
        assert status_of(body, boundary) in (200, 400)
