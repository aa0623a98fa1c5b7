"""Vercel's account: who may ask, projects, domains."""

import pytest

from sandbox.testing import RunningSandbox

from .vercel_driver import Vercel


def test_a_project_is_made_found_changed_and_deleted(vercel: Vercel) -> None:
    made = vercel.project("form", serverlessFunctionRegion="fra1")
    assert made["id"].startswith("prj_")
    assert (made["name"], made["serverlessFunctionRegion"], made["framework"]) == ("form", "fra1", None)
    assert made["latestDeployments"] == []
    assert made["targets"] == {}
    assert vercel.ok("GET", f"/v9/projects/{made['id']}") == vercel.ok("GET", "/v9/projects/form")
    changed = vercel.ok("PATCH", "/v9/projects/form", {"serverlessFunctionRegion": "iad1", "name": "pages"})
    assert (changed["id"], changed["serverlessFunctionRegion"]) == (made["id"], "iad1")
    assert changed["updatedAt"] > made["updatedAt"]
    assert vercel.refused("GET", "/v9/projects/form") == (404, "not_found")
    vercel.ok("DELETE", "/v9/projects/pages", expect=204)
    assert vercel.refused("GET", f"/v9/projects/{made['id']}") == (404, "not_found")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": 1},
        {"name": ""},
        {"name": "Upper"},
        {"name": "a---b"},
        {"name": "x" * 101},
        {"name": "form", "colour": "red"},
        {"name": "form", "serverlessFunctionRegion": "Frankfurt"},
        {"name": "form", "framework": 7},
        [],
        "form",
    ],
)
def test_a_project_that_vercel_would_refuse(vercel: Vercel, body: object) -> None:
    assert vercel.refused("POST", "/v11/projects", body) == (400, "bad_request")


def test_a_name_is_taken_once(vercel: Vercel) -> None:
    vercel.project("form")
    other = vercel.project("other")
    assert vercel.refused("POST", "/v11/projects", {"name": "form"}) == (409, "conflict")
    assert vercel.refused("PATCH", f"/v9/projects/{other['id']}", {"name": "form"}) == (409, "conflict")


def test_a_team_by_its_slug_is_not_silently_the_persons_own(vercel: Vercel) -> None:
    assert vercel.refused("GET", "/v9/projects/form?slug=ours") == (501, "sandbox_unknown")


def test_who_has_no_token_or_another_is_refused(vercel: Vercel) -> None:
    vercel.project("form")
    token, vercel.token = vercel.token, None
    assert vercel.refused("GET", "/v9/projects/form") == (401, "forbidden")
    vercel.token = "another"
    assert vercel.refused("GET", "/v9/projects/form") == (403, "forbidden")
    assert vercel.refused("POST", "/v2/files", data=b"x") == (403, "forbidden")
    assert str(token) not in vercel.call("GET", "/v9/projects/form").text


def test_a_team_has_projects_of_its_own(vercel: Vercel) -> None:
    own = vercel.project("form")
    vercel.team = vercel.access["team"]
    assert vercel.refused("GET", f"/v9/projects/{own['id']}") == (404, "not_found")
    shared = vercel.project("form")
    assert shared["accountId"] == vercel.team
    vercel.team = "team_of_others"
    assert vercel.refused("GET", "/v9/projects/form") == (403, "forbidden")


def test_what_it_does_not_know_is_501_and_named(vercel: Vercel) -> None:
    response = vercel.call("GET", "/v1/edge-config")
    assert response.status_code == 501
    error = response.json()["error"]
    assert error["code"] == "sandbox_unknown_endpoint"
    assert "GET /v1/edge-config" in error["message"]


def test_a_domain_belongs_to_one_project(vercel: Vercel) -> None:
    project, other = vercel.project("form"), vercel.project("other")
    made = vercel.ok("POST", "/v10/projects/form/domains", {"name": "Form.localhost"})
    assert (made["name"], made["projectId"], made["verified"]) == ("form.localhost", project["id"], True)
    again = vercel.call("POST", "/v10/projects/form/domains", {"name": "form.localhost"})
    assert again.status_code == 400
    assert again.json()["error"]["projectId"] == project["id"]
    taken = vercel.refused("POST", f"/v10/projects/{other['id']}/domains", {"name": "form.localhost"})
    assert taken == (409, "domain_already_in_use")
    assert vercel.ok("GET", "/v9/projects/form/domains")["domains"] == [made]
    assert vercel.ok("GET", "/v9/projects/form/domains/form.localhost") == made
    assert vercel.refused("GET", "/v9/projects/other/domains/form.localhost") == (404, "not_found")
    assert vercel.refused("DELETE", "/v9/projects/other/domains/form.localhost") == (404, "not_found")
    assert vercel.ok("DELETE", "/v9/projects/form/domains/form.localhost") == {}
    assert vercel.ok("GET", "/v9/projects/form/domains")["domains"] == []
    vercel.ok("POST", f"/v10/projects/{other['id']}/domains", {"name": "form.localhost"})


@pytest.mark.parametrize(
    "name", ["https://form.localhost", "form.localhost:8447", "a b", "-a.test", "a..b", ""]
)
def test_a_domain_is_a_name(vercel: Vercel, name: str) -> None:
    vercel.project("form")
    assert vercel.refused("POST", "/v10/projects/form/domains", {"name": name}) == (400, "invalid_domain")


def test_how_a_domain_resolves(vercel: Vercel, running_sandbox: RunningSandbox) -> None:
    path = "/v6/domains/form.localhost/config"
    assert vercel.ok("GET", path)["misconfigured"] is False
    running_sandbox.sandbox.switches.vercel_domains_configured = False
    assert vercel.ok("GET", path)["misconfigured"] is True


def test_a_domain_may_have_to_be_proven_first(vercel: Vercel, running_sandbox: RunningSandbox) -> None:
    vercel.project("form")
    running_sandbox.sandbox.switches.vercel_domains_verified = False
    made = vercel.ok("POST", "/v10/projects/form/domains", {"name": "form.localhost"})
    assert made["verified"] is False
    assert made["verification"][0]["domain"] == "_vercel.form.localhost"
    path = "/v9/projects/form/domains/form.localhost"
    assert vercel.refused("POST", f"{path}/verify") == (400, "missing_txt_record")
    running_sandbox.sandbox.switches.vercel_domains_verified = True
    assert vercel.ok("GET", path)["verified"] is False
    assert vercel.ok("POST", f"{path}/verify")["verified"] is True
    assert "verification" not in vercel.ok("GET", path)


def test_a_reset_empties_the_account_and_keeps_its_token(
    vercel: Vercel, running_sandbox: RunningSandbox
) -> None:
    vercel.project("form")
    running_sandbox.reset()
    assert vercel.refused("GET", "/v9/projects/form") == (404, "not_found")
    assert running_sandbox.ready["vercel"]["api"].startswith(running_sandbox.addresses.twilio)
