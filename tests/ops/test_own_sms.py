"""What the local stage adds to its own SMS: this machine's addresses, and nothing it says itself."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.own_sms import accounts, complete, gateway_url
from tests.ops.samples import SANDBOX

URL = "https://localhost:9447/sms"
CARRIERS = "https://localhost:9444/carriers"


def completed(**sms: Any) -> dict[str, Any]:
    complete(sms, SANDBOX, URL)
    return sms


def test_the_gateway_is_reached_on_the_forms_port_by_a_name_that_servers_resolve() -> None:
    assert gateway_url("https://form.localhost:9447") == URL


@pytest.mark.parametrize("mode", ["gateway", "provider"])
def test_gateway_demo_app_and_the_sandboxs_carriers_are_filled_in(mode: str) -> None:
    assert completed(mode=mode, carriers=["clickatell"]) == {
        "mode": mode,
        "carriers": ["clickatell"],
        "gatewayUrl": URL,
        "applications": ["demo-client"],
        "carrierUrls": {"clickatell": f"{CARRIERS}/clickatell"},
    }


@pytest.mark.parametrize("sms", [{}, {"mode": "off"}, {"mode": "off", "carriers": ["plivo"]}])
def test_a_stage_without_it_is_left_alone(sms: dict[str, Any]) -> None:
    assert completed(**sms) == sms


def test_carriers_of_countries_count_and_those_without_a_twin_in_the_sandbox_have_no_address() -> None:
    added = completed(mode="gateway", carriers=["log", "vonage"], carriersByCountry={"GB": ["plivo"]})
    assert added["carrierUrls"] == {
        "plivo": f"{CARRIERS}/plivo",
        "vonage": f"{CARRIERS}/vonage",
    }


@pytest.mark.parametrize(
    ("sms", "carriers"),
    [
        ({"mode": "gateway", "carriers": ["plivo"]}, {"plivo"}),
        ({"mode": "provider", "carriers": ["plivo", "log"]}, {"plivo"}),
        (
            {"mode": "gateway", "carriers": ["plivo"], "carriersByCountry": {"GB": ["vonage"]}},
            {"plivo", "vonage"},
        ),
        ({"mode": "off", "carriers": ["plivo"]}, set()),
        ({"carriers": ["plivo"]}, set()),
        (None, set()),
    ],
)
def test_the_gateway_gets_the_accounts_of_its_carriers_alone(sms: Any, carriers: set[str]) -> None:
    expected: dict[str, str] = {}
    for name in carriers:
        expected |= SANDBOX.carriers[name]
    assert accounts(sms, SANDBOX) == expected


def test_what_the_stage_says_itself_stays() -> None:
    said = {
        "mode": "gateway",
        "carriers": ["vonage", "plivo"],
        "gatewayUrl": "https://localhost:1/sms",
        "applications": [],
        "carrierUrls": {"vonage": "https://localhost:2"},
    }
    added = completed(**said)
    assert {name: value for name, value in added.items() if name != "carrierUrls"} == {
        name: value for name, value in said.items() if name != "carrierUrls"
    }
    assert added["carrierUrls"] == {"vonage": "https://localhost:2", "plivo": f"{CARRIERS}/plivo"}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["plivo", "gateway"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
KEYS = st.sampled_from(["mode", "carriers", "carriersByCountry", "carrierUrls", "applications"])


@given(anything | st.dictionaries(KEYS, anything))
def test_whatever_stands_there_is_left_to_the_settings_judge(sms: object) -> None:
    complete(sms, SANDBOX, URL)
