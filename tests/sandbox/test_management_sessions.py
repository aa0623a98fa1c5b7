"""Sessions and refresh tokens of people who really logged in, as the Management API sees and ends them."""

from typing import Any

import pytest
import requests

from sandbox.testing import RunningSandbox

from .api import Api
from .login_driver import Browser, create_user, query

Json = Any


class Visitor(Browser):
    """Somebody who logged in, with a refresh token."""

    def __init__(self, running: RunningSandbox) -> None:
        super().__init__(running)
        tokens = self.tokens(scope="openid offline_access")
        self.refresh_token = tokens["refresh_token"]

    def is_known(self) -> bool:
        return "code" in query(self.authorize())

    def refreshed(self) -> requests.Response:
        given = {"grant_type": "refresh_token", "refresh_token": self.refresh_token, **self.client}
        return self.token(given)


@pytest.fixture
def path(running_sandbox: RunningSandbox) -> str:
    """The path of a user."""
    return f"/users/{create_user(running_sandbox.sandbox)['user_id']}"


@pytest.fixture
def visitor(running_sandbox: RunningSandbox, path: str) -> Visitor:
    return Visitor(running_sandbox)


def test_a_session_tells_when_where_and_how(api: Api, path: str, visitor: Visitor) -> None:
    (session,) = api.get(f"{path}/sessions")["sessions"]
    assert session["user_id"] == path.rpartition("/")[2]
    assert [method["name"] for method in session["authentication"]["methods"]] == ["pwd"]
    assert session["clients"] == [{"client_id": visitor.client["client_id"]}]
    assert session["expires_at"] > session["created_at"]
    assert session["device"]["initial_ip"] == "127.0.0.1"
    assert api.get(f"/sessions/{session['id']}") == session
    assert not {"key", "connection", "metadata", "methods"} & set(session)


def test_a_session_s_metadata_is_replaced(api: Api, path: str, visitor: Visitor) -> None:
    (session,) = api.get(f"{path}/sessions")["sessions"]
    changed = api.patch(f"/sessions/{session['id']}", {"session_metadata": {"a": "1"}})
    assert changed["session_metadata"] == {"a": "1"}
    assert api.get(f"/sessions/{session['id']}") == changed
    assert "session_metadata" not in api.patch(f"/sessions/{session['id']}", {"session_metadata": None})
    assert visitor.is_known()


@pytest.mark.parametrize(
    ("method", "below", "session", "token"),
    [
        ("DELETE", "/sessions/{session}", False, 200),
        ("POST", "/sessions/{session}/revoke", False, 403),
        ("DELETE", "{user}/sessions", False, 403),
        ("DELETE", "{user}/refresh-tokens", True, 403),
        ("DELETE", "/refresh-tokens/{token}", True, 403),
        ("POST", "{user}/revoke-access", False, 403),
    ],
)
def test_what_is_ended_here_is_over_for_the_person(
    api: Api, path: str, visitor: Visitor, method: str, below: str, session: bool, token: int
) -> None:
    (known,) = api.get(f"{path}/sessions")["sessions"]
    (refresh,) = api.get(f"{path}/refresh-tokens")["tokens"]
    place = below.format(session=known["id"], user=path, token=refresh["id"])
    body: Json = {} if place.endswith("revoke-access") else None
    assert Api.answer(api.call(method, place, body), 202) is None
    assert visitor.is_known() is session
    assert visitor.refreshed().status_code == token


def test_access_is_revoked_for_one_session_or_without_its_tokens(
    running_sandbox: RunningSandbox, api: Api, path: str, visitor: Visitor
) -> None:
    other = Visitor(running_sandbox)
    first, _ = api.get(f"{path}/sessions")["sessions"]
    api.post(f"{path}/revoke-access", {"session_id": first["id"], "preserve_refresh_tokens": True}, 202)
    assert not visitor.is_known()
    assert visitor.refreshed().status_code == 200
    assert other.is_known()
    api.post(f"{path}/revoke-access", {"session_id": first["id"]}, 404)


def test_a_refresh_token_is_described_and_never_shown(api: Api, path: str, visitor: Visitor) -> None:
    (token,) = api.get(f"{path}/refresh-tokens")["tokens"]
    assert token["id"].startswith("rt_")
    assert token["client_id"] == visitor.client["client_id"]
    assert visitor.refresh_token not in str(token)
    changed = api.patch(f"/refresh-tokens/{token['id']}", {"refresh_token_metadata": {"a": "1"}})
    assert changed["refresh_token_metadata"] == {"a": "1"}
    user_id = path.rpartition("/")[2]
    listed = api.get("/refresh-tokens", user_id=user_id, client_id=visitor.client["client_id"])
    assert listed == {"refresh_tokens": [changed]}
    assert api.get("/refresh-tokens", user_id=user_id, client_id="other") == {"refresh_tokens": []}
    api.get("/refresh-tokens", 400)


@pytest.mark.parametrize(
    ("body", "status", "refreshed"),
    [
        ({}, 400, 200),
        ({"ids": ["x"], "user_id": "y"}, 400, 200),
        ({"audience": "x"}, 400, 200),
        ({"ids": ["rt_none"]}, 202, 200),
        ({"client_id": "none"}, 202, 200),
        ({"client_id": "{client}"}, 202, 403),
        ({"client_id": "{client}", "user_id": "auth0|nobody"}, 202, 200),
        ({"user_id": "{user}"}, 202, 403),
        ({"user_id": "{user}", "client_id": "none"}, 202, 200),
    ],
)
def test_refresh_tokens_are_revoked_by_what_they_are_of(
    api: Api, path: str, visitor: Visitor, body: Json, status: int, refreshed: int
) -> None:
    places = {"{client}": visitor.client["client_id"], "{user}": path.rpartition("/")[2]}
    given = {name: places.get(str(value), value) for name, value in body.items()}
    api.post("/refresh-tokens/revoke", given, status)
    assert visitor.refreshed().status_code == refreshed


def test_a_deleted_user_is_logged_out_everywhere(api: Api, path: str, visitor: Visitor) -> None:
    api.delete(path)
    store = visitor.running.sandbox.store
    assert (store.count("sessions"), store.count("refresh_tokens")) == (0, 0)
    assert not visitor.is_known()


def test_the_tenant_counts_logins(api: Api, visitor: Visitor) -> None:
    assert api.get("/stats/active-users") == 1
    today = api.get("/stats/daily")[-1]
    assert (today["logins"], today["signups"]) == (1, 0)
    day = today["date"][:10].replace("-", "")
    assert len(api.get("/stats/daily", **{"from": day, "to": day})) == 1
    api.get("/stats/daily", 400, **{"from": "yesterday"})
