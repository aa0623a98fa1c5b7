"""The command that takes over what exists: tests/providers/test_engine.py runs one."""

import shlex

from infra.providers import importing

FORM = "urn:pulumi:dev::room::auth0-phone:index:FormHosting"
URN = f"{FORM}$auth0-phone:index:VercelProject::form-project"
PROVIDER = f"{FORM}$pulumi:providers:auth0-phone::form-vercel"


def test_the_parent_is_called_alike() -> None:
    assert importing.parent_of(URN, "-project") == f"{FORM}::form"
    assert importing.parent_of("urn:pulumi:dev::room::a:b:C::alone", "-project") == ""


def test_a_shell_reads_it_as_it_is_meant() -> None:
    imported = importing.command(URN, "prj_1", f"{FORM}::form", PROVIDER)
    assert shlex.split(imported) == [
        *("pulumi", "import", "auth0-phone:index:VercelProject", "form-project", "prj_1"),
        *("--parent", f"parent={FORM}::form", "--provider", f"provider={PROVIDER}"),
        *("--generate-code=false", "--yes", "--stack", "dev"),
    ]
    assert "--parent" not in importing.command(URN, "prj_1", "", PROVIDER)
