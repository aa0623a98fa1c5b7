"""The tenant everybody starts with, and what a reset and a move to other ports keep."""

import time

from sandbox import seed, users
from sandbox.clock import Clock
from sandbox.context import Addresses, Sandbox
from sandbox.faults import Fault
from sandbox.management.operations import scopes
from sandbox.server import create_sandbox
from sandbox.store import Doc
from sandbox.testing import memory_sandbox


def only(sandbox: Sandbox, kind: str, **members: object) -> Doc:
    (found,) = [
        doc
        for doc in sandbox.store.all(kind)
        if all(doc.get(name) == value for name, value in members.items())
    ]
    return found


def test_there_is_exactly_one_global_client(sandbox: Sandbox) -> None:
    assert only(sandbox, "clients", **{"global": True})["name"] == "All Applications"


def test_the_deployment_client_may_do_everything_the_api_offers(sandbox: Sandbox) -> None:
    api = only(sandbox, "resource_servers", is_system=True)
    assert api["identifier"] == "https://localhost:8443/api/v2/"
    offered = [scope["value"] for scope in api["scopes"]]
    assert offered == scopes()
    m2m = sandbox.store.get("seed", "m2m_client")
    assert m2m is not None
    grant = only(sandbox, "client_grants", client_id=m2m["client_id"])
    assert (grant["audience"], grant["scope"]) == (api["identifier"], offered)


def test_the_demo_app_can_use_the_database(sandbox: Sandbox) -> None:
    demo = sandbox.store.get("seed", "demo_client")
    assert demo is not None
    client = sandbox.store.get("clients", demo["client_id"])
    assert client is not None
    assert client["callbacks"] == ["https://app.localhost:8446/callback"]
    assert client["client_secret"] == demo["client_secret"]
    connection = only(sandbox, "connections", name="Username-Password-Authentication")
    assert connection["enabled_clients"] == [demo["client_id"]]


def test_twilio_has_an_account_and_a_verify_service(sandbox: Sandbox) -> None:
    account = sandbox.store.get("seed", "twilio")
    assert account is not None
    assert account["api_key"].startswith("AC")
    assert account["verify_service"].startswith("VA")
    assert len(account["api_secret"]) == 32


def test_two_tenants_share_no_credentials(sandbox: Sandbox) -> None:
    other = memory_sandbox()
    for name in ("m2m_client", "demo_client", "twilio"):
        assert sandbox.store.get("seed", name) != other.store.get("seed", name)


def test_a_reset_forgets_the_tenant_and_keeps_credentials_and_keys(sandbox: Sandbox) -> None:
    sandbox.keys.prepare()
    before = {kind: sandbox.store.dump()[kind] for kind in ("seed", "keys")}
    users.create(sandbox, seed.CONNECTION, "ada@example.com", None)
    sandbox.store.put("actions", "x", {"id": "x"})
    sandbox.clock.advance(100)
    sandbox.faults.add(Fault("status"))
    sandbox.switches.validate_token_min_life_seconds = 60
    sandbox.calls.record("auth0", "GET", "/", 200, 0, "")
    seed.reset(sandbox)
    assert sandbox.store.all("users") == sandbox.store.all("actions") == []
    assert {kind: sandbox.store.dump()[kind] for kind in ("seed", "keys")} == before
    assert sandbox.clock.offset == 0
    assert sandbox.switches.validate_token_min_life_seconds == 0
    assert sandbox.faults.describe() == sandbox.calls.since() == []


def test_a_reset_undoes_changes_to_what_was_seeded(sandbox: Sandbox) -> None:
    m2m = sandbox.store.get("seed", "m2m_client")
    assert m2m is not None
    sandbox.store.delete("clients", m2m["client_id"])
    seed.reset(sandbox)
    client = sandbox.store.get("clients", m2m["client_id"])
    assert client is not None
    assert client["client_secret"] == m2m["client_secret"]


def test_a_reset_takes_less_than_50_milliseconds(sandbox: Sandbox) -> None:
    for number in range(200):
        sandbox.store.put("clients", f"c{number}", {"client_id": f"c{number}"})
    began = time.process_time()
    seed.reset(sandbox)
    assert time.process_time() - began < 0.05


def test_a_start_on_other_ports_moves_what_names_the_old_ones(sandbox: Sandbox) -> None:
    moved = create_sandbox(
        sandbox.store,
        Addresses(
            "localhost:9443",
            "https://localhost:9444",
            "https://h:9445",
            "https://app.localhost:9446",
            "https://form.localhost:9447",
        ),
    )
    seed.resume(moved)
    assert only(moved, "resource_servers", is_system=True)["identifier"] == "https://localhost:9443/api/v2/"
    assert only(moved, "client_grants")["audience"] == "https://localhost:9443/api/v2/"
    demo = moved.store.get("seed", "demo_client")
    assert demo is not None
    client = moved.store.get("clients", demo["client_id"])
    assert client is not None
    assert client["callbacks"] == ["https://app.localhost:9446/callback"]


def test_a_start_on_the_same_ports_changes_nothing(sandbox: Sandbox) -> None:
    m2m = sandbox.store.get("seed", "demo_client")
    assert m2m is not None
    client = sandbox.store.get("clients", m2m["client_id"])
    assert client is not None
    sandbox.store.put("clients", client["client_id"], {**client, "callbacks": ["https://mine.example/cb"]})
    before = sandbox.store.dump()
    seed.resume(sandbox)
    assert sandbox.store.dump() == before


def test_scopes_that_came_since_are_granted_and_others_are_not_given_back(sandbox: Sandbox) -> None:
    api, grant = only(sandbox, "resource_servers", is_system=True), only(sandbox, "client_grants")
    older = [scope for scope in api["scopes"] if scope["value"] != "read:roles"]
    taken = [scope for scope in grant["scope"] if scope not in ("read:roles", "delete:users")]
    sandbox.store.put("resource_servers", api["id"], {**api, "scopes": older})
    sandbox.store.put("client_grants", grant["id"], {**grant, "scope": taken})
    seed.resume(sandbox)
    offered = {scope["value"] for scope in only(sandbox, "resource_servers", is_system=True)["scopes"]}
    assert offered == set(scopes())
    assert set(only(sandbox, "client_grants")["scope"]) == set(scopes()) - {"delete:users"}


def test_a_clock_may_start_ahead() -> None:
    assert Clock(60).now() - Clock().now() > 59
