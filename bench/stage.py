"""The local stage, measured: up, preview, start, memory, login."""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from ops import toolchain
from ops.browser import Browser
from ops.local import LocalState
from ops.services import Sandbox, running_sandbox
from ops.smoke import made_up_number, prove, sign_up
from ops.stack import Stack
from ops.up import LocalStage

from .measure import Row, median, seconds

ROOT = Path(__file__).resolve().parent.parent
PORT = 18443
LOGINS = 50
EMPTY = {
    "Pulumi.yaml": "name: empty\nruntime: {name: python, options: {virtualenv: %s}}\n",
    "__main__.py": "import pulumi\n",
}


@contextmanager
def stage() -> Iterator[LocalStage]:
    """A local stage of its own, up; stopped and removed at the end."""
    with tempfile.TemporaryDirectory() as folder:
        it = LocalStage(LocalState.at(ROOT, Path(folder) / "local"), PORT, Console(quiet=True))
        try:
            _ops(it, "up")
            yield it
        finally:
            it.down()


def _ops(it: LocalStage, command: str) -> float:
    words = ["-m", "ops", command, "--port", str(PORT), "--state", str(it.local.folder)]
    return seconds([sys.executable, *words], ROOT)


def up_rows(it: LocalStage) -> Iterator[Row]:
    yield Row("up again, sandbox running", median(5, lambda: _ops(it, "up")), "s", goal=5)

    def after_down() -> float:
        _ops(it, "down")
        return _ops(it, "up")

    yield Row("up after down", median(5, after_down), "s", goal=8)


def preview_row(it: LocalStage) -> Row:
    """`pulumi preview` of the stage, beside the engine's own floor: a program that declares nothing."""
    sandbox = running(it)
    stack = Stack.of(it.local, toolchain.ensure(it.console), sandbox, it.form_url, {})
    pulumi, env = str(stack.toolchain.pulumi), dict(stack.env)
    where = ["--stack", "local", "--config-file", str(it.local.stage_file), "--non-interactive"]
    ours = median(5, lambda: seconds([pulumi, "preview", *where], ROOT, env))
    floor = _empty_program(pulumi, env)
    return Row("pulumi preview, nothing to change", ours, "s", goal=2, peer=floor, peer_name="empty program")


def _empty_program(pulumi: str, env: dict[str, str]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in EMPTY.items():
            (Path(folder) / name).write_text(text % (ROOT / ".venv") if "%s" in text else text)
        seconds([pulumi, "stack", "init", "bench", "--non-interactive"], Path(folder), env)
        command = [pulumi, "preview", "--stack", "bench", "--non-interactive"]
        return median(5, lambda: seconds(command, Path(folder), env))


def login_row(it: LocalStage) -> Row:
    """A verified person's whole login by HTTP: /login of the app to the app's page, the password included."""
    sandbox = running(it)
    verified = asyncio.run(_logins(sandbox))
    return Row(f"login through the verified Action, p50 of {LOGINS}", verified, "ms", goal=100)


async def _logins(sandbox: Sandbox) -> float:
    email, number, password = f"bench-{time.time_ns()}@example.com", made_up_number("US"), "Correct-Horse-7"
    async with Browser(sandbox.ca) as browser:
        page = await sign_up(browser, sandbox, email, password, number)
        await prove(browser, sandbox, page, number, 0)
        taken = []
        for _ in range(LOGINS):
            started = time.perf_counter()
            page = await browser.open(f"{sandbox.app}/login?prompt=login")
            page = await browser.submit(
                page.form(having="password"), {"username": email, "password": password}
            )
            taken.append((time.perf_counter() - started) * 1000)
            if page.status != 200 or not page.url.startswith(sandbox.app):
                raise RuntimeError(f"a login ended at {page.url} with {page.status}")
    return statistics.median(taken)


def running(it: LocalStage) -> Sandbox:
    sandbox = running_sandbox(it.local)
    if sandbox is None:
        raise RuntimeError("the sandbox stopped in mid-measurement")
    return sandbox


def versions() -> str:
    """What was measured, in one line."""
    names = ("pulumi", "pulumi-auth0", "starlette", "uvicorn")
    parts = [f"{name} {version(name)}" for name in names]
    return ", ".join([*parts, f"Python {sys.version.split()[0]}"])
