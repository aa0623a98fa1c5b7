"""What the sandbox cannot do for a local stage is refused before anything is deployed."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.errors import OpsError
from ops.local import LocalState
from ops.local_settings import asks_everybody, judged
from ops.services import LocalSecrets
from ops.stack import Stack
from ops.toolchain import Toolchain
from tests.ops.samples import SANDBOX, prepared, settings

URL = "https://form.localhost:9447"


def with_changes(folder: Path, **changes: Any) -> LocalState:
    """A stage whose working copy was written with some settings of its own; dots as double underscores."""
    local = prepared(folder / "state")
    tools = Toolchain(folder / "pulumi", folder, None, "3.259.0", "path")
    paths = {path.replace("__", "."): value for path, value in changes.items()}
    Stack.of(local, tools, SANDBOX, URL, paths)._write_stage_file(LocalSecrets.of(local))
    return local


def test_the_committed_stage_is_one_that_the_sandbox_can_serve(tmp_path: Path) -> None:
    found = judged(with_changes(tmp_path))
    assert found.hosting.api_url == SANDBOX.vercel_api
    assert found.hosting.is_on_loopback
    assert found.public_base_url == URL


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"phone__codeLength": 8}, "codes of 6 digits"),
        ({"hosting__kind": "external"}, "run at the sandbox's Vercel"),
        ({"brand": {"name": ""}}, "brand.name: is not set"),
    ],
)
def test_what_it_cannot_serve_is_refused(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    local = with_changes(tmp_path, **changes)
    with pytest.raises(OpsError) as refused:
        judged(local)
    assert says in refused.value.why
    assert "Pulumi.local.yaml" in refused.value.mend


def test_a_secret_in_clear_text_is_refused_by_its_name(tmp_path: Path) -> None:
    local = with_changes(tmp_path)
    stage = yaml.safe_load(local.stage_file.read_text())
    stage["config"]["auth0-phone:secrets"]["environment"]["A_KEY"] = "in-clear"
    local.stage_file.write_text(yaml.safe_dump(stage))
    with pytest.raises(OpsError) as refused:
        judged(local)
    assert "secrets.environment.A_KEY: stands in clear text" in refused.value.why
    assert "in-clear" not in refused.value.why


def test_everybody_is_asked_unless_the_stage_narrows_it() -> None:
    assert asks_everybody(settings())
