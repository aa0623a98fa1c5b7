"""A tenant in memory and its Management API, for tests of one resource."""

from typing import Any

from sandbox.testing import memory_sandbox

from .in_process import InProcess


class Tenant:
    """`get`, `post`, `patch`, `put` and `delete` expect a status and return the decoded body."""

    def __init__(self) -> None:
        self.sandbox = memory_sandbox()
        self._api = InProcess(self.sandbox)

    def get(self, path: str, expect: int = 200) -> Any:
        return self._ask("GET", path, None, expect)

    def post(self, path: str, body: Any = None, expect: int = 201) -> Any:
        return self._ask("POST", path, body, expect)

    def patch(self, path: str, body: Any, expect: int = 200) -> Any:
        return self._ask("PATCH", path, body, expect)

    def put(self, path: str, body: Any, expect: int = 200) -> Any:
        return self._ask("PUT", path, body, expect)

    def delete(self, path: str, body: Any = None, expect: int = 204) -> Any:
        return self._ask("DELETE", path, body, expect)

    def _ask(self, method: str, path: str, body: Any, expect: int) -> Any:
        status, answer = self._api.call(method, path, body)
        assert status == expect, f"{method} {path}: {status} {answer}"
        return answer


def problem(answer: Any) -> str:
    """What a refusal says, without the validator's frame around it."""
    return str(answer["message"]).removeprefix("Payload validation error: ")
