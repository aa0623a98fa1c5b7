"""auth0-deploy-cli, run as its users run it: a process, an environment, files."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from sandbox.testing import RunningSandbox

from .install import modules

# It thinks for ten seconds of a core before an import begins: long, where the cores have more to do.
_SECONDS = 600
# Where it thinks longer, its own time limit for a connection passes meanwhile; then it is asked again.
_UNREACHED = "fetch failed"
_TRIES = 3
# What an import may call besides reading: a write by any other call changes the tenant.
_READS = ("GET", "HEAD", "OPTIONS")
_HISTORY = ("tenant_logs", "action_versions", "action_module_versions", "executions")


class DeployCli:
    """The tool against one tenant; its answers lie in `folder`; `settings` are more of its environment."""

    def __init__(self, sandbox: RunningSandbox, folder: Path, **settings: str) -> None:
        self._sandbox = sandbox
        self._folder = folder
        folder.mkdir(exist_ok=True)
        self._settings = settings

    def export(self, kind: str) -> Path:
        """Everything the tenant has, as `kind`: yaml or directory. What an import takes."""
        place = self._folder / kind
        place.mkdir(parents=True)
        self._run("export", "--format", kind, "--output_folder", str(place))
        return place / "tenant.yaml" if kind == "yaml" else place

    def load(self, exported: Path) -> list[str]:
        """Import what was exported; the calls that wrote, as `METHOD path`."""
        calls = self._sandbox.sandbox.calls
        before = max((call["sequence"] for call in calls.since()), default=0)
        self._run("import", "--input_file", str(exported))
        return [
            f"{call['method']} {call['path']}"
            for call in calls.since(before)
            if call["path"].startswith("/api/v2/") and call["method"] not in _READS
        ]

    def _run(self, *arguments: str) -> None:
        client = self._sandbox.ready["auth0"]
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),
            "NODE_EXTRA_CA_CERTS": str(self._sandbox.ca),
            "AUTH0_DOMAIN": client["domain"],
            "AUTH0_CLIENT_ID": client["client_id"],
            "AUTH0_CLIENT_SECRET": client["client_secret"],
            "AUTH0_AUDIENCE": self._sandbox.addresses.management_audience,
            # A 501 is an answer, and no reason to ask ten times.
            "AUTH0_API_MAX_RETRIES": "1",
            **self._settings,
        }
        for _ in range(_TRIES):
            ended = self._once(arguments, environment)
            if _UNREACHED not in ended.stdout:
                break
        assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]

    def _once(
        self, arguments: tuple[str, ...], environment: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(modules() / ".bin" / "a0deploy"), *arguments],
            env=environment,
            cwd=self._folder,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
        )


def documents(sandbox: RunningSandbox) -> dict[str, list[str]]:
    """The keys of what the tenant holds, by kind, without what only grows: logs, and versions of code."""
    return {
        kind: sorted(found)
        for kind, found in sandbox.sandbox.store.dump().items()
        if kind not in _HISTORY and found
    }


def contents(exported: Path) -> dict[str, Any]:
    """Every file of an export by its name, JSON without its members' order, to compare two of them."""
    root = exported.parent if exported.is_file() else exported
    files = (file for file in sorted(root.rglob("*")) if file.is_file())
    return {str(file.relative_to(root)): _content(file) for file in files}


def _content(file: Path) -> Any:
    return json.loads(file.read_text()) if file.suffix == ".json" else file.read_text()
