"""Log streams: their types, what Auth0 adds, and what a change keeps."""

from typing import Any

import pytest

from .tenant_driver import Tenant, problem

SINKS: dict[str, dict[str, Any]] = {
    "http": {"httpEndpoint": "https://example.com/logs", "httpAuthorization": "secret"},
    "eventbridge": {"awsAccountId": "999999999999", "awsRegion": "us-west-2"},
    "eventgrid": {
        "azureSubscriptionId": "b69a6835-57c7-4d53-b0d5-1c6ae580b6d5",
        "azureRegion": "northeurope",
        "azureResourceGroup": "logs",
    },
    "datadog": {"datadogApiKey": "121233123455", "datadogRegion": "us"},
    "splunk": {"splunkDomain": "x.com", "splunkPort": "8088", "splunkToken": "t", "splunkSecure": True},
    "sumo": {"sumoSourceAddress": "x.sumo.com"},
    "segment": {"segmentWriteKey": "key"},
    "mixpanel": {
        "mixpanelRegion": "us",
        "mixpanelProjectId": "1",
        "mixpanelServiceAccountUsername": "user",
        "mixpanelServiceAccountPassword": "password",
    },
}
DATADOG = {"name": "logs", "type": "datadog", "sink": SINKS["datadog"]}
FILTERS = [{"type": "category", "name": "auth.login.fail"}]


@pytest.fixture
def tenant() -> Tenant:
    return Tenant()


@pytest.mark.parametrize("kind", SINKS)
def test_each_type_comes_back_as_it_was_made(tenant: Tenant, kind: str) -> None:
    made = tenant.post("/log-streams", {"name": kind, "type": kind, "sink": SINKS[kind]}, 200)
    assert made["id"].startswith("lst_")
    assert len(made["id"]) == 20
    assert (made["status"], made["isPriority"]) == ("active", False)
    assert SINKS[kind].items() <= made["sink"].items()
    assert tenant.get(f"/log-streams/{made['id']}") == made
    assert tenant.get("/log-streams") == [made]
    tenant.delete(f"/log-streams/{made['id']}")
    assert tenant.get(f"/log-streams/{made['id']}", 404)["statusCode"] == 404


@pytest.mark.parametrize(
    ("kind", "member"), [("eventbridge", "awsPartnerEventSource"), ("eventgrid", "azurePartnerTopic")]
)
def test_a_partner_s_side_is_named_by_auth0_and_can_not_be_changed(
    tenant: Tenant, kind: str, member: str
) -> None:
    made = tenant.post("/log-streams", {"name": "a", "type": kind, "sink": SINKS[kind]}, 200)
    assert made["sink"][member].startswith(("aws.partner/auth0.com/", "azure.partner/auth0.com/"))
    tenant.patch(f"/log-streams/{made['id']}", {"sink": SINKS[kind]}, 400)
    renamed = tenant.patch(f"/log-streams/{made['id']}", {"name": "b"})
    assert (renamed["name"], renamed["sink"]) == ("b", made["sink"])


@pytest.mark.parametrize("kind", SINKS)
def test_each_type_needs_its_own_members(tenant: Tenant, kind: str) -> None:
    first = next(iter(SINKS[kind]))
    rest = {name: value for name, value in SINKS[kind].items() if name != first}
    answer = tenant.post("/log-streams", {"name": "a", "type": kind, "sink": rest}, 400)
    assert problem(answer) == f"'Missing required property: {first}' on property sink."
    foreign = {**SINKS[kind], "wrong": "x"}
    answer = tenant.post("/log-streams", {"name": "a", "type": kind, "sink": foreign}, 400)
    assert problem(answer) == "'Additional properties not allowed: wrong' on property sink."


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"type": "kafka"}, "'No enum match for: kafka' on property type."),
        (
            {"filters": [{"type": "category", "name": "x"}]},
            "'No enum match for: x' on property filters[0].name.",
        ),
        (
            {"pii_config": {"log_fields": ["x"]}},
            "'No enum match for: x' on property pii_config.log_fields[0].",
        ),
        ({"pii_config": {}}, "'Missing required property: log_fields' on property pii_config."),
        ({"color": "red"}, "'Additional properties not allowed: color'."),
    ],
)
def test_what_no_type_takes_is_refused(tenant: Tenant, change: dict[str, Any], message: str) -> None:
    assert problem(tenant.post("/log-streams", {**DATADOG, **change}, 400)) == message


def test_personal_data_is_hashed_unless_told_otherwise(tenant: Tenant) -> None:
    made = tenant.post("/log-streams", {**DATADOG, "pii_config": {"log_fields": ["email"]}}, 200)
    assert made["pii_config"] == {"log_fields": ["email"], "method": "hash", "algorithm": "xxhash"}
    path = f"/log-streams/{made['id']}"
    changed = tenant.patch(path, {"pii_config": {"log_fields": ["phone"], "method": "mask"}})
    assert changed["pii_config"] == {"log_fields": ["phone"], "method": "mask", "algorithm": "xxhash"}
    assert "pii_config" not in tenant.patch(path, {"name": "other"})
    assert "pii_config" not in tenant.get(path)


def test_filters_stay_until_they_are_emptied(tenant: Tenant) -> None:
    made = tenant.post("/log-streams", DATADOG, 200)
    assert "filters" not in made
    path = f"/log-streams/{made['id']}"
    assert tenant.patch(path, {"filters": FILTERS})["filters"] == FILTERS
    assert tenant.patch(path, {"status": "paused"})["filters"] == FILTERS
    assert tenant.get(path)["status"] == "paused"
    assert "filters" not in tenant.patch(path, {"filters": []})


def test_a_sink_is_replaced_as_a_whole_but_for_a_password(tenant: Tenant) -> None:
    http = tenant.post("/log-streams", {"name": "a", "type": "http", "sink": SINKS["http"]}, 200)
    changed = tenant.patch(f"/log-streams/{http['id']}", {"sink": {"httpEndpoint": "https://b.com"}})
    assert changed["sink"] == {"httpEndpoint": "https://b.com"}
    mixpanel = tenant.post("/log-streams", {"name": "a", "type": "mixpanel", "sink": SINKS["mixpanel"]}, 200)
    sink = {name: value for name, value in SINKS["mixpanel"].items() if not name.endswith("Password")}
    changed = tenant.patch(f"/log-streams/{mixpanel['id']}", {"sink": sink})
    assert changed["sink"] == SINKS["mixpanel"]


def test_only_a_patch_sets_the_status(tenant: Tenant) -> None:
    tenant.post("/log-streams", {**DATADOG, "status": "paused"}, 400)
    made = tenant.post("/log-streams", {**DATADOG, "startFrom": "2026-01-01T00:00:00.000Z"}, 200)
    assert "startFrom" not in made
    assert tenant.patch(f"/log-streams/{made['id']}", {"isPriority": True})["isPriority"] is True
    tenant.patch(f"/log-streams/{made['id']}", {"type": "http"}, 400)
