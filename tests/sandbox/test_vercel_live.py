"""What is deployed really runs: its environment, its names, its visitors, one exchange after the other."""

import os
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from sandbox.testing import RunningSandbox

from .vercel_driver import APP, Vercel, app, until

WITHOUT_LIFESPAN = b"""
async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})
"""
FAILED_STARTUP = b"""
async def app(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "REQUEST_KEY is not set"})
"""
BROKEN_STARTUP = b"""
async def app(scope, receive, send):
    await receive()
    raise KeyError("stage.json")
"""


@pytest.fixture(autouse=True)
def project(vercel: Vercel, running_sandbox: RunningSandbox) -> Iterator[str]:
    yield str(vercel.project("form")["id"])
    running_sandbox.reset()


def lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_nothing_is_there_before_something_is_deployed(vercel: Vercel) -> None:
    answer = vercel.visit()
    assert (answer.status_code, answer.headers["x-vercel-error"]) == (404, "DEPLOYMENT_NOT_FOUND")


def test_it_runs_in_its_own_environment(
    vercel: Vercel, project: str, running_sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY", "of the sandbox's own environment")
    variable = {"type": "sensitive", "target": ["production"]}
    vercel.ok("POST", "/v10/projects/form/domains", {"name": "form.localhost"})
    for key, value in (("KEY", "for production"), ("SSL_CERT_FILE", "/nowhere"), ("VERCEL_ENV", "moon")):
        vercel.ok("POST", "/v10/projects/form/env", {**variable, "key": key, "value": value}, expect=201)
    preview = {**variable, "key": "PREVIEW", "value": "x", "target": ["preview"]}
    vercel.ok("POST", "/v10/projects/form/env", preview, expect=201)
    made = vercel.released("form", app("one"))
    assert made["env"] == ["KEY", "SSL_CERT_FILE", "VERCEL_ENV"]
    seen = vercel.visit().json()
    assert seen["environment"] == {
        "KEY": "for production",
        "VERCEL": "1",
        "VERCEL_ENV": "production",
        "VERCEL_TARGET_ENV": "production",
        "VERCEL_URL": made["url"],
        "VERCEL_DEPLOYMENT_ID": made["id"],
        "VERCEL_PROJECT_ID": project,
        "VERCEL_PROJECT_PRODUCTION_URL": "form.localhost",
        "VERCEL_REGION": "iad1",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "TZ": "UTC",
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "SSL_CERT_FILE": str(running_sandbox.ca),
    }
    assert (Path(seen["folder"]) / "asgi.py").read_bytes() == app("one")["asgi.py"]


def test_a_changed_variable_waits_for_the_next_deployment(vercel: Vercel) -> None:
    variable = {"key": "KEY", "value": "old", "type": "sensitive", "target": ["production"]}
    path = "/v10/projects/form/env?upsert=true"
    vercel.ok("POST", path, variable, expect=201)
    first = vercel.released("form", app("one"))
    vercel.ok("POST", path, {**variable, "value": "new"}, expect=201)
    assert vercel.visit().json()["environment"]["KEY"] == "old"
    vercel.released("form", app("one"))
    assert vercel.visit().json()["environment"]["KEY"] == "new"
    vercel.ok("POST", f"/v10/projects/form/promote/{first['id']}", expect=202)
    until(lambda: vercel.visit().json()["environment"]["KEY"] == "old")


def test_it_answers_to_its_domains_alone(vercel: Vercel) -> None:
    made = vercel.released("form", app("one"))
    assert made["alias"] == ["form.vercel.app"]
    pid = vercel.visit().json()["pid"]
    for host in ("form.localhost", "elsewhere.test"):
        assert vercel.visit(host=host).headers["x-vercel-error"] == "DEPLOYMENT_NOT_FOUND"
    vercel.ok("POST", "/v10/projects/form/domains", {"name": "form.localhost"})
    port = vercel.access["port"]
    assert until(lambda: vercel.visit(host=f"form.localhost:{port}").status_code == 200)
    assert vercel.deployment(made["id"])["alias"] == ["form.localhost", "form.vercel.app"]
    assert vercel.visit(host="form.localhost").json()["pid"] == pid
    vercel.ok("DELETE", "/v9/projects/form/domains/form.localhost")
    assert until(lambda: vercel.visit(host="form.localhost").status_code == 404)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.9"])
def test_a_visitor_can_not_say_who_it_is(vercel: Vercel, address: str) -> None:
    vercel.released("form", app("one"))
    context = ssl.create_default_context(cafile=str(vercel.session.verify))
    forged = ("x-vercel-forwarded-for", "X-Forwarded-For", "x-real-ip", "Forwarded", "x-vercel-ip-country")
    request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    request += "".join(f"{name}: 203.0.113.7\r\n" for name in forged) + "\r\n"
    place = ("127.0.0.1", vercel.access["port"])
    with (
        socket.create_connection(place, 10, source_address=(address, 0)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(request.encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    assert "203.0.113.7" not in answer
    for name in ("x-vercel-forwarded-for", "x-forwarded-for", "x-real-ip"):
        assert f'["{name}", "{address}"]' in answer
    assert '"client": ["127.0.0.1", 0]' in answer


def test_the_next_one_takes_over_without_a_gap(vercel: Vercel) -> None:
    vercel.released("form", app("one"))
    words: list[list[str]] = [[], []]
    stop = threading.Event()

    def visit(seen: list[str]) -> None:
        while not stop.is_set():
            seen.append(vercel.word())

    visitors = [threading.Thread(target=visit, args=(seen,)) for seen in words]
    for visitor in visitors:
        visitor.start()
    try:
        for word in ("two", "three", "four"):
            vercel.released("form", app(word))
        after = [len(seen) for seen in words]
        assert vercel.word() == "four"
        until(lambda: all(len(seen) > begun + 3 for seen, begun in zip(words, after, strict=True)))
    finally:
        stop.set()
        for visitor in visitors:
            visitor.join()
    for seen, begun in zip(words, after, strict=True):
        assert list(dict.fromkeys(seen)) == [each for each in ("one", "two", "three", "four") if each in seen]
        # What was sent before the exchange ended may still be answered by the one before.
        assert {*seen[begun + 1 :]} == {"four"}


def test_what_was_begun_is_finished(vercel: Vercel) -> None:
    vercel.released("form", app("one"))
    before = vercel.visit().json()["pid"]
    answers: list[str] = []
    slow = threading.Thread(target=lambda: answers.append(vercel.visit("/slow").json()["word"]))
    slow.start()
    vercel.released("form", app("two"))
    slow.join()
    assert answers in (["one"], ["two"])
    assert until(lambda: not lives(before))


@pytest.mark.parametrize(
    ("files", "code", "words"),
    [
        ({"asgi.py": b"value = 1"}, "PYTHON_ENTRYPOINT_NOT_FOUND", "No Python entrypoint found"),
        ({"asgi.py": b"app = ("}, "PYTHON_ENTRYPOINT_NOT_FOUND", "No Python entrypoint found"),
        ({"asgi.py": b"import absent\napp = 1"}, "BUILD_FAILED", "No module named 'absent'"),
        ({"asgi.py": b"app = 1"}, "BUILD_FAILED", "it can't be called"),
        ({"asgi.py": b"app = 1\nraise SystemExit('enough')"}, "BUILD_FAILED", "enough"),
        ({"asgi.py": FAILED_STARTUP}, "BUILD_FAILED", "REQUEST_KEY is not set"),
        ({"asgi.py": BROKEN_STARTUP}, "BUILD_FAILED", "KeyError: 'stage.json'"),
    ],
)
def test_a_build_that_fails_changes_nothing(
    vercel: Vercel, files: dict[str, bytes], code: str, words: str
) -> None:
    good = vercel.released("form", app("one"))
    failed = vercel.released("form", files)
    assert (failed["readyState"], failed["errorCode"]) == ("ERROR", code)
    assert (failed["alias"], failed["aliasAssigned"]) == ([], False)
    assert words in vercel.log(failed["id"])
    assert vercel.word() == "one"
    assert vercel.ok("GET", "/v9/projects/form")["targets"]["production"]["id"] == good["id"]


def test_one_that_never_starts_is_an_error(vercel: Vercel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.vercel.platform.START_SECONDS", 0.3)
    endless = b"import threading\nthreading.Event().wait()\napp = 1"
    failed = vercel.released("form", {"asgi.py": endless})
    assert failed["readyState"] == "ERROR"
    assert "within" in failed["errorMessage"]


@pytest.mark.parametrize(
    "files",
    [
        {"asgi.py": WITHOUT_LIFESPAN},
        {"src/main.py": b"from web.pages import app", "web/pages.py": WITHOUT_LIFESPAN},
        {"pyproject.toml": b'[project.scripts]\napp = "web.pages:app"', "web/pages.py": WITHOUT_LIFESPAN},
    ],
)
def test_an_application_without_lifespan_runs_wherever_it_is(vercel: Vercel, files: dict[str, bytes]) -> None:
    assert vercel.released("form", files)["readyState"] == "READY"
    assert vercel.visit().status_code == 204


def test_one_that_crashes_is_started_again_until_it_is_too_much(vercel: Vercel) -> None:
    vercel.released("form", app("one"))
    for _ in range(3):
        pid = vercel.visit().json()["pid"]
        crash(vercel)
        assert until(lambda: not lives(pid))  # noqa: B023 - asked at once
        assert vercel.visit().json()["pid"] != pid
    crash(vercel)
    until(lambda: vercel.visit().status_code == 500)
    assert vercel.visit().headers["x-vercel-error"] == "FUNCTION_INVOCATION_FAILED"
    vercel.released("form", app("two"))
    crash(vercel)
    assert vercel.word() == "two"


def crash(vercel: Vercel) -> None:
    with pytest.raises(requests.ConnectionError):
        vercel.visit("/crash")


def test_an_earlier_one_is_put_back(vercel: Vercel) -> None:
    first, second = (vercel.released("form", app(word))["id"] for word in ("one", "two"))
    vercel.ok("POST", f"/v10/projects/form/promote/{first}", expect=202)

    def done() -> bool:
        request = vercel.ok("GET", "/v9/projects/form")["lastAliasRequest"]
        return bool(request["jobStatus"] == "succeeded" and request["toDeploymentId"] == first)

    assert until(done)
    assert vercel.word() == "one"
    assert vercel.ok("GET", "/v9/projects/form")["targets"]["production"]["id"] == first
    assert vercel.deployment(first)["alias"] == ["form.vercel.app"]
    assert vercel.deployment(second)["alias"] == []
    leads = vercel.ok("GET", "/v4/aliases/form.vercel.app")
    assert (leads["alias"], leads["deploymentId"]) == ("form.vercel.app", first)
    of = f"/v4/aliases/form.vercel.app?projectId={leads['projectId']}"
    assert vercel.ok("GET", of) == leads
    assert vercel.refused("GET", f"{of}x") == (404, "not_found")
    assert vercel.refused("GET", "/v4/aliases/other.vercel.app") == (404, "not_found")
    assert vercel.refused("POST", f"/v10/projects/form/promote/{first}") == (409, "conflict")


@pytest.mark.parametrize("what", ["/v13/deployments/{}", "/v9/projects/form"])
def test_what_is_deleted_runs_no_more(vercel: Vercel, what: str) -> None:
    made = vercel.released("form", app("one"))
    pid = vercel.visit().json()["pid"]
    assert vercel.call("DELETE", what.format(made["id"])).ok
    assert vercel.visit().headers["x-vercel-error"] == "DEPLOYMENT_NOT_FOUND"
    assert until(lambda: not lives(pid))
    assert not Path(vercel.access["log"]).with_name("deployments").joinpath(made["id"]).exists()


def test_a_reset_ends_it_and_a_loaded_state_brings_it_back(
    vercel: Vercel, running_sandbox: RunningSandbox
) -> None:
    vercel.released("form", app("one"))
    control = f"{running_sandbox.url}/_sandbox"
    pid = vercel.visit().json()["pid"]
    kept = vercel.session.get(f"{control}/state").json()
    vercel.session.post(f"{control}/reset")
    assert vercel.visit().status_code == 404
    assert until(lambda: not lives(pid))
    assert vercel.session.post(f"{control}/state", json=kept).status_code == 204
    # Its folder went with the reset: that there is a deployment is known, and that it can't run is said.
    assert vercel.visit().headers["x-vercel-error"] == "FUNCTION_INVOCATION_FAILED"


def test_it_logs_to_the_file_that_is_told(vercel: Vercel) -> None:
    noisy = APP.replace("WORD", "one") + "\nprint('printed by the deployment')\n"
    vercel.released("form", {"asgi.py": noisy.encode()})
    assert until(lambda: "printed by the deployment" in Path(vercel.access["log"]).read_text())


def test_it_runs_as_nobody_else_s_child(vercel: Vercel) -> None:
    vercel.released("form", app("one"))
    status = Path(f"/proc/{vercel.visit().json()['pid']}/status").read_text()
    assert f"PPid:\t{os.getpid()}\n" in status
