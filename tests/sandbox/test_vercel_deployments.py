"""Deployments: what they are made of, how they are listed, and what is refused. The targets are previews
here, which are built and not run."""

import base64
from typing import Any

import pytest

from .vercel_driver import Vercel, app, sha1

PATH = "/v13/deployments?skipAutoDetectionConfirmation=1"


@pytest.fixture(autouse=True)
def project(vercel: Vercel) -> str:
    return str(vercel.project("form")["id"])


def body(*files: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"name": "form", "files": list(files), **members}


def preview(vercel: Vercel, word: str = "one") -> str:
    return str(vercel.released("form", app(word), target=None)["id"])


def test_a_deployment_goes_from_queued_to_ready(vercel: Vercel, project: str) -> None:
    first = vercel.deploy("form", app("one"), target=None, meta={"digest": "abc"})
    assert first["readyState"] == "QUEUED"
    assert first["id"].startswith("dpl_")
    assert first["url"].endswith(".vercel.app")
    assert (first["projectId"], first["project"]["name"]) == (project, "form")
    done = vercel.finished(first["id"])
    assert (done["readyState"], done["target"], done["meta"]) == ("READY", None, {"digest": "abc"})
    assert done["createdAt"] < done["buildingAt"] < done["ready"]
    assert (done["alias"], done["aliasAssigned"], done["aliasError"]) == ([], False, None)
    assert vercel.deployment(done["url"]) == done
    assert "Build Completed" in vercel.log(done["id"])


def test_files_that_were_not_uploaded_are_listed(vercel: Vercel) -> None:
    known = vercel.upload(b"app = 1")
    files = [{"file": name, "sha": sha1(name.encode()), "size": 1} for name in ("b", "a")]
    response = vercel.call("POST", PATH, body({"file": "asgi.py", "sha": known, "size": 7}, *files))
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["code"] == "missing_files"
    assert error["missing"] == sorted(sha1(name) for name in (b"a", b"b"))


@pytest.mark.parametrize(
    "headers",
    [{}, {"x-vercel-digest": "0" * 40}, {"x-vercel-digest": "../../etc/passwd"}, {"x-now-digest": "A" * 40}],
)
def test_an_upload_is_what_its_digest_says(vercel: Vercel, headers: dict[str, str]) -> None:
    assert vercel.refused("POST", "/v2/files", data=b"x", headers=headers) == (400, "bad_request")


def test_an_upload_has_the_size_it_says(vercel: Vercel) -> None:
    headers = {"x-vercel-digest": sha1(b"x"), "x-now-size": "2"}
    assert vercel.refused("POST", "/v2/files", data=b"x", headers=headers) == (400, "bad_request")


