"""The phone provider's pipeline: tries, retries, drops, and who hears of them."""

import json
from typing import Literal

import pytest

from sandbox import phone
from sandbox.actions import execution
from sandbox.context import Sandbox
from sandbox.phone import records
from sandbox.phone.delivery import DELAYS, send_due

from . import phone_driver as driver

pytestmark = pytest.mark.anyio
AGAIN = driver.commands(("retry", "gateway is away"))


async def test_a_silent_action_has_delivered(sandbox: Sandbox) -> None:
    runner = driver.with_provider(sandbox)
    await driver.send(sandbox)
    assert driver.record(sandbox)["state"] == "delivered"
    assert len(runner.events) == 1
    assert driver.failures(sandbox) == []


async def test_a_drop_is_final(sandbox: Sandbox) -> None:
    runner = driver.with_provider(sandbox, driver.commands(("drop", "no such number")))
    await driver.send(sandbox)
    await driver.wait_and_send(sandbox, 3600)
    assert driver.record(sandbox)["state"] == "dropped"
    assert len(runner.events) == 1
    assert driver.failures(sandbox) == ["no such number"]


async def test_a_retry_is_made_when_its_time_comes(sandbox: Sandbox) -> None:
    runner = driver.with_provider(sandbox, AGAIN, {})
    await driver.send(sandbox)
    await driver.wait_and_send(sandbox, DELAYS[0] - 1)
    assert len(runner.events) == 1
    await driver.wait_and_send(sandbox, 1)
    assert len(runner.events) == 2
    assert driver.record(sandbox)["state"] == "delivered"
    assert driver.failures(sandbox) == ["gateway is away"]


async def test_after_five_more_tries_it_is_over(sandbox: Sandbox) -> None:
    runner = driver.with_provider(sandbox, AGAIN)
    await driver.send(sandbox)
    for _ in range(10):
        await driver.wait_and_send(sandbox, 600)
    assert len(runner.events) == 6
    assert driver.record(sandbox)["state"] == "failed"
    assert len(driver.failures(sandbox)) == 6


@pytest.mark.parametrize(
    ("wishes", "state"),
    [
        ((("retry", "a"), ("drop", "b")), "dropped"),
        ((("drop", "a"), ("retry", "b")), "waiting"),
    ],
)
async def test_the_last_call_wins(sandbox: Sandbox, wishes: tuple[tuple[str, str], ...], state: str) -> None:
    driver.with_provider(sandbox, driver.commands(*wishes))
    await driver.send(sandbox)
    assert driver.record(sandbox)["state"] == state
    assert driver.failures(sandbox) == ["b"]


async def test_a_long_reason_is_cut(sandbox: Sandbox) -> None:
    driver.with_provider(sandbox, driver.commands(("drop", "x" * 2000)))
    await driver.send(sandbox)
    assert driver.failures(sandbox) == ["x" * 1024]


@pytest.mark.parametrize(("switch", "state"), [("drop", "dropped"), ("retry", "waiting")])
async def test_what_an_uncaught_error_means_is_a_switch(
    sandbox: Sandbox, switch: Literal["drop", "retry"], state: str
) -> None:
    driver.with_provider(sandbox, driver.failure())
    sandbox.switches.phone_action_error = switch
    await driver.send(sandbox)
    assert driver.record(sandbox)["state"] == state
    assert driver.failures(sandbox) == ["boom"]


async def test_a_time_out_is_named(sandbox: Sandbox) -> None:
    driver.with_provider(sandbox, driver.failure("timeout"))
    await driver.send(sandbox)
    assert driver.failures(sandbox) == ["The Action did not complete within 20 seconds."]


async def test_without_an_action_the_message_is_lost_and_logged(sandbox: Sandbox) -> None:
    driver.with_provider(sandbox)
    sandbox.store.delete("actions", "act")
    await driver.send(sandbox)
    assert driver.failures(sandbox) == ["There is no deployed Action for the custom phone provider."]


async def test_a_provider_removed_meanwhile_ends_the_tries(sandbox: Sandbox) -> None:
    driver.with_provider(sandbox, AGAIN)
    await driver.send(sandbox)
    sandbox.store.delete("phone_providers", "pro")
    await driver.wait_and_send(sandbox, 60)
    assert driver.record(sandbox)["state"] == "dropped"


