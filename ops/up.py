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

from . import toolchain
from .bundle import asks_everybody, write_bundle
from .errors import OpsError
from .local import LocalState, read_json, write_private
from .processes import Background
from .services import LocalSecrets, Sandbox, running_sandbox, start_form, start_sandbox
from .smoke import smoke_login
from .stack import Stack

FORM_OFFSET = 4  # the sandbox listens on four ports from its own upwards; the form takes the next


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
        return f"https://form.localhost:{self.port + FORM_OFFSET}"

    def up(self) -> None:
        """Bring everything up, prove it by a login, and print where to go."""
        stack, keys = self._services()
        with self._step("Form"):
            settings = write_bundle(self.local)
            start_form(self.local, stack.sandbox, keys, self.port + FORM_OFFSET)
        stack.up(*self._refresh_if_the_tenant_is_new(stack.sandbox))
        write_private(self._tenant_note, json.dumps({"client_id": stack.sandbox.client_id}))
        countries = settings.phone.countries
        country = "US" if "US" in countries else countries[0]
        with self._step("Smoke login"):
            asyncio.run(smoke_login(stack.sandbox, asks=asks_everybody(settings), country=country))
        self._addresses(stack.sandbox)

    def preview(self) -> None:
        """Show what `up` would change."""
        stack, _ = self._services()
        stack.preview("--diff", *self._refresh_if_the_tenant_is_new(stack.sandbox))

    def down(self) -> None:
        """Stop what `up` started; the tenant, its users and the stack's state stay."""
        stopped = [name for name in ("form", "sandbox") if Background(name, self.local).stop()]
        self.console.print(f"Stopped {' and '.join(stopped)}." if stopped else "Nothing was running.")

    def reset(self) -> None:
        """Stop everything and forget the local stage."""
        self.down()
        if self.local.remove():
            self.console.print(f"Removed {self.local.folder}; `make up` starts afresh.")

    def pulumi(self, arguments: Sequence[str]) -> int:
        """Run any Pulumi command on the stack that `up` made; returns its exit code."""
        sandbox = running_sandbox(self.local)
        if sandbox is None:
            raise OpsError("The local stage is not up", "Its sandbox does not run.", "Run: make up")
        tools = toolchain.ensure(self.console)
        return Stack.of(self.local, tools, sandbox, self.form_url, {}).pulumi(arguments)

    def _services(self) -> tuple[Stack, LocalSecrets]:
        if shutil.which("node") is None:
            raise OpsError(
                "There is no node on the PATH", "The sandbox runs Actions in it.", "Install Node 20 or newer"
            )
        self.local.prepare()
        with self._step("Toolchain"):
            tools = toolchain.ensure(self.console)
            toolchain.install_plugin(tools, self.local.pulumi_home)
        with self._step("Sandbox"):
            sandbox = start_sandbox(self.local, self.port)
        keys = LocalSecrets.of(self.local)
        stack = Stack.of(self.local, tools, sandbox, self.form_url, self.changes)
        with self._step("Stack"):
            stack.prepare(keys)
        return stack, keys

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
        rows = {"Demo app": sandbox.app, "Handset": sandbox.handset, "Form": self.form_url}
        self.console.print()
        for name, address in rows.items():
            self.console.print(f"  {name:<9} [link={address}]{address}[/]", highlight=False)
        self.console.print(
            "\n  Sign up in the demo app; the code arrives on the handset. Your browser warns once for each\n"
            f"  address, because the certificates are the sandbox's own ({sandbox.ca}).",
            highlight=False,
        )
