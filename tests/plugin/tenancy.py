"""A stack that declares one module of `declared`, on a tenant in the sandbox."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from sandbox.testing import RunningSandbox
from tests.toolchain.engine_room import EngineRoom

_ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = """
import sys
sys.path.insert(0, {root!r})
import pulumi
from tests.plugin.declared import {module}

{module}.declare(pulumi.Config().get_bool("later") or False)
"""
# Kinds that a destroy leaves: the log, and what the API can empty and not remove.
_LEFT = ("tenant_logs", "settings", "email_templates", "custom_texts", "partials", "bindings")
# What Pulumi calls the steps that leave a resource as it is.
_UNCHANGED = ("same", "read", "refresh")


@dataclass
class Tenancy:
    room: EngineRoom
    tenant: RunningSandbox
    module: str

    @classmethod
    def at(cls, room: EngineRoom, tenant: RunningSandbox, module: str) -> "Tenancy":
        room.env.update(
            {
                "AUTH0_DOMAIN": tenant.addresses.auth0,
                "AUTH0_CLIENT_ID": tenant.ready["auth0"]["client_id"],
                "AUTH0_CLIENT_SECRET": tenant.ready["auth0"]["client_secret"],
                "SSL_CERT_FILE": str(tenant.ca),
            }
        )
        room.program(_PROGRAM.format(root=str(_ROOT), module=module))
        made = cls(room, tenant, module)
        made.done("stack", "init", "dev")
        return made

    def done(self, *arguments: str) -> str:
        ran = self.room.pulumi(*arguments)
        assert ran.returncode == 0, ran.stdout
        return ran.stdout

    def up(self) -> dict[str, set[str]]:
        """Deploy; which of the plugin's resources were created, changed and so on."""
        return self._steps("up", "--yes", "--skip-preview")

    def refresh(self) -> dict[str, set[str]]:
        """Read everything again; what came back otherwise than it was put there."""
        return self._steps("refresh", "--yes", "--skip-preview")

    def later(self) -> None:
        """From now on the declaration as it was changed."""
        self.done("config", "set", "later", "true", "--stack", "dev")

    def destroy(self) -> None:
        self.done("destroy", "--yes", "--skip-preview", "--stack", "dev")

    def resources(self) -> list[dict[str, Any]]:
        """The plugin's resources in the stack's state."""
        state = json.loads(self.done("stack", "export", "--stack", "dev"))
        known = state["deployment"].get("resources", [])
        return [each for each in known if each["type"].startswith("auth0:")]

    def adopt(self) -> dict[str, set[str]]:
        """Import all of it into a second stack, by type, name and id; what deploying there would change."""
        wanted = [
            {"type": each["type"], "name": each["urn"].rpartition("::")[2], "id": each["id"]}
            for each in self.resources()
        ]
        file = self.room.folder / "import.json"
        file.write_text(json.dumps({"resources": wanted}))
        self.done("stack", "init", "second")
        self.done("config", "set", "later", "true", "--stack", "second")
        flags = ("--yes", "--skip-preview", "--protect=false", "--generate-code=false")
        self.done("import", "--file", str(file), *flags, "--stack", "second")
        steps = json.loads(self.done("preview", "--stack", "second", "--json"))["steps"]
        return _changing(steps)

    def documents(self) -> dict[str, set[str]]:
        """The ids of the tenant's documents by kind: what must be as it was after a destroy."""
        session: requests.Session = self.tenant.session()
        with session:
            state = session.get(f"{self.tenant.url}/_sandbox/state", timeout=10).json()
        return {kind: set(kept) for kind, kept in state.items() if kept and kind not in _LEFT}

    def _steps(self, *arguments: str) -> dict[str, set[str]]:
        said = self.done(*arguments, "--stack", "dev", "--json").splitlines()
        steps = [json.loads(line).get("resourcePreEvent", {}).get("metadata", {}) for line in said]
        return _changing(step for step in steps if step)


def _changing(steps: Iterable[Mapping[str, Any]]) -> dict[str, set[str]]:
    """The names of the plugin's resources by what is done to them, as far as that changes anything."""
    found: dict[str, set[str]] = {}
    for step in steps:
        _, kind, name = step["urn"].rsplit("::", 2)
        if kind.startswith("auth0:") and step["op"] not in _UNCHANGED:
            found.setdefault(step["op"], set()).add(name)
    return found
