"""Inputs that are refused before anything is done, and values on their way between engine and provider."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.providers import account, addresses, wire
from infra.providers.wire import UNKNOWN, Secret

from .engine_side import Provider, RefusedError

GOOD = {
    "projectId": "prj_1",
    "files": {"asgi.py": "0" * 64},
    "environmentRevision": UNKNOWN,
    "healthUrl": "https://form.example.com/healthz",
    "keep": 5,
}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("name", "value", "path", "reason"),
    [
        ("files", {}, "files", "one file at least"),
        ("files", {"../up.py": "0" * 64}, 'files["../up.py"]', "without '..'"),
        ("files", {"/etc/passwd": "0" * 64}, 'files["/etc/passwd"]', "relative"),
        ("files", {"build.json": "0" * 64}, 'files["build.json"]', "added by the provider"),
        ("files", {"a.py": "0" * 63}, 'files["a.py"]', "SHA-256"),
        ("keep", 51, "keep", "0 to 50"),
        ("keep", True, "keep", "whole number"),
        ("keep", 1.5, "keep", "whole number"),
        ("healthUrl", "http://form.example.com/", "healthUrl", "https://"),
        ("healthUrl", "https://u:p@form.example.com/", "healthUrl", "without a user"),
        ("projectId", Secret("prj_1"), "projectId", "must not be a secret"),
        ("projectId", "a/../b", "projectId", "must be an id"),
    ],
)
async def test_a_bad_input_is_named(name: str, value: Any, path: str, reason: str) -> None:
    assert (await Provider().check("VercelDeployment", GOOD))[1] == {}
    _, wrong = await Provider().check("VercelDeployment", {**GOOD, name: value})
    assert list(wrong) == [path]
    assert reason in wrong[path]


@pytest.mark.parametrize(
    "url",
    [
        "https://api.vercel.com.evil.example",
        "https://api.vercel.com/x",
        "http://api.vercel.com",
        "https://localhost.evil.example",
        "https://127.0.0.1.evil.example",
        "https://localhost@evil.example",
        "ftp://localhost",
        "https://[::1",
        "",
    ],
)
def test_the_token_goes_to_vercel_or_stays_on_this_machine(url: str) -> None:
    (failure,) = account.check({"apiUrl": url})
    assert failure.path == "apiUrl"
    assert addresses.VERCEL in failure.reason


@pytest.mark.parametrize(
    "url", [addresses.VERCEL, "https://localhost:1/vercel", "http://[::1]:1", "https://a.localhost"]
)
def test_these_may_have_it(url: str) -> None:
    assert account.check({"apiUrl": url, "team": "team_1"}) == []


def test_a_team_and_settings_are_checked() -> None:
    assert [each.path for each in account.check({"team": "a b", "token": "x"})] == ["token", "team"]


def test_a_team_is_named_by_its_id() -> None:
    (failure,) = account.check({"team": "our-slug"})
    assert "team's id (team_…)" in failure.reason


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("new", "changed", "replaced"),
    [
        ({"apiUrl": "https://localhost:1", "team": ""}, [], []),
        # A sandbox on another port is the same account; another team is not.
        ({"apiUrl": "https://localhost:2", "team": ""}, ["apiUrl"], []),
        ({"apiUrl": addresses.VERCEL, "team": ""}, ["apiUrl"], ["apiUrl"]),
        ({"apiUrl": "https://localhost:1", "team": "team_1"}, ["team"], ["team"]),
    ],
)
async def test_another_account_replaces_what_is_in_it(
    new: dict[str, str], changed: list[str], replaced: list[str]
) -> None:
    found = await Provider().diff_config({"apiUrl": "https://localhost:1", "team": ""}, new)
    assert (list(found.diffs), list(found.replaces)) == (changed, replaced)


@pytest.mark.anyio
async def test_a_resource_that_does_not_exist_is_told() -> None:
    with pytest.raises(RefusedError, match="There is no resource auth0-phone:index:VercelAlias"):
        await Provider().check("VercelAlias", {})


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.just(UNKNOWN),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | inner.map(Secret),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), values))
def test_values_arrive_as_they_were_sent(properties: dict[str, Any]) -> None:
    assert wire.read(wire.write(properties)) == properties


@pytest.mark.parametrize("value", [b"bytes", {1, 2}, object()])
def test_what_does_not_travel_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="does not travel"):
        wire.write({"a": [value]})


def test_what_is_in_a_list_counts() -> None:
    assert not wire.is_known([1, [Secret(UNKNOWN)]])
    assert wire.is_known({"a": [1, Secret("x")]})
    assert wire.without_secrets([Secret("x"), {"a": Secret(1)}]) == ["x", {"a": 1}]


@given(st.text(min_size=5))
def test_a_secret_never_shows_itself(text: str) -> None:
    assert text not in repr(Secret(text))
    assert not wire.is_known({"a": Secret({"b": UNKNOWN})})
    assert wire.is_known({"a": Secret(text)})
