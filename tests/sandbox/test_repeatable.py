"""For other people's tests: identifiers and time that are the same in every run, the fixture, the file."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from sandbox import seed, transfer
from sandbox.clock import Clock
from sandbox.context import Sandbox
from sandbox.ids import Ids
from sandbox.store import Store
from sandbox.testing import RunningSandbox, memory_sandbox

ROOT = Path(__file__).parents[2]
MOMENT = 1_900_000_000.0

TESTS = """
import pytest
SEEN = []

@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_tenant_of_its_own(auth0_sandbox, auth0_http, turn):
    sandbox = auth0_sandbox.sandbox
    assert sandbox.clock.now() == 1900000000.0
    sandbox.clock.advance(60)
    answer = auth0_http.post(
        auth0_sandbox.url + "/api/v2/roles",
        json={"name": "R"},
        headers={"Authorization": "Bearer " + auth0_sandbox.token()},
    )
    assert answer.status_code == 200
    SEEN.append(answer.json()["id"])
    assert len(set(SEEN)) == 1
"""


def made(sandbox: Sandbox) -> list[str]:
    return [sandbox.ids.connection(), sandbox.ids.client_id(), sandbox.ids.uuid()]


def test_with_a_seed_a_test_makes_the_same_identifiers_in_every_run() -> None:
    one, other = memory_sandbox(ids=Ids(7)), memory_sandbox(ids=Ids(7))
    first = made(one)
    assert made(other) == first
    seed.reset(one)
    assert made(one) == first
    assert made(memory_sandbox(ids=Ids(8))) != first
    assert made(memory_sandbox()) != made(memory_sandbox())


def test_a_tests_identifiers_are_none_of_the_tenants_own() -> None:
    sandbox = memory_sandbox(ids=Ids(7))
    own = json.dumps(sandbox.store.dump())
    assert [identifier for identifier in made(sandbox) if identifier in own] == []


def test_a_second_start_on_the_same_data_makes_other_identifiers(tmp_path: Path) -> None:
    seen: list[str] = []
    for _ in range(3):
        with RunningSandbox(tmp_path, seed=7) as running:
            seen += made(running.sandbox)
    assert len(set(seen)) == len(seen)


def test_the_clock_is_steered_from_outside(running_sandbox: RunningSandbox, http: requests.Session) -> None:
    url = f"{running_sandbox.url}/_sandbox/clock"
    stopped = http.post(url, json={"frozen": True}).json()
    assert stopped["frozen"] is True
    assert http.post(url, json={"advance": 60}).json()["now"] == stopped["now"] + 60
    assert http.post(url, json={"frozen": False}).json()["frozen"] is False
    assert http.post(url, json={"frozen": 1}).status_code == 400
    assert http.post(url, json={"backwards": True}).status_code == 400


def test_a_clock_stands_still_and_runs_again() -> None:
    clock = Clock(frozen=MOMENT)
    assert (clock.now(), clock.now()) == (MOMENT, MOMENT)
    clock.advance(60)
    assert clock.iso() == "2030-03-17T17:47:40.000Z"
    clock.thaw()
    assert 0 <= clock.now() - (MOMENT + 60) < 60
    clock.freeze()
    assert clock.now() == clock.now()
    clock.reset()
    assert clock.now() == MOMENT


def test_a_sandbox_on_its_own_clock_gives_tokens_of_that_time() -> None:
    with RunningSandbox(seed=1, clock=MOMENT) as running, running.session() as session:
        client = running.ready["auth0"]
        token = session.post(
            f"{running.url}/oauth/token",
            json={
                "grant_type": "client_credentials",
                "client_id": client["client_id"],
                "client_secret": client["client_secret"],
                "audience": running.addresses.management_audience,
            },
        ).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        users = session.get(f"{running.url}/api/v2/users", headers=headers)
        assert users.status_code == 200
        assert session.get(f"{running.url}/_sandbox/clock").json()["frozen"] is True
        running.sandbox.clock.advance(90_000)
        assert session.get(f"{running.url}/api/v2/users", headers=headers).status_code == 401


def test_the_fixture_works_in_a_suite_that_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["sandbox.pytest_plugin"]\n')
    (tmp_path / "test_theirs.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    options = ["--sandbox-seed", "7", "--sandbox-clock", str(MOMENT), "-p", "no:cacheprovider", "-q"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "2 passed" in ended.stdout, ended.stdout + ended.stderr


def filled(folder: Path) -> Path:
    folder.mkdir()
    store = Store(folder / "sandbox.sqlite3")
    store.put("roles", "rol_1", {"id": "rol_1", "name": "Clerk"})
    store.close()
    return folder


def test_a_state_goes_from_one_folder_to_another(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    assert transfer.dump([str(file), "--data", str(filled(tmp_path / "a"))]) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert transfer.load([str(file), "--data", str(tmp_path / "b")]) == 0
    loaded = Store(tmp_path / "b" / "sandbox.sqlite3")
    assert loaded.dump() == {"roles": {"rol_1": {"id": "rol_1", "name": "Clerk"}}}
    loaded.close()


def test_a_state_is_not_put_under_a_sandbox_that_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "state.json"
    with RunningSandbox(tmp_path / "a"):
        assert transfer.dump([str(file), "--data", str(tmp_path / "a")]) == 0
        assert transfer.load([str(file), "--data", str(tmp_path / "a")]) == 1
    assert "Stop it first" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["[]", "{", '{"roles": []}', '{"roles": {"a": 1}}'])
def test_what_is_no_state_is_refused(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "state.json"
    file.write_text(text)
    data = filled(tmp_path / "a")
    assert transfer.load([str(file), "--data", str(data)]) == 1
    assert capsys.readouterr().err
    kept = Store(data / "sandbox.sqlite3")
    assert kept.get("roles", "rol_1")
    kept.close()


def test_a_folder_without_a_sandbox_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert transfer.dump([str(tmp_path / "x.json"), "--data", str(tmp_path)]) == 1
    assert "holds no sandbox" in capsys.readouterr().err
