"""The real engine, host and plugin, on programs in a temporary folder."""

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

import psutil

from ops.toolchain.pins import PLUGIN_VERSION
from tests.toolchain.engine_room import EngineRoom

ACTION = """
import pulumi, pulumi_auth0 as auth0
stage = auth0.Provider("stage", domain="localhost:9", api_token="made-up")
auth0.Action("verify", name="verify", code="exports.onExecutePostLogin = async () => {};", runtime="node22",
    supported_triggers=auth0.ActionSupportedTriggersArgs(id="post-login", version="v3"),
    secrets=[auth0.ActionSecretArgs(name="KEY", value=pulumi.Config().require_secret("key"))],
    opts=pulumi.ResourceOptions(provider=stage))
"""


def test_up_and_preview_with_configuration_and_secrets(room: EngineRoom) -> None:
    room.program(
        "import os, pulumi\n"
        "config = pulumi.Config()\n"
        "pulumi.export('plain', [config.get_int('length'), config.get_object('countries'), os.getcwd()])\n"
        "pulumi.export('key', config.require_secret('key'))\n"
    )
    assert room.pulumi("config", "set", "--secret", "key", "a-secret-value").returncode == 0
    preview = room.pulumi("preview")
    assert preview.returncode == 0, preview.stdout
    up = room.pulumi("up", "--yes", "--skip-preview")
    assert up.returncode == 0, up.stdout
    assert "a-secret-value" not in preview.stdout + up.stdout
    outputs = json.loads(room.pulumi("stack", "output", "--json").stdout)
    assert outputs == {"plain": [6, ["GB"], str(room.folder / "infra")], "key": "[secret]"}
    again = room.pulumi("preview", "--expect-no-changes")
    assert again.returncode == 0, again.stdout


def test_no_configuration_at_all(room: EngineRoom) -> None:
    (room.folder / "Pulumi.yaml").write_text(
        "name: room\nruntime: {name: python, options: {virtualenv: .venv}}\nmain: infra/\n"
    )
    assert room.pulumi("preview").returncode == 0


def test_a_program_that_raises_is_told_once(room: EngineRoom) -> None:
    room.program("def inner():\n    raise ValueError('told once')\ninner()\n")
    done = room.pulumi("preview")
    _, _, diagnostics = done.stdout.partition("Diagnostics:")
    assert done.returncode != 0
    assert diagnostics.count("ValueError: told once") == 1
    assert diagnostics.count("error:") == 1
    assert "infra/__main__.py" in diagnostics


def test_an_error_that_the_program_has_told_itself_is_not_told_again(room: EngineRoom) -> None:
    room.program("import pulumi, sys\npulumi.log.error('told by the program')\nsys.exit(32)\n")
    done = room.pulumi("preview")
    _, _, diagnostics = done.stdout.partition("Diagnostics:")
    assert done.returncode != 0
    assert diagnostics.count("error:") == 1
    assert "told by the program" in diagnostics


def test_a_missing_environment_is_one_sentence(room: EngineRoom) -> None:
    room.forget_environment()
    done = room.pulumi("preview")
    assert done.returncode != 0
    assert str(room.folder / ".venv") in done.stdout
    assert "goroutine" not in done.stdout
    assert "Traceback" not in done.stdout


def test_the_plugin_is_loaded_at_our_pin_and_asks_nobody_at_preview(room: EngineRoom) -> None:
    room.program(ACTION)
    room.pulumi("config", "set", "--secret", "key", "a-secret-value")
    done = room.pulumi("preview", "--json")
    assert done.returncode == 0, done.stdout
    assert "a-secret-value" not in done.stdout
    steps = {step["urn"].rsplit("::", 2)[-2]: step["newState"] for step in json.loads(done.stdout)["steps"]}
    assert steps["auth0:index/action:Action"]["inputs"]["secrets"] == "[secret]"
    assert steps["pulumi:providers:auth0"]["inputs"]["version"] == PLUGIN_VERSION
    assert "warning" not in done.stdout


