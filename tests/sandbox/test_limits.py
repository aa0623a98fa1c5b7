"""Rate limits: a bucket that fills up again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.context import Sandbox
from sandbox.limits import Bucket, take
from sandbox.testing import memory_sandbox

BUCKET = Bucket("calls", 3, 60.0)


def allowed(sandbox: Sandbox, key: str = "a", bucket: Bucket = BUCKET) -> bool:
    allowance = take(sandbox, bucket, key)
    assert allowance is not None
    return allowance.allowed


def test_a_bucket_gives_what_it_holds_and_fills_up_steadily(sandbox: Sandbox) -> None:
    assert [allowed(sandbox) for _ in range(5)] == [True, True, True, False, False]
    sandbox.clock.advance(20)
    assert [allowed(sandbox) for _ in range(2)] == [True, False]
    sandbox.clock.advance(3600)
    assert [allowed(sandbox) for _ in range(4)] == [True, True, True, False]


def test_each_key_and_each_bucket_has_its_own(sandbox: Sandbox) -> None:
    assert [allowed(sandbox) for _ in range(4)][-1] is False
    assert allowed(sandbox, "b")
    assert allowed(sandbox, "a", Bucket("others", 3, 60.0))


def test_a_refusal_says_when_to_come_back(sandbox: Sandbox) -> None:
    for _ in range(3):
        take(sandbox, BUCKET, "a")
    refusal = take(sandbox, BUCKET, "a")
    assert refusal is not None
    headers = refusal.headers()
    assert headers["x-ratelimit-limit"] == "3"
    assert headers["x-ratelimit-remaining"] == "0"
    assert headers["retry-after"] == "20"
    sandbox.clock.advance(20)
    assert allowed(sandbox)


def test_an_allowance_tells_how_much_is_left(sandbox: Sandbox) -> None:
    first = take(sandbox, BUCKET, "a")
    assert first is not None
    headers = first.headers()
    assert headers["x-ratelimit-remaining"] == "2"
    assert "retry-after" not in headers
    assert 18 < int(headers["x-ratelimit-reset"]) - sandbox.clock.now() <= 21


@pytest.mark.parametrize("size", [0, -1])
def test_a_size_of_nothing_is_no_limit(sandbox: Sandbox, size: int) -> None:
    assert take(sandbox, Bucket("calls", size, 60.0), "a") is None
    assert sandbox.store.all("limits") == []


@given(st.lists(st.floats(0, 100), max_size=30))
def test_never_more_than_the_bucket_and_what_flowed_in(waits: list[float]) -> None:
    sandbox = memory_sandbox(seeded=False)
    began, passed = sandbox.clock.now(), 0
    for wait in waits:
        sandbox.clock.advance(wait)
        passed += allowed(sandbox)
    flowed = (sandbox.clock.now() - began) * BUCKET.size / BUCKET.seconds
    assert passed <= BUCKET.size + flowed + 1e-6
