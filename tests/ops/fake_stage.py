"""A real stage whose Pulumi only notes what it is asked, and writes what `config set` writes."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from infra.settings import Settings
from ops.errors import OpsError

OUTPUTS = {"action_id": "a-1"}
LOGIN, OTHER = "post-login", "custom-phone-provider"
BINDING = "auth0:index/triggerAction:TriggerAction"
LIST = "auth0:index/triggerActions:TriggerActions"
FILE = """\
# Ours, since 2026.
config:
  auth0-phone:verification:
    enforcement: "off"  # until the host answers
    flow: form
"""


def binding(kind: str = BINDING, trigger: str = LOGIN, **more: Any) -> dict[str, Any]:
    return {"type": kind, "urn": f"urn:{kind}:{trigger}", "inputs": {"trigger": trigger}, **more}


@dataclass
class FakeStage:
    root: Path
    settings_: Settings
    name: str = "dev"
    state: list[dict[str, Any]] = field(default_factory=list)
    made: dict[str, Any] = field(default_factory=lambda: dict(OUTPUTS))
    fails: str = ""
    refuses: bool = False
    tried_after: list[int] = field(default_factory=list)
    interrupted: str = ""
    while_shown: Callable[[], object] = lambda: None
    ran: list[tuple[str, ...]] = field(default_factory=list)
    previewed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.file.write_text(FILE)
        self.file.chmod(0o640)

    @property
    def file(self) -> Path:
        return self.root / f"Pulumi.{self.name}.yaml"

    def settings(self) -> Settings:
        return self.settings_

    def outputs(self) -> dict[str, Any]:
        return self.made

    def resources(self) -> list[dict[str, Any]]:
        return self.state

    def asked(self, *arguments: str) -> str:
        set_, path, key, value, option, file = arguments[1:]
        assert (arguments[0], set_, path, option) == ("config", "set", "--path", "--config-file")
        assert key == "auth0-phone:verification.enforcement"
        place = Path(file)
        place.write_text(re.sub(r'enforcement: "\w+"', f'enforcement: "{value}"', place.read_text()))
        return ""

    def try_credentials(self, console: Console) -> None:
        self.tried_after.append(len(self.ran))
        if self.refuses:
            raise OpsError("The tenant does not let us in", "It answered 401.", "Set others")

    def shown(self, *arguments: str) -> None:
        self.ran.append(arguments)
        if "--config-file" in arguments:
            self.previewed.append(Path(arguments[arguments.index("--config-file") + 1]).read_text())
        self.while_shown()
        if self.interrupted == arguments[0]:
            raise KeyboardInterrupt
        if self.fails == arguments[0]:
            raise OpsError(f"`pulumi {arguments[0]}` failed", "It ended with code 1", "Mend what it names")

    @property
    def commands(self) -> list[str]:
        return [arguments[0] for arguments in self.ran]