def test_the_plugin_tells_what_the_tenant_refused(room: EngineRoom) -> None:
    room.program(ACTION)
    room.pulumi("config", "set", "--secret", "key", "a-secret-value")
    done = room.pulumi("up", "--yes", "--skip-preview")
    assert done.returncode != 0
    assert "connection refused" in done.stdout
    assert "a-secret-value" not in done.stdout


def test_a_provider_written_in_python_is_run_by_the_host(room: EngineRoom) -> None:
    provider = room.folder / "provider"
    provider.mkdir()
    (provider / "PulumiPlugin.yaml").write_text("runtime: {name: python, options: {virtualenv: ../.venv}}\n")
    (provider / "__main__.py").write_text(
        "import sys\n"
        "from pulumi.provider.experimental import provider, server\n"
        "class Demo(provider.Provider):\n"
        "    async def check(self, request):\n"
        "        return provider.CheckResponse(inputs=request.new_inputs)\n"
        "    async def check_config(self, request):\n"
        "        return provider.CheckResponse(inputs=request.new_inputs)\n"
        "    async def configure(self, request): return provider.ConfigureResponse(supports_preview=True)\n"
        "    async def create(self, request):\n"
        "        return provider.CreateResponse(resource_id='made', properties=request.properties)\n"
        "server.main(sys.argv[1:], '1.0.0', Demo())\n"
    )
    with (room.folder / "Pulumi.yaml").open("a") as project:
        project.write("plugins:\n  providers:\n  - {name: demo, path: ./provider, version: 1.0.0}\n")
    room.program(
        "import pulumi\n"
        "thing = pulumi.CustomResource('demo:index:Thing', 'thing', {'size': 1})\n"
        "pulumi.export('id', thing.id)\n"
    )
    done = room.pulumi("up", "--yes", "--skip-preview")
    assert done.returncode == 0, done.stdout
    assert json.loads(room.pulumi("stack", "output", "--json").stdout) == {"id": "made"}
    assert await_that(lambda: not children_of(room.folder))


def test_an_engine_that_is_killed_leaves_nothing_behind(room: EngineRoom) -> None:
    here = room.folder / "running"
    room.program(
        "import os, signal, subprocess\n"
        "child = subprocess.Popen(['sleep', '300'])\n"
        f"open({str(here)!r}, 'w').write(f'{{os.getpid()}} {{os.getppid()}} {{child.pid}}')\n"
        "signal.pause()\n"
    )
    engine = room.start("preview")
    assert await_that(lambda: here.exists() and len(here.read_text().split()) == 3)
    program, host, grandchild = (int(pid) for pid in here.read_text().split())
    assert all(psutil.pid_exists(pid) for pid in (program, host, grandchild))
    engine.kill()
    engine.wait(timeout=10)
    assert await_that(lambda: not any(alive(pid) for pid in (program, host, grandchild)))


def test_ctrl_c_ends_everything(room: EngineRoom) -> None:
    here = room.folder / "running"
    room.program(
        "import os, signal\n"
        f"open({str(here)!r}, 'w').write(f'{{os.getpid()}} {{os.getppid()}}')\n"
        "signal.pause()\n"
    )
    engine = room.start("preview")
    assert await_that(lambda: here.exists() and len(here.read_text().split()) == 2)
    pids = [int(pid) for pid in here.read_text().split()]
    engine.send_signal(signal.SIGINT)
    assert engine.wait(timeout=20) != 0
    assert await_that(lambda: not any(alive(pid) for pid in pids))


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def children_of(folder: Path) -> list[psutil.Process]:
    """The processes that were started for this project."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if any(str(folder) in part for part in process.info["cmdline"] or []):
            found.append(process)
    return found


def await_that(fact: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > deadline:
            return False
        Event().wait(0.02)
    return True
