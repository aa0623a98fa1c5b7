"""Environment variables of a project: rules of names and targets, and values that never come back."""

import pytest

from .vercel_driver import Json, Vercel

SECRET = {"key": "KEY", "value": "s3cret-value", "type": "sensitive", "target": ["production"]}


@pytest.fixture
def project(vercel: Vercel) -> str:
    return str(vercel.project("form")["id"])


def envs(vercel: Vercel, **params: str) -> list[Json]:
    listed: list[Json] = vercel.ok("GET", "/v10/projects/form/env", params=params)["envs"]
    return listed


def test_a_sensitive_value_never_comes_back(vercel: Vercel, project: str) -> None:
    path = f"/v10/projects/{project}/env"
    made = vercel.call("POST", path, SECRET)
    assert made.status_code == 201
    variable = made.json()["created"]
    changed = vercel.call("PATCH", f"/v9/projects/form/env/{variable['id']}", {"value": "s3cret-value-2"})
    listed = vercel.call("GET", path, params={"decrypt": "true"})
    gone = vercel.call("DELETE", f"/v9/projects/form/env/{variable['id']}")
    for response in (made, changed, listed, gone):
        assert response.status_code in (200, 201)
        assert "s3cret" not in response.text
    assert envs(vercel) == []


def test_what_may_be_read_is_read_when_asked_for(vercel: Vercel, project: str) -> None:
    given = [{**SECRET, "key": name, "type": name.lower()} for name in ("ENCRYPTED", "PLAIN", "SENSITIVE")]
    created = vercel.ok("POST", "/v10/projects/form/env", given, expect=201)
    assert [each["key"] for each in created["created"]] == ["ENCRYPTED", "PLAIN", "SENSITIVE"]
    assert created["failed"] == []

    def clear(**params: str) -> list[str]:
        return [each["key"] for each in envs(vercel, **params) if each["value"] == SECRET["value"]]

    assert clear() == ["PLAIN"]
    assert clear(decrypt="true") == ["ENCRYPTED", "PLAIN"]


def test_one_that_exists_is_refused_alone_and_fails_in_a_list(vercel: Vercel, project: str) -> None:
    path = "/v10/projects/form/env"
    vercel.ok("POST", path, SECRET, expect=201)
    assert vercel.refused("POST", path, SECRET) == (403, "ENV_ALREADY_EXISTS")
    answer = vercel.ok("POST", path, [SECRET, {**SECRET, "key": "OTHER"}], expect=201)
    assert [each["key"] for each in answer["created"]] == ["OTHER"]
    assert [each["error"]["code"] for each in answer["failed"]] == ["ENV_CONFLICT"]
    assert answer["failed"][0]["error"]["envVarKey"] == "KEY"


def test_upsert_changes_the_one_that_exists(vercel: Vercel, project: str) -> None:
    path = "/v10/projects/form/env?upsert=true"
    first = vercel.ok("POST", path, {**SECRET, "type": "plain"}, expect=201)["created"]
    second = vercel.ok("POST", path, {**SECRET, "type": "plain", "value": "new"}, expect=201)["created"]
    assert (second["id"], second["value"]) == (first["id"], "new")
    elsewhere = vercel.ok("POST", path, {**SECRET, "target": ["preview"]}, expect=201)["created"]
    assert elsewhere["id"] != first["id"]
    assert len(envs(vercel)) == 2


def test_a_variable_can_not_be_moved_onto_another(vercel: Vercel, project: str) -> None:
    vercel.ok("POST", "/v10/projects/form/env", SECRET, expect=201)
    other = vercel.ok("POST", "/v10/projects/form/env", {**SECRET, "key": "B"}, expect=201)["created"]
    path = f"/v9/projects/form/env/{other['id']}"
    assert vercel.refused("PATCH", path, {"key": "KEY"}) == (403, "ENV_ALREADY_EXISTS")
    assert vercel.refused("PATCH", path, {"type": "plain"}) == (400, "bad_request")
    vercel.project("other")
    assert vercel.refused("DELETE", f"/v9/projects/other/env/{other['id']}") == (404, "ENV_NOT_FOUND")


@pytest.mark.parametrize(
    "change",
    [
        {"key": "1ST"},
        {"key": "A-B"},
        {"key": ""},
        {"key": "AWS_SESSION_TOKEN"},
        {"value": ""},
        {"value": 1},
        {"value": "x" * (64 * 1024 + 1)},
        {"value": "a\0b"},
        {"type": "secretive"},
        {"target": []},
        {"target": ["moon"]},
        {"target": ["production", "development"]},
        {"colour": "red"},
    ],
)
def test_a_variable_that_vercel_would_refuse(vercel: Vercel, project: str, change: Json) -> None:
    assert vercel.refused("POST", "/v10/projects/form/env", {**SECRET, **change}) == (400, "bad_request")
    assert envs(vercel) == []


def test_one_bad_variable_in_a_list_refuses_all(vercel: Vercel, project: str) -> None:
    bad = [SECRET, {**SECRET, "key": "A B"}]
    assert vercel.refused("POST", "/v10/projects/form/env", bad) == (400, "bad_request")
    assert envs(vercel) == []


def test_all_variables_of_a_deployment_have_64_kilobytes(vercel: Vercel, project: str) -> None:
    half = [{**SECRET, "key": name, "value": "x" * 40_000} for name in ("A", "B")]
    vercel.ok("POST", "/v10/projects/form/env", half, expect=201)
    body = {"name": "form", "target": "production", "files": [{"file": "asgi.py", "data": "app = 1"}]}
    assert vercel.refused("POST", "/v13/deployments", body) == (400, "bad_request")
