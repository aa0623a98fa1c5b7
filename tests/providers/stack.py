"""A small Pulumi program with our resources, and the real engine that runs it against a sandbox."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.testing import RunningSandbox
from tests.toolchain.engine_room import EngineRoom

from . import service

ROOT = Path(__file__).resolve().parents[2]
SECRET = "canary-value-of-a-variable-7391"
_PROGRAM = """
import json, pathlib, sys
sys.path.insert(0, {root!r})
import pulumi
from infra.providers import vercel

told = json.loads(pathlib.Path({told!r}).read_text())
form = pulumi.ComponentResource("auth0-phone:index:FormHosting", "form")
account = vercel.VercelProvider("form-vercel", api_url=told["api"], opts=pulumi.ResourceOptions(parent=form))
ours = pulumi.ResourceOptions(provider=account, parent=form)
project = vercel.VercelProject("form-project", name="auth0-phone-dev", region=told["region"], opts=ours)
domain = vercel.VercelDomain("form-domain", project_id=project.id, domain="form.localhost", opts=ours)
environment = vercel.VercelEnvironment("form-environment", project_id=project.id,
    variables={{name: pulumi.Output.secret(value) for name, value in told["variables"].items()}}, opts=ours)
deployment = vercel.VercelDeployment("form-deployment", project_id=project.id, files=told["files"],
    environment_revision=environment.revision, health_url=told["health"], keep=told["keep"],
    opts=pulumi.ResourceOptions.merge(ours, pulumi.ResourceOptions(depends_on=[domain])))
pulumi.export("project", project.id)
pulumi.export("deployment", deployment.deployment_id)
pulumi.export("build", deployment.build)
"""
_LAUNCHER = """#!{python}
import sys
sys.path.insert(0, {root!r})
from infra.providers.main import main
sys.exit(main())
"""


@dataclass
class Stack:
    """`told` is what the program declares; `seen` is all that any command has printed."""

    room: EngineRoom
    vercel: RunningSandbox
    told: dict[str, Any]
    seen: list[str] = field(default_factory=list)

    @classmethod
    def at(cls, room: EngineRoom, vercel: RunningSandbox) -> "Stack":
        """The stack `dev` in a room of its own, nothing deployed, with the provider on PATH.

        Its program declares what `FormHosting` does, by the same names.
        """
        launcher = room.folder / "bin" / "pulumi-resource-auth0-phone"
        launcher.parent.mkdir()
        launcher.write_text(_LAUNCHER.format(python=sys.executable, root=str(ROOT)))
        launcher.chmod(0o755)
        ours = {
            "PATH": os.pathsep.join([str(launcher.parent), room.env["PATH"]]),
            "SSL_CERT_FILE": str(vercel.ca),
            "VERCEL_TOKEN": vercel.ready["vercel"]["token"],
            "AUTH0_PHONE_BLOBS": str(room.folder / "blobs"),
        }
        room.env.update(ours)
        room.program(_PROGRAM.format(root=str(ROOT), told=str(room.folder / "told.json")))
        address = f"https://form.localhost:{vercel.ready['vercel']['port']}"
        told = {
            "api": vercel.ready["vercel"]["api"],
            "region": "",
            "variables": {"GREETING": "hello", "TOP_SECRET": SECRET},
            "files": {},
            "health": f"{address}/healthz",
            "keep": 1,
        }
        made = cls(room, vercel, told)
        made.serve("first")
        return made

    def serve(self, word: str) -> None:
        """Declare another service."""
        self.told["files"] = service.publish(service.files(word), self.room.folder / "blobs")

    def run(self, *arguments: str, fails: bool = False) -> str:
        """What a command printed; it has to end well, or with `fails` badly."""
        (self.room.folder / "told.json").write_text(json.dumps(self.told))
        done = self.room.pulumi(*arguments)
        self.seen.append(done.stdout)
        assert (done.returncode != 0) is fails, done.stdout
        return done.stdout

    def up(self) -> dict[str, Any]:
        """The stack's outputs afterwards."""
        self.run("up", "--yes", "--skip-preview")
        return self.outputs()

    def outputs(self) -> dict[str, Any]:
        found: dict[str, Any] = self.resource("room-dev")["outputs"]
        return found

    def steps(self, *arguments: str) -> dict[str, str]:
        """What a preview would do to which resource; those that stay are left out."""
        planned = json.loads(self.run("preview", "--json", *arguments))
        named = {step["urn"].rpartition("::")[2]: step["op"] for step in planned["steps"]}
        return {name: how for name, how in named.items() if how != "same"}

    def resource(self, name: str) -> dict[str, Any]:
        """One resource as the state has it."""
        state = json.loads((self.room.folder / "state/.pulumi/stacks/room/dev.json").read_text())
        listed = state["checkpoint"]["latest"]["resources"]
        found: dict[str, Any] = next(each for each in listed if each["urn"].endswith(f"::{name}"))
        return found

    def answer(self) -> dict[str, Any]:
        """What the service in production says."""
        address = f"https://localhost:{self.vercel.ready['vercel']['port']}/healthz"
        with self.vercel.session() as session:
            found: dict[str, Any] = session.get(address, timeout=10).json()
        return found

    def deployments(self) -> list[str]:
        """The ids that Vercel has, oldest first."""
        return [doc["id"] for doc in self.vercel.sandbox.store.all("vercel_deployments")]

    def promote(self, id_: str) -> None:
        """What a person does in the dashboard."""
        self.call("POST", f"/v10/projects/auth0-phone-dev/promote/{id_}")

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Ask Vercel itself."""
        account = self.vercel.ready["vercel"]
        known = {"Authorization": f"Bearer {account['token']}"}
        with self.vercel.session() as session:
            done = session.request(method, account["api"] + path, headers=known, json=body, timeout=10)
        assert done.status_code < 300, done.text
        return done.json()

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        (self.room.folder / "told.json").write_text(json.dumps(self.told))
        return self.room.start(*arguments)

    def forget_token(self) -> None:
        self.room.env.pop("VERCEL_TOKEN", None)

    def on_disk(self) -> str:
        """Everything that the engine left in its folder, the blob store aside."""
        kept = [path for path in self.room.folder.rglob("*") if path.is_file() and not path.is_symlink()]
        skipped = {"blobs", "infra", ".venv", "home"}
        return "\n".join(
            path.read_text(errors="replace")
            for path in kept
            if path.relative_to(self.room.folder).parts[0] not in skipped and path.name != "told.json"
        )