def test_an_upload_that_is_too_large_is_refused_before_it_is_read(
    vercel: Vercel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.vercel.uploads.FILE_BYTES", 10)
    monkeypatch.setattr("sandbox.vercel.bodies.JSON_BYTES", 10)
    headers = {"x-vercel-digest": sha1(b"x" * 11)}
    assert vercel.refused("POST", "/v2/files", data=b"x" * 11, headers=headers) == (413, "payload_too_large")
    chunks = iter([b"x" * 6, b"x" * 5])
    assert vercel.refused("POST", "/v2/files", data=chunks, headers=headers) == (413, "payload_too_large")
    assert vercel.refused("POST", PATH, body()) == (413, "payload_too_large")


def test_files_may_come_with_the_request(vercel: Vercel) -> None:
    source = app("one")["asgi.py"]
    for data in (
        {"data": source.decode()},
        {"data": base64.b64encode(source).decode(), "encoding": "base64"},
    ):
        made = vercel.ok("POST", PATH, body({"file": "asgi.py", **data}))
        assert vercel.finished(made["id"])["readyState"] == "READY"


@pytest.mark.parametrize(
    "path",
    ["../x", "a/../../x", "/etc/x", "a//b", "./x", "a/", "", "a\\b", "a\nb", "x" * 1025, "x" * 256, "a/../b"],
)
def test_a_file_can_not_leave_its_deployment(vercel: Vercel, path: str) -> None:
    response = vercel.refused("POST", PATH, body({"file": path, "data": "app = 1"}))
    assert response == (400, "bad_request")


@pytest.mark.parametrize(
    "wanted",
    [
        {"files": []},
        {"files": [{"file": "a", "data": ""}, {"file": "a", "data": ""}]},
        {"files": [{"file": "a", "data": ""}, {"file": "a/b", "data": ""}]},
        {"files": [{"file": "a"}]},
        {"files": [{"file": "a", "sha": "x"}]},
        {"files": [{"file": "a", "data": "%", "encoding": "base64"}]},
        {"files": [{"file": "a", "data": "", "size": 3}]},
        {"files": [7]},
        {"target": "moon"},
        {"meta": {"a": 1}},
        {"gitSource": {}},
        {"name": None},
    ],
)
def test_a_deployment_that_vercel_would_refuse(vercel: Vercel, wanted: dict[str, Any]) -> None:
    given = body({"file": "asgi.py", "data": "app = 1"}) | wanted
    assert vercel.refused("POST", PATH, given) == (400, "bad_request")


def test_a_deployment_has_only_so_many_files(vercel: Vercel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.vercel.uploads.MOST_FILES", 2)
    files = [{"file": str(number), "data": ""} for number in range(3)]
    assert vercel.refused("POST", PATH, body(*files)) == (400, "bad_request")


def test_a_deployment_needs_a_project(vercel: Vercel) -> None:
    given = body({"file": "asgi.py", "data": "app = 1"}, project="prj_nowhere")
    assert vercel.refused("POST", PATH, given) == (404, "not_found")


def test_the_list_is_paged_newest_first(vercel: Vercel) -> None:
    made = [preview(vercel, str(number)) for number in range(5)]
    pages: list[list[str]] = []
    until = ""
    while True:
        params = {"projectId": "form", "limit": "2"} | ({"until": until} if until else {})
        answer = vercel.ok("GET", "/v6/deployments", params=params)
        assert answer["pagination"]["count"] == len(answer["deployments"])
        pages.append([each["uid"] for each in answer["deployments"]])
        if answer["pagination"]["next"] is None:
            break
        until = str(answer["pagination"]["next"])
    assert pages == [[made[4], made[3]], [made[2], made[1]], [made[0]]]
    seventh = vercel.ok("GET", "/v7/deployments", params={"projectId": "form"})["deployments"]
    assert [each["uid"] for each in seventh] == list(reversed(made))


def test_the_list_is_chosen_by_project_target_and_state(vercel: Vercel) -> None:
    vercel.project("other")
    made = preview(vercel)
    broken = vercel.released("form", {"asgi.py": b"no = 1"}, target=None)["id"]

    def uids(**params: str) -> list[str]:
        return [each["uid"] for each in vercel.ok("GET", "/v6/deployments", params=params)["deployments"]]

    assert uids() == uids(projectId="form") == [broken, made]
    assert uids(projectId="other") == uids(projectId="nowhere") == uids(target="production") == []
    assert uids(state="READY") == [made]
    assert uids(state="READY,ERROR") == [broken, made]
    for query in ({"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"until": "-1"}, {"until": "9" * 20}):
        assert vercel.refused("GET", "/v6/deployments", params=query) == (400, "bad_request")


def test_a_deleted_deployment_is_gone(vercel: Vercel) -> None:
    made = preview(vercel)
    assert vercel.ok("DELETE", f"/v13/deployments/{made}") == {"uid": made, "state": "DELETED"}
    for method, path in (("GET", "/v13/deployments"), ("DELETE", "/v13/deployments")):
        assert vercel.refused(method, f"{path}/{made}") == (404, "not_found")
    assert vercel.refused("GET", f"/v3/deployments/{made}/events") == (404, "not_found")


def test_a_project_takes_its_deployments_along(vercel: Vercel) -> None:
    made = preview(vercel)
    vercel.ok("DELETE", "/v9/projects/form", expect=204)
    assert vercel.refused("GET", f"/v13/deployments/{made}") == (404, "not_found")
    vercel.project("form")
    assert vercel.ok("GET", "/v10/projects/form/env")["envs"] == []


def test_only_what_is_ready_is_promoted(vercel: Vercel) -> None:
    broken = vercel.released("form", {"asgi.py": b"no = 1"}, target=None)["id"]
    path = "/v10/projects/form/promote"
    assert vercel.refused("POST", f"{path}/{broken}") == (400, "bad_request")
    assert vercel.refused("POST", f"{path}/dpl_nowhere") == (404, "not_found")
    vercel.project("other")
    assert vercel.refused("POST", f"/v10/projects/other/promote/{preview(vercel)}") == (404, "not_found")
