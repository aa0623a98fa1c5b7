"""What a busy sandbox has to bear: kills under load, many at once, big bodies, many users, odd ids."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox import users
from sandbox.parsing import parsed
from sandbox.seed import CONNECTION
from sandbox.store import Store
from sandbox.testing import RunningSandbox, memory_sandbox

from .api import Api, at_once, encoded
from .in_process import InProcess
from .process_driver import Process, started

WRITERS = 6
ROUNDS = 3


class Writers:
    """Threads that make roles and change one user until their sandbox is no more; what was answered."""

    def __init__(self, process: Process, user_id: str, numbers: Iterator[int]) -> None:
        self.made: list[str] = []
        self.noted: list[int] = []
        self._process = process
        self._token = process.token()
        self._user = f"/users/{encoded(user_id)}"
        self._numbers = numbers
        self._threads = [threading.Thread(target=self._write, daemon=True) for _ in range(WRITERS)]

    def killed_after(self, answers: int) -> None:
        """Kill the sandbox once so many were answered, in the middle of whatever is under way."""
        for thread in self._threads:
            thread.start()
        deadline = time.monotonic() + 30
        while len(self.made) < answers:
            assert time.monotonic() < deadline, "the writers are stuck"
            self._threads[0].join(0.001)
        self._process.popen.kill()
        for thread in self._threads:
            thread.join(30)
        assert not any(thread.is_alive() for thread in self._threads)

    def _write(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            session.verify = self._process.ready["ca"]
            api = Api(session, self._process.url, self._token)
            while True:
                number = next(self._numbers)
                try:
                    role = api.post("/roles", {"name": f"role {number}"}, 200)
                    self.made.append(role["id"])
                    api.patch(self._user, {"app_metadata": {f"note{number}": number}})
                    self.noted.append(number)
                except requests.RequestException:
                    return


def test_a_kill_in_the_middle_of_writing_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    data, numbers = tmp_path / "data", count()
    made: list[str] = []
    noted: list[int] = []
    user_id = ""
    for answers in (7 * number + 5 for number in range(ROUNDS)):
        with started(data) as process:
            if not user_id:
                person = {"connection": CONNECTION, "email": "ada@example.com", "password": "Abcdefg1!"}
                user_id = process.api("POST", "/users", json=person)["user_id"]
            writers = Writers(process, user_id, numbers)
            writers.killed_after(answers)
            made, noted = made + writers.made, noted + writers.noted
        with closing(sqlite3.connect(data / "sandbox.sqlite3")) as file:
            assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with started(data) as process:
        user = process.api("GET", f"/users/{encoded(user_id)}")
        assert {f"note{number}": number for number in noted}.items() <= user["app_metadata"].items()
        for role in made:
            assert process.api("GET", f"/roles/{role}")["id"] == role


def test_changes_at_the_same_moment_are_all_kept(api: Api, running_sandbox: RunningSandbox) -> None:
    person = {"connection": CONNECTION, "email": "ada@example.com", "password": "Abcdefg1!"}
    path = f"/users/{encoded(api.post('/users', person)['user_id'])}"
    calls = [("PATCH", path, {"user_metadata": {f"key{number}": number}}) for number in range(8)]
    assert at_once(running_sandbox, [*calls, ("PATCH", path, {"name": "Ada"})]) == [200] * 9
    user = api.get(path)
    assert user["user_metadata"] == {f"key{number}": number for number in range(8)}
    assert user["name"] == "Ada"


def test_of_the_same_name_at_the_same_moment_one_is_made(api: Api, running_sandbox: RunningSandbox) -> None:
    calls = [("POST", "/roles", {"name": "only one"})] * 8
    assert sorted(at_once(running_sandbox, calls)) == [200, *[409] * 7]
    assert len(api.get("/roles")) == 1


def test_a_body_of_nearly_a_megabyte_is_kept_whole(api: Api, running_sandbox: RunningSandbox) -> None:
    blob = "ü" * 500_000
    person = {"connection": CONNECTION, "email": "ada@example.com", "password": "Abcdefg1!"}
    user = api.post("/users", person | {"user_metadata": {"blob": "x"}})
    path = f"/users/{encoded(user['user_id'])}"
    # As UTF-8: `requests` would write six characters for each of these.
    body = f'{{"user_metadata":{{"blob":"{blob}"}}}}'.encode()
    headers = {"Authorization": f"Bearer {running_sandbox.token()}", "Content-Type": "application/json"}
    with running_sandbox.session() as session:
        url = f"{running_sandbox.url}/api/v2{path}"
        answer = session.patch(url, data=body, headers=headers, timeout=10)
    assert answer.status_code == 200, answer.text[:300]
    assert api.get(path)["user_metadata"]["blob"] == blob


@pytest.mark.parametrize("identity", ["a/b", "a|b", "a%2Fb", "a b", "ü", "..", "a?b#c", "%"])
def test_an_id_of_any_characters_is_found_by_its_path(api: Api, identity: str) -> None:
    person = {"connection": CONNECTION, "email": "ada@example.com", "password": "Abcdefg1!"}
    made = api.post("/users", person | {"user_id": identity})
    assert made["user_id"] == f"auth0|{identity}"
    path = f"/users/{encoded(made['user_id'])}"
    assert api.get(path)["user_id"] == made["user_id"]
    assert api.patch(path, {"name": "Ada"})["name"] == "Ada"
    api.delete(path)
    api.get(path, 404)


@pytest.mark.parametrize("identifier", ["https://a.example/b", "urn:a|b", "a b/c?d"])
def test_an_api_is_found_by_its_identifier(api: Api, identifier: str) -> None:
    made = api.post("/resource-servers", {"identifier": identifier})
    assert api.get(f"/resource-servers/{encoded(identifier)}")["id"] == made["id"]


def test_ten_thousand_users_are_paged_through_and_found() -> None:
    sandbox = memory_sandbox()
    with sandbox.store.atomic():
        for number in range(10_000):
            profile: dict[str, Any] = {"user_id": f"{number:05}", "phone_number": f"+4477009{number:05}"}
            users.create(sandbox, CONNECTION, f"user{number}@example.com", None, **profile)
    api = InProcess(sandbox)
    status, page = api.call("GET", "/users?page=9&per_page=100&include_totals=true")
    assert (status, page["total"], page["start"], len(page["users"])) == (200, 10_000, 900, 100)
    status, found = api.call("GET", "/users-by-email?email=user9876@example.com")
    assert [user["user_id"] for user in found] == ["auth0|09876"]
    assert users.find_by_phone(sandbox, CONNECTION, "+447700909876") is not None
    taken = {"connection": CONNECTION, "email": "USER1234@example.com", "password": "Abcdefg1!"}
    assert api.call("POST", "/users", taken)[0] == 409


@pytest.mark.parametrize("member", ["email", "phone_number", "username"])
def test_a_user_is_looked_up_not_searched_for(tmp_path: Path, member: str) -> None:
    store = Store(tmp_path / "sandbox.sqlite3")
    store.where("users", member, "nobody")
    (plan,) = store._db.execute(f"EXPLAIN QUERY PLAN {store._finding('users', member)}", ("x",)).fetchall()
    store.close()
    assert f"USING INDEX users_by_{member}" in plan[-1]


def test_a_name_that_is_no_member_is_refused() -> None:
    with pytest.raises(ValueError, match="plain names"):
        Store(None).where("users", "email') OR 1=1 --", "x")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'{"a": "\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        (b'{"a": "\\ud83d!", "\\udfff": 1}', {"a": "\ufffd!", "\ufffd": 1}),
        (b'"\\\\ud83d"', "\\ud83d"),
        (b"[1e3, -0.5, 12345678901234567890]", [1000, -0.5, 12345678901234567000]),
    ],
)
def test_json_is_read_as_a_javascript_server_reads_it(raw: bytes, value: Any) -> None:
    assert parsed(raw) == value


@pytest.mark.parametrize("raw", [b"NaN", b"[Infinity]", b"\xff", b"", b"{", b"[" * 100_000, b'{"a":1}x'])
def test_what_is_no_json_is_a_value_error(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parsed(raw)
