"""The Management API in process, each answer held against the status it should have."""

from typing import Any

from sandbox.context import Sandbox
from sandbox.testing import memory_sandbox

from .in_process import InProcess

Json = Any


class Management:
    def __init__(self, sandbox: Sandbox | None = None) -> None:
        self.sandbox = memory_sandbox() if sandbox is None else sandbox
        self._api = InProcess(self.sandbox)

    def get(self, path: str, expect: int = 200) -> Json:
        return self.call("GET", path, None, expect)

    def post(self, path: str, body: Json = None, expect: int = 201) -> Json:
        return self.call("POST", path, body, expect)

    def patch(self, path: str, body: Json, expect: int = 200) -> Json:
        return self.call("PATCH", path, body, expect)

    def put(self, path: str, body: Json = None, expect: int = 200) -> Json:
        return self.call("PUT", path, body, expect)

    def delete(self, path: str, expect: int = 204) -> Json:
        return self.call("DELETE", path, None, expect)

    def refused(self, method: str, path: str, body: Json) -> str:
        """The message of a refusal with 400."""
        answer = self.call(method, path, body, 400)
        assert (answer["statusCode"], answer["error"]) == (400, "Bad Request")
        return str(answer["message"])

    def call(self, method: str, path: str, body: Json, expect: int) -> Json:
        status, answer = self._api.call(method, path, body)
        assert status == expect, f"{method} {path}: {status} {answer}"
        return answer
