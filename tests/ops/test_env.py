"""`python -m ops env`: what a shell can read of a stage that is up."""

import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops import up
from ops.__main__ import app
from ops.errors import OpsError
from tests.ops.samples import SANDBOX

NAMES = ("DOMAIN", "CLIENT_ID", "CLIENT_SECRET", "GATEWAY", "HANDSET", "CA", "SERVICE_LOG")
PRINT_ALL = 'eval "$0"; printf "%s\\n" ' + " ".join(f'"${name}"' for name in NAMES)


def test_a_shell_gets_the_addresses_and_the_demo_application(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the folder's name holds: a space, a quote or a command stays a name."""
    folder = tmp_path / "it's $(touch here)"
    monkeypatch.setattr(up, "running_sandbox", lambda _: SANDBOX)
    printed = CliRunner().invoke(app, ["env", "--port", "9443", "--state", str(folder)])
    assert printed.exit_code == 0, printed.output
    read = subprocess.run(
        ["bash", "-euc", PRINT_ALL, printed.stdout],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert read.stdout.splitlines() == [
        SANDBOX.domain,
        SANDBOX.demo_client,
        SANDBOX.demo_secret,
        "https://localhost:9447/sms",
        SANDBOX.handset,
        str(SANDBOX.ca),
        str(SANDBOX.service_log),
    ]
    assert list(tmp_path.iterdir()) == []


def test_without_a_stage_it_names_the_command(tmp_path: Path) -> None:
    refused = CliRunner().invoke(app, ["env", "--state", str(tmp_path / "none")])
    assert isinstance(refused.exception, OpsError)
    assert refused.exception.mend == "Run: make up"
    assert refused.stdout == ""
