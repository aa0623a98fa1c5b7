"""A client of the Management API that knows nothing but paths and JSON."""

import threading
from typing import Any
from urllib.parse import quote

import requests

from sandbox.testing import RunningSandbox

Json = Any


class Api:
    def __init__(self, session: requests.Session, url: str, token: str | None) -> None:
        self._session = session
        self._url = url
        self._token = token

    def as_(self, token: str | None) -> "Api":
        """The same client with another token, or with none."""
        return Api(self._session, self._url, token)

    def call(self, method: str, path: str, body: Json = None, **query: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        return self._session.request(
            method, f"{self._url}/api/v2{path}", json=body, params=query, headers=headers, timeout=10
        )

    def get(self, path: str, expect: int = 200, /, **query: str) -> Json:
        return self.answer(self.call("GET", path, **query), expect)

    def post(self, path: str, body: Json = None, expect: int = 201, **query: str) -> Json:
        return self.answer(self.call("POST", path, body, **query), expect)

    def patch(self, path: str, body: Json, expect: int = 200) -> Json:
        return self.answer(self.call("PATCH", path, body), expect)

    def delete(self, path: str, body: Json = None, expect: int = 204, **query: str) -> Json:
        return self.answer(self.call("DELETE", path, body, **query), expect)

    @staticmethod
    def answer(response: requests.Response, expect: int) -> Json:
        assert response.status_code == expect, f"{response.status_code}: {response.text[:500]}"
        return response.json() if response.content else None


def encoded(identifier: str) -> str:
    """An id as one path segment, slashes and all."""
    return quote(identifier, safe="")


def at_once(running_sandbox: RunningSandbox, calls: list[tuple[str, str, Any]]) -> list[int]:
    """Send all calls at the same moment, each over its own connection; their statuses in order."""
    start = threading.Barrier(len(calls))
    statuses = [0] * len(calls)

    def send(number: int) -> None:
        with running_sandbox.session() as session:
            api = Api(session, running_sandbox.url, running_sandbox.token())
            start.wait()
            statuses[number] = api.call(*calls[number]).status_code

    threads = [threading.Thread(target=send, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses
