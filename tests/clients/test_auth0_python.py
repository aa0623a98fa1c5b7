"""Auth0's Python SDK: each resource's life as its client, its types for every answer."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pydantic
import pytest

from sandbox.testing import RunningSandbox

from . import lives, lives_of_settings
from .judge import http_client, judge, strange
from .noted import note

LIVES = (*lives.LIVES, *lives_of_settings.LIVES)


@pytest.fixture(scope="module")
def client(sandbox_process: RunningSandbox) -> Iterator[httpx.Client]:
    with http_client(sandbox_process) as client:
        yield client


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.__name__)
def test_the_types_of_the_sdk_know_every_answer(
    life: Callable[[Any], None], tenant: RunningSandbox, client: httpx.Client
) -> None:
    api = judge(tenant, client)
    life(api)
    note("auth0-python", tenant)
    assert sorted(set(api.findings)) == [], "\n".join(sorted(set(api.findings)))


def test_a_member_that_a_type_does_not_know_is_found() -> None:
    class Inner(pydantic.BaseModel, extra="allow"):
        known: int

    class Outer(pydantic.BaseModel, extra="allow"):
        inners: list[Inner]

    parsed = Outer.model_validate({"inners": [{"known": 1, "other": 2}], "more": 3})
    assert list(strange(parsed)) == ["more", "inners[].other"]
