"""Which logins prove a stage, and with whose numbers."""

import asyncio

import phonenumbers
import pytest

from ops import smoke
from ops.errors import OpsError
from ops.services import Sandbox
from sandbox.testing import RunningSandbox
from tests.ops.samples import SANDBOX, settings


@pytest.fixture
def logins(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The logins that were tried: the connection (of those by SMS) and the number's country."""
    tried: list[tuple[str, ...]] = []

    async def by_password(_: object, *, asks: bool, country: str) -> None:
        assert asks
        tried.append(("password", country))

    async def by_sms(_: object, connection: str, *, asks: bool, country: str) -> None:
        assert asks
        tried.append((connection, country))

    monkeypatch.setattr(smoke, "smoke_login", by_password)
    monkeypatch.setattr(smoke, "smoke_sms", by_sms)
    return tried


@pytest.mark.parametrize("mode", ["gateway", "provider"])
def test_a_stage_with_its_own_sms_is_proven_by_two_logins(logins: list[tuple[str, ...]], mode: str) -> None:
    asyncio.run(smoke.smoke(SANDBOX, settings(mode=mode, countries=["DE"], connectionName="sms")))
    assert logins == [("password", "US"), ("sms", "DE")]


@pytest.mark.parametrize("sms", [{"mode": "off"}, {"signUp": False}, {"carriers": ["log"]}])
def test_where_nobody_new_could_log_in_by_sms_one_login_is_enough(
    logins: list[tuple[str, ...]], sms: dict[str, object]
) -> None:
    """Off, closed to new people, or with a carrier whose messages reach no handset."""
    asyncio.run(smoke.smoke(SANDBOX, settings(**sms)))
    assert logins == [("password", "US")]


@pytest.mark.parametrize("country", ["US", "GB", "DE", "FR", "IN", "BR"])
def test_a_made_up_number_is_one_of_its_country(country: str) -> None:
    number = phonenumbers.parse(smoke.made_up_number(country))
    assert phonenumbers.is_possible_number(number)
    assert number.country_code == phonenumbers.country_code_for_region(country)


def test_a_country_without_a_mobile_number_is_one_clear_error() -> None:
    with pytest.raises(OpsError, match="No mobile number of ZZ"):
        smoke.made_up_number("ZZ")


def test_the_tenants_limits_rest_for_a_login_by_sms_and_come_back() -> None:
    with RunningSandbox() as running:
        stage = Sandbox.read(running.ready)

        def limits() -> list[int]:
            found = running.session().get(f"{stage.control}/switches", timeout=5).json()
            return [found["passwordless_start_limit"], found["passwordless_page_limit"]]

        async def seen_meanwhile() -> list[int]:
            async with smoke._as_often_as_asked(stage):
                return await asyncio.to_thread(limits)

        before = limits()
        assert asyncio.run(seen_meanwhile()) == [0, 0] != before
        assert limits() == before