async def test_a_delivery_method_the_provider_lacks_is_dropped(sandbox: Sandbox) -> None:
    runner = driver.with_provider(sandbox)
    await driver.send(sandbox, delivery_method="voice")
    assert driver.failures(sandbox) == ["The phone provider does not deliver voice."]
    assert runner.events == []


async def test_tries_survive_in_the_store(sandbox: Sandbox) -> None:
    """What a killed process had not sent is sent by the next: nothing is kept in memory alone."""
    runner = driver.with_provider(sandbox, AGAIN, {})
    await driver.send(sandbox)
    sandbox.store.load(sandbox.store.dump())
    await driver.wait_and_send(sandbox, 60)
    assert len(runner.events) == 2


async def test_a_reset_in_mid_air_leaves_nothing_behind(sandbox: Sandbox) -> None:
    class Resetting(driver.Runner):
        async def execute(self, request: object) -> dict[str, object]:
            sandbox.store.clear(keep=("seed", "keys"))
            return await super().execute(request)

    driver.with_provider(sandbox)
    sandbox.runner = Resetting(AGAIN)
    await driver.send(sandbox)
    assert sandbox.store.all("notifications") == sandbox.store.all("tenant_logs") == []


async def test_the_log_names_the_action_and_what_it_printed(sandbox: Sandbox) -> None:
    line = {"level": "log", "text": "gateway said 503"}
    driver.with_provider(sandbox, {**AGAIN, "console": [line]})
    await driver.send(sandbox)
    (entry,) = (e for e in sandbox.store.all("tenant_logs") if e["type"] == "fn")
    assert entry["details"]["to"] == driver.TO
    assert entry["details"]["notification_type"] == "otp_verify"
    (run,) = execution.runs(sandbox, execution.of_entry(entry))
    assert (run["action_name"], run["console"]) == ("Our provider", [line])
    assert "123456" not in json.dumps(entry)


async def test_records_for_people_hold_no_code(sandbox: Sandbox) -> None:
    driver.with_provider(sandbox)
    await driver.send(sandbox)
    shown = records.public(driver.record(sandbox))
    assert (shown["recipient"], shown["state"]) == (driver.TO, "delivered")
    assert "123456" not in json.dumps(shown)


async def test_a_request_s_parameters_are_not_kept(sandbox: Sandbox) -> None:
    """They may be codes and secrets of a sign-in; the Action gets none of them either."""
    driver.with_provider(sandbox)
    await driver.send(sandbox)
    assert "otp" not in driver.record(sandbox)["notification"]["incoming"]["body"]
    assert driver.record(sandbox)["notification"]["incoming"]["ip"] == "192.0.2.1"


async def test_old_records_are_forgotten(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_KEPT", 10)
    driver.with_provider(sandbox)
    for _ in range(100):
        await phone.deliver(sandbox, driver.notification(sandbox))
        await send_due(sandbox)
    assert sandbox.store.count("notifications") == 10


def with_flag(sandbox: Sandbox, value: bool) -> None:
    settings = sandbox.store.get("settings", "tenant") or {}
    flags = {**settings["flags"], "phone_consolidated_experience": value}
    sandbox.store.put("settings", "tenant", {**settings, "flags": flags})


@pytest.mark.parametrize(
    ("options", "enrolled", "governs"),
    [
        ({"provider": "sms_gateway", "gateway_url": "https://x"}, False, False),
        ({"provider": "sms_gateway", "gateway_url": "https://x"}, True, True),
        ({"gateway_url": "https://x", "use_phone_provider": True}, False, True),
        ({"gateway_url": "https://x", "use_phone_provider": "unified"}, False, True),
        ({"twilio_sid": "AC1"}, False, False),
        ({}, False, True),
        (None, False, True),
    ],
)
async def test_which_regime_governs(
    sandbox: Sandbox, options: dict[str, object] | None, enrolled: bool, governs: bool
) -> None:
    driver.with_provider(sandbox)
    with_flag(sandbox, enrolled)
    connection = None if options is None else {"options": options}
    assert (phone.active(sandbox, connection) is not None) == governs


@pytest.mark.parametrize("present", [True, False])
async def test_a_disabled_or_absent_provider_never_governs(sandbox: Sandbox, present: bool) -> None:
    with_flag(sandbox, True)
    if present:
        driver.with_provider(sandbox, disabled=True)
    assert phone.active(sandbox) is None
