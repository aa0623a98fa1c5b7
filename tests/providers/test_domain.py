"""A domain of a project: one project's alone, and told as unfinished until it is proven."""

import pytest

from sandbox.faults import Fault
from sandbox.testing import RunningSandbox

from .engine_side import Provider, RefusedError

pytestmark = pytest.mark.anyio
KIND = "VercelDomain"


@pytest.fixture
async def project(provider: Provider) -> str:
    id_, _ = await provider.create("VercelProject", {"name": "auth0-phone-dev", "region": ""})
    return id_


def domains(vercel: RunningSandbox) -> dict[str, str]:
    return {doc["name"]: doc["projectId"] for doc in vercel.sandbox.store.all("vercel_domains")}


async def test_a_domain_lives_and_ends(provider: Provider, vercel: RunningSandbox, project: str) -> None:
    inputs = {"projectId": project, "domain": "form.localhost"}
    id_, state = await provider.create(KIND, inputs)
    assert id_ == f"{project}/form.localhost"
    assert domains(vercel) == {"form.localhost": project}
    assert await provider.read(KIND, id_, {}) == (id_, inputs, inputs)
    again, _ = await provider.create(KIND, inputs)
    assert again == id_
    await provider.delete(KIND, id_, state)
    assert domains(vercel) == {}
    assert (await provider.read(KIND, id_, state))[0] == ""
    await provider.delete(KIND, id_, state)


async def test_a_lost_answer_adds_no_second_domain(
    provider: Provider, vercel: RunningSandbox, project: str
) -> None:
    vercel.sandbox.faults.add(Fault("reset_after_apply", "*", "POST", "*/domains"))
    await provider.create(KIND, {"projectId": project, "domain": "form.localhost"})
    assert domains(vercel) == {"form.localhost": project}


async def test_a_domain_of_another_project_is_refused_in_plain_words(
    provider: Provider, project: str
) -> None:
    other, _ = await provider.create("VercelProject", {"name": "another", "region": ""})
    await provider.create(KIND, {"projectId": other, "domain": "form.localhost"})
    with pytest.raises(RefusedError, match=r"form.localhost belongs to another project.*publicBaseUrl"):
        await provider.create(KIND, {"projectId": project, "domain": "form.localhost"})


async def test_another_domain_is_made_first_and_another_project_is_not(
    provider: Provider, project: str
) -> None:
    id_, state = await provider.create(KIND, {"projectId": project, "domain": "form.localhost"})
    renamed = await provider.diff(KIND, id_, state, {**state, "domain": "new.localhost"})
    assert (list(renamed.replaces), renamed.deleteBeforeReplace) == (["domain"], False)
    moved = await provider.diff(KIND, id_, state, {**state, "projectId": "prj_2"})
    assert (list(moved.replaces), moved.deleteBeforeReplace) == (["projectId"], True)


async def test_an_unproven_domain_is_kept_and_says_what_to_set(
    provider: Provider, vercel: RunningSandbox, project: str
) -> None:
    vercel.sandbox.switches.vercel_domains_verified = False
    inputs = {"projectId": project, "domain": "form.example.com"}
    with pytest.raises(RefusedError, match=r"TXT _vercel\.\S+ \S+") as refused:
        await provider.create(KIND, inputs)
    id_ = f"{project}/form.example.com"
    assert refused.value.kept == (id_, inputs)
    with pytest.raises(RefusedError, match=r"a proof that form\.example\.com is yours"):
        await provider.update(KIND, id_, inputs, inputs)
    vercel.sandbox.switches.vercel_domains_verified = True
    assert await provider.update(KIND, id_, inputs, inputs) == inputs
    assert (vercel.sandbox.store.get("vercel_domains", "form.example.com") or {})["verified"]


async def test_a_name_that_leads_elsewhere_is_a_warning_with_the_record(
    provider: Provider, vercel: RunningSandbox, project: str
) -> None:
    config = {"misconfigured": True, "recommendedCNAME": [{"rank": 1, "value": "abc.vercel-dns-016.com."}]}
    vercel.sandbox.faults.add(Fault("status", "*", "GET", "*/config", status=200, body=config))
    await provider.create(KIND, {"projectId": project, "domain": "form.localhost"})
    (warning,) = provider.told.warnings
    assert "form.localhost CNAME abc.vercel-dns-016.com." in warning


@pytest.mark.parametrize(
    "domain", ["form.example.com:443", "https://form.example.com", "Form.example.com", ""]
)
async def test_what_is_no_host_is_refused(domain: str) -> None:
    _, wrong = await Provider().check(KIND, {"projectId": "prj_1", "domain": domain})
    assert list(wrong) == ["domain"]


async def test_an_id_without_its_project_says_how_it_looks(provider: Provider) -> None:
    with pytest.raises(RefusedError, match="<project id>/<domain>"):
        await provider.read(KIND, "form.localhost", {})


async def test_an_import_may_name_the_project(provider: Provider, project: str) -> None:
    inputs = {"projectId": project, "domain": "form.localhost"}
    id_, _ = await provider.create(KIND, inputs)
    assert await provider.read(KIND, "auth0-phone-dev/form.localhost", {}) == (id_, inputs, inputs)


async def test_a_domain_of_another_team_is_refused_in_plain_words(
    provider: Provider, vercel: RunningSandbox, project: str
) -> None:
    body = {"error": {"code": "forbidden", "message": "You don't have access to form.example.com"}}
    vercel.sandbox.faults.add(Fault("status", "*", "POST", "*/domains", status=403, body=body))
    with pytest.raises(RefusedError, match=r"form\.example\.com belongs to another team") as refused:
        await provider.create(KIND, {"projectId": project, "domain": "form.example.com"})
    assert "publicBaseUrl" in str(refused.value)
    assert "export VERCEL_TOKEN" not in str(refused.value)
