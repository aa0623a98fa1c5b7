"""`make up`, `make preview`, `make down` and `make reset`: the local stage as one thing."""

import asyncio
import json
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from . import launchers, toolchain
from .errors import OpsError
from .halt import halt
from .leaving import destroys, refuse_while_bound
from .local import LocalState, read_json, write_private
from .local_settings import judged
from .own_sms import gateway_url
from .services import SANDBOX_PORTS, LocalSecrets, Sandbox, running_sandbox, start_sandbox
from .smoke import smoke
from .stack import Stack

SERVICE_OFFSET = SANDBOX_PORTS - 1  # form and gateway answer at the last of them


@dataclass(frozen=True)
class LocalStage:
    """The local stage of one checkout.

    `port` is the tenant's, the others follow it; `changes` are settings of this run alone, by dotted path.
    """

    local: LocalState
    port: int
    console: Console
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def form_url(self) -> str:
        return f"https://form.localhost:{self.port + SERVICE_OFFSET}"

    def up(self) -> None:
        """Bring everything up, prove it by a login, and print where to go."""
        stack = self._services()
        settings = judged(self.local)
        stack.up(*self._refresh_if_the_tenant_is_new(stack.sandbox))
        write_private(self._tenant_note, json.dumps({"client_id": stack.sandbox.client_id}))
        with self._step("Smoke login"):
            asyncio.run(smoke(stack.sandbox, settings))
        self._addresses(stack.sandbox)

    def preview(self) -> None:
        """Show what `up` would change."""
        stack = self._services()
        stack.preview("--diff", *self._refresh_if_the_tenant_is_new(stack.sandbox))

    def down(self) -> None:
        """Stop what `up` started; the tenant, its users and the stack's state stay."""
        self.console.print(halt(self.local.folder))

    def reset(self) -> None:
        """Stop everything and forget the local stage."""
        self.down()
        if self.local.remove():
            self.console.print(f"Removed {self.local.folder}; `make up` starts afresh.")

    def addresses(self) -> dict[str, str]:
        """Where things are in a stage that is up, and the demo application there, by name."""
        sandbox = self._running()
        return {
            "DOMAIN": sandbox.domain,
            "CLIENT_ID": sandbox.demo_client,
            "CLIENT_SECRET": sandbox.demo_secret,
            "GATEWAY": gateway_url(self.form_url),
            "HANDSET": sandbox.handset,
            "CA": str(sandbox.ca),
            "SERVICE_LOG": str(sandbox.service_log),
        }

    def pulumi(self, arguments: Sequence[str]) -> int:
        """Run any Pulumi command on the stack that `up` made; returns its exit code."""
        sandbox = self._running()
        tools = toolchain.ensure(self.console)
        stack = Stack.of(self.local, tools, sandbox, self.form_url, {})
        if destroys(arguments):
            refuse_while_bound(stack.exported())
        return stack.pulumi(arguments)

    def _running(self) -> Sandbox:
        sandbox = running_sandbox(self.local)
        if sandbox is None:
            raise OpsError("The local stage is not up", "Its sandbox does not run.", "Run: make up")
        return sandbox

    def _services(self) -> Stack:
        if shutil.which("node") is None:
            raise OpsError(
                "There is no node on the PATH", "The sandbox runs Actions in it.", "Install Node 20 or newer"
            )
        self.local.prepare()
        with self._step("Toolchain"):
            tools = toolchain.ensure(self.console)
            toolchain.install_plugin(tools, self.local.pulumi_home)
            launchers.ensure()
        with self._step("Sandbox"):
            sandbox = start_sandbox(self.local, self.port)
        stack = Stack.of(self.local, tools, sandbox, self.form_url, self.changes)
        with self._step("Stack"):
            put_back = stack.prepare(LocalSecrets.of(self.local))
        if put_back:
            names = ", ".join(put_back)
            self.console.print(f"  Changed by hand, and the local stage's own again: {names}")
        return stack

    @property
    def _tenant_note(self) -> Path:
        return self.local.folder / "tenant.json"

    def _refresh_if_the_tenant_is_new(self, sandbox: Sandbox) -> list[str]:
        """A sandbox whose data was deleted is another tenant: what the stack remembers of the old is gone."""
        noted = read_json(self._tenant_note)
        return ["--refresh"] if noted and noted.get("client_id") != sandbox.client_id else []

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        with self.console.status(f"{name} …"):
            yield
        self.console.print(f"[green]✓[/] {name} [dim]{time.monotonic() - started:.1f} s[/]")

    def _addresses(self, sandbox: Sandbox) -> None:
        rows = {
            "Demo app": sandbox.app,
            "Handset": sandbox.handset,
            "Form": self.form_url,
            "Tenant": f"{sandbox.control}/dashboard",
        }
        self.console.print()
        for name, address in rows.items():
            self.console.print(f"  {name:<9} [link={address}]{address}[/]", highlight=False)
        self.console.print(
            "\n  Sign up in the demo app; the code arrives on the handset. Your browser warns once for each\n"
            f"  address, because the certificates are the sandbox's own ({sandbox.ca}).",
            highlight=False,
        )
