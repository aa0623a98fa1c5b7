"""A call that writes more than once writes everything or, when it is cut short, nothing."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from sandbox import users
from sandbox.context import Sandbox
from sandbox.management.jobs import multipart, records
from sandbox.seed import CONNECTION

from .in_process import InProcess

Json = Any


class CutShortError(Exception):
    """What stands for a kill between two writes."""


@pytest.fixture
def api(sandbox: Sandbox) -> InProcess:
    return InProcess(sandbox)


@pytest.fixture
def ada(sandbox: Sandbox) -> str:
    """The path of a user."""
    user = users.create(sandbox, CONNECTION, "ada@example.com", "Abcdefg1!")
    return f"/users/{quote(user['user_id'], safe='')}"


@pytest.fixture
def cut(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], None]:
    """From the nth call on, a method of the store fails."""

    def cut(name: str, good: int) -> None:
        real, left = getattr(sandbox.store, name), [good]

        def limited(*given: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise CutShortError
            return real(*given)

        monkeypatch.setattr(sandbox.store, name, limited)

    return cut


def check(api: InProcess, sandbox: Sandbox, kind: str, method: str, path: str, body: Json = None) -> None:
    before = sandbox.store.all(kind)
    with pytest.raises(CutShortError):
        api.call(method, path, body)
    assert sandbox.store.all(kind) == before


def test_factors_are_removed_together(
    api: InProcess, sandbox: Sandbox, ada: str, cut: Callable[[str, int], None]
) -> None:
    for secret in ("a", "b"):
        api.call("POST", f"{ada}/authentication-methods", {"type": "totp", "totp_secret": secret})
    assert sandbox.store.count("authentication_methods") == 2
    cut("delete", 1)
    check(api, sandbox, "authentication_methods", "DELETE", f"{ada}/authentication-methods")


def test_a_recovery_code_is_replaced_or_kept(
    api: InProcess, sandbox: Sandbox, ada: str, cut: Callable[[str, int], None]
) -> None:
    api.call("POST", f"{ada}/recovery-code-regeneration")
    cut("put", 0)
    check(api, sandbox, "authentication_methods", "POST", f"{ada}/recovery-code-regeneration")


def test_applications_leave_an_organization_together(
    api: InProcess, sandbox: Sandbox, cut: Callable[[str, int], None]
) -> None:
    _, made = api.call("POST", "/organizations", {"name": "acme"})
    path = f"/organizations/{made['id']}/clients"
    clients = [api.call("POST", "/clients", {"name": name})[1]["client_id"] for name in "ab"]
    api.call("POST", path, {"clients": [{"client_id": client} for client in clients]})
    assert sandbox.store.count("organization_clients") == 2
    cut("delete", 1)
    check(api, sandbox, "organization_clients", "DELETE", path, {"clients": clients})


def test_access_is_revoked_as_a_whole(
    api: InProcess, sandbox: Sandbox, ada: str, cut: Callable[[str, int], None]
) -> None:
    (user,) = sandbox.store.all("users")
    for key in ("one", "two"):
        sandbox.store.put("refresh_tokens", key, {"key": key, "user_id": user["user_id"]})
    cut("delete", 1)
    check(api, sandbox, "refresh_tokens", "POST", f"{ada}/revoke-access", {})


def test_users_are_imported_with_their_job(
    api: InProcess, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    (connection,) = sandbox.store.where("connections", "name", CONNECTION)
    form = {"users": b'[{"email": "ada@example.com"}]', "connection_id": connection["id"]}

    def failing(*_: Any, **__: Any) -> Any:
        raise CutShortError

    monkeypatch.setattr(multipart, "parse", lambda *_: form)
    monkeypatch.setattr(records, "begin", failing)
    check(api, sandbox, "users", "POST", "/jobs/users-imports", {})
    assert sandbox.store.count("users") == 0
