"""/custom-domains: made, changed, proven, made the default."""

import re
from typing import Any

import pytest
from auth0.management import types

from .management_driver import Json, Management

PATH = "/custom-domains"
MANAGED = {"domain": "login.shop.example", "type": "auth0_managed_certs"}
OWN = {"domain": "own.shop.example", "type": "self_managed_certs"}


@pytest.fixture
def api() -> Management:
    return Management()


def one(domain: Json) -> str:
    return f"{PATH}/{domain['custom_domain_id']}"


def test_a_domain_whose_certificate_auth0_manages(api: Management) -> None:
    made = api.post(PATH, MANAGED)
    types.CreateCustomDomainResponseContent.model_validate(made)
    assert re.fullmatch(r"cd_[A-Za-z0-9]{16}", made["custom_domain_id"])
    (method,) = made["verification"]["methods"]
    assert (method["name"], method["domain"]) == ("CNAME", MANAGED["domain"])
    assert method["record"].startswith("localhost-cd-")
    assert made == {
        **MANAGED,
        "custom_domain_id": made["custom_domain_id"],
        "primary": True,
        "is_default": False,
        "status": "pending_verification",
        "verification": made["verification"],
        "tls_policy": "recommended",
        "created_at": made["created_at"],
    }
    assert api.get(one(made)) == made


def test_a_domain_with_a_certificate_of_one_s_own(api: Management) -> None:
    made = api.post(PATH, OWN)
    (method,) = made["verification"]["methods"]
    assert (method["name"], method["domain"]) == ("TXT", "_cf-custom-hostname.own.shop.example")
    assert made["custom_client_ip_header"] is None
    assert "tls_policy" not in made
    changed = api.patch(one(made), {"custom_client_ip_header": "true-client-ip"})
    assert changed["custom_client_ip_header"] == "true-client-ip"
    assert api.patch(one(made), {"custom_client_ip_header": None}) == made


def test_only_the_first_one_is_primary(api: Management) -> None:
    first, second = api.post(PATH, MANAGED), api.post(PATH, OWN)
    assert (first["primary"], second["primary"]) == (True, False)
    assert api.get(PATH) == [first, second]


def test_a_list_is_bare_unless_it_is_asked_for_by_checkpoint(api: Management) -> None:
    first, second = api.post(PATH, MANAGED), api.post(PATH, OWN)
    assert api.get(f"{PATH}?include_totals=true&per_page=1") == [first, second]
    page = api.get(f"{PATH}?take=1")
    assert page["custom_domains"] == [first]
    assert api.get(f"{PATH}?take=1&from={page['next']}") == {"custom_domains": [second]}


def test_domains_can_be_searched_for(api: Management) -> None:
    first = api.post(PATH, {**MANAGED, "domain_metadata": {"team": "a"}})
    second = api.post(PATH, OWN)
    api.post(f"{one(second)}/verify")

    def found(query: str) -> list[str]:
        return [domain["domain"] for domain in api.get(f"{PATH}?{query}")["custom_domains"]]

    assert found("q=domain:login*") == found("q=domain_metadata.team:a") == [first["domain"]]
    assert found("q=status:ready") == [second["domain"]]
    assert found("take=5&q=domain:login*%20AND%20status:ready") == []
    assert found("take=5&sort=domain:-1") == [second["domain"], first["domain"]]


def test_a_name_can_be_added_once(api: Management) -> None:
    api.post(PATH, MANAGED)
    assert api.post(PATH, {**OWN, "domain": MANAGED["domain"]}, 409)["errorCode"] == "custom_domain_conflict"


def test_metadata_change_key_by_key(api: Management) -> None:
    made = api.post(PATH, {**MANAGED, "domain_metadata": {"a": "1", "b": "2"}})
    changed = api.patch(one(made), {"domain_metadata": {"a": "3", "b": None}})
    assert changed["domain_metadata"] == {"a": "3"}
    many = {f"k{number}": "v" for number in range(10)}
    assert "maximum 10" in api.refused("PATCH", one(made), {"domain_metadata": many})
    assert api.get(one(made)) == changed


def test_the_relying_party_goes_by_null(api: Management) -> None:
    made = api.post(PATH, {**MANAGED, "relying_party_identifier": "shop.example"})
    assert made["relying_party_identifier"] == "shop.example"
    assert "relying_party_identifier" not in api.patch(one(made), {"relying_party_identifier": None})


@pytest.mark.parametrize("body", [MANAGED, OWN])
def test_a_proof_is_found_and_its_key_told_once(api: Management, body: dict[str, Any]) -> None:
    made = api.post(PATH, body)
    assert api.post(f"{one(made)}/test", None, 200)["success"] is False
    proven = api.post(f"{one(made)}/verify")
    types.VerifyCustomDomainResponseContent.model_validate(proven)
    assert (proven["status"], proven["verification"]["status"]) == ("ready", "verified")
    assert re.fullmatch("[0-9a-f]{64}", proven["cname_api_key"])
    assert ("certificate" in proven, "origin_domain_name" in proven) == (body is MANAGED, body is OWN)
    shown = api.get(one(made))
    assert shown == {name: value for name, value in proven.items() if name != "cname_api_key"}
    api.sandbox.clock.advance(3600)
    assert api.post(f"{one(made)}/verify") == shown
    assert api.post(f"{one(made)}/test", None, 200) == {"success": True}


def test_the_default_is_a_proven_domain_or_the_tenant_s_own(api: Management) -> None:
    default = f"{PATH}/default"
    own = api.get(default)["domain"]
    made, other = api.post(PATH, MANAGED), api.post(PATH, OWN)
    refused = api.patch(default, {"domain": MANAGED["domain"]}, 400)
    assert (refused["errorCode"], refused["message"]) == (
        "invalid_body",
        "The domain must be verified before it can be set as default.",
    )
    for domain in (made, other):
        api.post(f"{one(domain)}/verify")
        chosen = api.patch(default, {"domain": domain["domain"]})
        assert (chosen["domain"], chosen["is_default"], chosen["primary"]) == (domain["domain"], True, True)
        assert api.get(default) == chosen
    assert [domain["is_default"] for domain in api.get(PATH)] == [False, True]
    assert api.patch(default, {"domain": own})["domain"] == own
    assert not any(domain["is_default"] for domain in api.get(PATH))


def test_what_is_removed_is_gone(api: Management) -> None:
    made = api.post(PATH, MANAGED)
    api.delete(one(made))
    assert api.get(one(made), 404)["errorCode"] == "inexistent_custom_domain"
    assert api.get(PATH) == []


@pytest.mark.parametrize(
    "body",
    [
        {"domain": "login.shop.example"},
        {**MANAGED, "type": "no_certs"},
        {**MANAGED, "domain": "https://login.shop.example"},
        {**MANAGED, "domain": "localhost"},
        {**MANAGED, "tls_policy": "weak"},
        {**OWN, "custom_client_ip_header": "x-my-ip"},
        {**MANAGED, "domain_metadata": {"a": 1}},
        {**MANAGED, "domain_metadata": {"a": "x" * 256}},
    ],
)
def test_what_is_not_a_domain_is_refused(api: Management, body: dict[str, Any]) -> None:
    assert "Payload validation error: " in api.refused("POST", PATH, body)
    assert api.get(PATH) == []
