"""The API's bad moments: limits, breakdowns, refusals, and a person who stops."""

import asyncio
import time

import pytest

from infra.providers.words import scrubbed
from sandbox.faults import Fault
from sandbox.testing import RunningSandbox
from tests.form.waiting import moment

from .engine_side import Provider, RefusedError

pytestmark = pytest.mark.anyio
KIND = "VercelProject"
INPUTS = {"name": "auth0-phone-dev", "region": ""}


async def test_a_limit_is_waited_out_as_long_as_it_says(provider: Provider, vercel: RunningSandbox) -> None:
    vercel.sandbox.faults.add(Fault("rate_limit", "*", "POST", "*/v11/projects", count=2, reset_in=1))
    begun = time.monotonic()
    await provider.create(KIND, INPUTS)
    assert 2 <= time.monotonic() - begun < 30
    assert len(vercel.sandbox.store.all("vercel_projects")) == 1


async def test_a_longer_limit_is_told_at_once(provider: Provider, vercel: RunningSandbox) -> None:
    vercel.sandbox.faults.add(Fault("rate_limit", "*", "GET", "*", count=None, reset_in=3600))
    with pytest.raises(RefusedError, match=r"Run `pulumi up` again after \d{4} seconds"):
        await asyncio.wait_for(provider.create(KIND, INPUTS), 5)
    vercel.sandbox.faults.clear()


async def test_a_burst_of_errors_is_outlasted_by_what_can_be_repeated(
    provider: Provider, vercel: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.providers.api._FIRST_PAUSE", 0.05)
    vercel.sandbox.faults.add(Fault("status", "*", "GET", "*/v9/projects/*", count=3, status=503))
    id_, state = await provider.create(KIND, INPUTS)
    vercel.sandbox.faults.add(Fault("status", "*", "DELETE", "*/v9/projects/*", count=2, status=500))
    await provider.delete(KIND, id_, state)
    assert vercel.sandbox.store.all("vercel_projects") == []


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (401, "forbidden", "VERCEL_TOKEN is wrong"),
        (403, "forbidden", "The owner of VERCEL_TOKEN may not do this"),
        (403, "forbidden", "hosting.team"),
        (402, "payment_required", "plan does not allow it"),
        (400, "bad_request", "Vercel would not create the project auth0-phone-dev: no, thanks"),
    ],
)
async def test_a_refusal_says_what_to_do(
    provider: Provider, vercel: RunningSandbox, status: int, code: str, words: str
) -> None:
    body = {"error": {"code": code, "message": "no, thanks"}}
    vercel.sandbox.faults.add(Fault("status", "*", "POST", "*/v11/projects", status=status, body=body))
    with pytest.raises(RefusedError) as refused:
        await provider.create(KIND, INPUTS)
    assert words in str(refused.value)
    assert code in str(refused.value)


@pytest.mark.parametrize("token", ["made-up-token", "two words", "zeichen-ü"])
async def test_a_wrong_token_is_told_and_never_shown(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("VERCEL_TOKEN", token)
    with pytest.raises(RefusedError) as refused:
        await provider.create(KIND, INPUTS)
    assert "VERCEL_TOKEN is" in str(refused.value)
    assert token not in str(refused.value)


async def test_no_token_is_told_with_the_command(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VERCEL_TOKEN")
    with pytest.raises(RefusedError, match="export VERCEL_TOKEN="):
        await provider.create(KIND, INPUTS)


async def test_another_team_is_refused(vercel: RunningSandbox) -> None:
    made = Provider()
    await made.configure(vercel.ready["vercel"]["api"], "team_ofOthers")
    with pytest.raises(RefusedError, match=r"hosting\.team"):
        await made.create(KIND, INPUTS)
    await made.servicer.close()


async def test_the_own_team_is(vercel: RunningSandbox) -> None:
    made = Provider()
    await made.configure(vercel.ready["vercel"]["api"], vercel.ready["vercel"]["team"])
    id_, _ = await made.create(KIND, INPUTS)
    assert id_
    await made.servicer.close()


async def test_stopping_ends_a_wait_at_once(provider: Provider, vercel: RunningSandbox) -> None:
    vercel.sandbox.faults.add(Fault("latency", "*", "GET", "*", count=None, seconds=60))
    waiting = asyncio.ensure_future(provider.create(KIND, INPUTS))
    await moment(0.2)
    await provider.cancel()
    with pytest.raises(RefusedError, match="Stopped before it was done"):
        await asyncio.wait_for(waiting, 2)
    vercel.sandbox.faults.clear()


def test_hidden_values_are_found_in_every_form() -> None:
    value = 'a"bcd\ne'
    assert scrubbed(f'1 {value} 2 a\\"bcd\\ne 3', {value, ""}) == "1 [secret] 2 [secret] 3"


def test_short_values_do_not_wreck_a_message() -> None:
    assert scrubbed("bad_request in production", {"1", "bad", "true", "in"}) == "bad_request in production"


@pytest.mark.parametrize("told", ["nan", "inf", "soon"])
async def test_a_limit_without_a_time_is_waited_out_with_pauses(
    provider: Provider, vercel: RunningSandbox, told: str
) -> None:
    headers = {"retry-after": told}
    vercel.sandbox.faults.add(Fault("status", "*", "POST", "*/v11/projects", status=429, headers=headers))
    assert (await asyncio.wait_for(provider.create(KIND, INPUTS), 5))[0]


async def test_the_resources_own_time_limit_counts(provider: Provider, vercel: RunningSandbox) -> None:
    vercel.sandbox.faults.add(Fault("status", "*", "GET", "*", count=None, status=503))
    with pytest.raises(RefusedError, match="Service Unavailable"):
        await asyncio.wait_for(provider.create(KIND, INPUTS, seconds=1), 4)
    vercel.sandbox.faults.clear()
    vercel.sandbox.faults.add(Fault("latency", "*", "GET", "*", count=None, seconds=60))
    with pytest.raises(RefusedError, match="it did not answer in time"):
        await asyncio.wait_for(provider.create(KIND, INPUTS, seconds=1), 4)
    vercel.sandbox.faults.clear()


async def test_what_nobody_foresaw_is_told_without_its_text(
    provider: Provider, vercel: RunningSandbox
) -> None:
    odd = {"id": "prj_1", "name": "auth0-phone-dev", "targets": "canary-of-an-answer"}
    vercel.sandbox.faults.add(Fault("status", "*", "GET", "*/v9/projects/*", status=200, body=odd))
    with pytest.raises(RefusedError, match=r"Create of it broke off .*\(AttributeError\)") as refused:
        await provider.create(KIND, INPUTS)
    assert "canary" not in str(refused.value)
