"""The workflows, run: a pull request, main to dev and prod, a change by hand, and the way back."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.ci.forge import Outcome
from tests.ci.login import form_page
from tests.ci.world import HOSTS, TENANTS, World, world
from tests.journey.stage import OURS

pytestmark = pytest.mark.engine
PULL = 7


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("ci")) as found:
        yield found


def went_well(outcome: Outcome, team: World) -> Outcome:
    """Every job did, and nothing that was published holds a secret."""
    assert set(outcome.results.values()) == {"success"}, f"{outcome.results}\n{outcome.told}"
    texts = [each["body"] for each in (*team.known["comments"], *team.known["issues"])]
    published = "\n".join([outcome.told, *texts])
    assert [secret for secret in team.secrets if secret in published] == []
    return outcome


def test_from_a_pull_request_to_prod_and_back_to_order(team: World) -> None:
    a_pull_request_is_previewed(team)
    main_reaches_dev_then_prod(team)
    people_can_log_in(team)
    somebody_changes_prod_by_hand(team)
    a_deployment_mends_it(team)
    a_failure_is_no_drift(team)


def a_pull_request_is_previewed(team: World) -> None:
    """Both stages in one comment, which a second run edits."""
    asked, state = team.forge.pull_request(PULL, base=team.forge.head()), team.state()
    outcome = went_well(team.run("preview", asked), team)
    assert team.state() == state, "a preview needs more than a role that reads"
    assert sorted(team.gates) == ["dev-preview", "prod-preview"]
    (comment,) = team.known["comments"]
    assert comment["pull"] == str(PULL)
    assert re.findall(r"^### (\w+)$", comment["body"], flags=re.MULTILINE) == ["dev", "prod"]
    for name, tenant in TENANTS.items():
        assert f'domain    : "{tenant}"' in comment["body"]
        assert team.tenant(name).bindings() == [], "a preview has written something"
    assert comment["body"].count("+ auth0:index/action:Action: (create)") == 2
    assert outcome.results["comment"] == "success"
    team.run("preview", asked, only="comment")
    assert len(team.known["comments"]) == 1
    assert team.known["calls"][-1]["command"][:3] == ["api", "--method", "PATCH"]


def main_reaches_dev_then_prod(team: World) -> None:
    """Dev at once; prod in its own environment, whose approval finds dev deployed, and prod as it was."""
    team.gates.clear()
    seen: dict[str, Any] = {}

    def entered(environment: str) -> None:
        team.gates.append(environment)
        seen[environment] = {name: team.tenant(name).bindings() for name in TENANTS}

    team.forge.entered = entered
    team.forge.variables = {"UPDATE_PLAN": "true"}
    outcome = went_well(team.run("deploy", team.forge.event("push")), team)
    assert team.gates == ["dev", "prod-preview", "prod"]
    assert seen["prod"] == {"dev": [OURS], "prod": []}
    assert "+ auth0:index/action:Action: (create)" in outcome.summaries
    for job, name in (("first", "dev"), ("last", "prod")):
        assert f"https://{HOSTS[name]}/healthz proves that it holds" in outcome.of(job, "Smoke").output
        assert team.tenant(name).bindings() == [OURS]
    assert "plan.json" in str(list((team.forge.artifacts / "plan").iterdir()))


def people_can_log_in(team: World) -> None:
    """The Action that was deployed leads to the host that was deployed, and that opens what it was sent."""
    for name in TENANTS:
        page = form_page(team.tenant(name), HOSTS[name], team.port(name), team.authority)
        assert "23" in page, page
        assert "/send" in page


def somebody_changes_prod_by_hand(team: World) -> None:
    """Unbound, and its code edited: the night finds both, in prod alone, and tells it in one issue."""
    tenant = team.tenant("prod")
    path = f"/actions/actions/{tenant.actions()[OURS]}"
    tenant.management("PATCH", path, {"code": "exports.onExecutePostLogin = async () => {};"})
    tenant.bind()
    state = team.state()
    outcome = went_well(team.run("drift", team.forge.event("schedule")), team)
    assert team.state() == state
    assert outcome.of("stage (dev)", "Compare").code == 0
    (issue,) = team.known["issues"]
    assert re.findall(r"^### (\w+)$", issue["body"], flags=re.MULTILINE) == ["prod"]
    assert "exports.onExecutePostLogin = async () => {};" in issue["body"]
    assert "phone-verification-membership" in issue["body"]
    team.run("drift", team.forge.event("schedule"), only="issue")
    assert len(team.known["issues"]) == 1
    assert team.known["calls"][-1]["command"][:2] == ["issue", "edit"]


def a_deployment_mends_it(team: World) -> None:
    """Somebody runs the job of prod again, without a plan; the next night finds nothing."""
    team.forge.variables = {}
    calls = len(team.known["calls"])
    again = team.forge.event("workflow_dispatch", inputs={"plan": False})
    went_well(team.run("deploy", again, only="last"), team)
    assert team.tenant("prod").bindings() == [OURS]
    outcome = went_well(team.run("drift", team.forge.event("schedule")), team)
    assert outcome.of("stage (prod)", "Compare").code == 0
    assert "No drift." in outcome.summaries
    assert len(team.known["calls"]) == calls


def a_failure_is_no_drift(team: World) -> None:
    """Another team's Action, which the stage does not place, stops dev's preview: its job fails."""
    calls = len(team.known["calls"])
    dev = team.tenant("dev")
    dev.bind((dev.actions()[OURS], OURS), (dev.make_action("stranger"), "stranger"))
    outcome = team.run("drift", team.forge.event("schedule"))
    assert outcome.results["stage (dev)"] == "failure"
    assert outcome.results["stage (prod)"] == outcome.results["issue"] == "success"
    assert "'stranger'" in outcome.of("stage (dev)", "Compare").output
    assert len(team.known["calls"]) == calls
