"""The Python host answers as the LanguageRuntime protocol says, and ends with its engine."""

import json
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import psutil
import pytest
from pulumi.runtime.proto import language_pb2 as messages

from tests.toolchain.engine_room import EngineRoom
from tests.toolchain.language_runtime import Engine, Host, Refused, empty, program_info, run_request


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.stop()


@pytest.fixture
def host(project: EngineRoom, engine: Engine) -> Iterator[Host]:
    made = Host(project.host(), engine.address, project.folder)
    yield made
    made.close()


def test_it_asks_for_the_plugins_that_the_installed_packages_name(host: Host, project: EngineRoom) -> None:
    request = messages.GetRequiredPackagesRequest(info=program_info(project.folder))
    found = [(each.name, each.kind, each.version) for each in host.ask.GetRequiredPackages(request).packages]
    assert found == [("auth0", "resource", version("pulumi_auth0"))]


def test_only_the_named_environment_counts(host: Host, project: EngineRoom) -> None:
    packages = an_environment(project.folder / "another", f'exec "{sys.executable}" "$@"')
    manifests = {
        "pulumi_demo": '{"resource": true, "name": "demo", "version": "1.2.3", "server": "https://x.example"}',
        "pulumi_no_name": '{"resource": true, "version": "2.0.0"}',
        "pulumi_library": '{"resource": false, "name": "library"}',
    }
    for name, text in manifests.items():
        (packages / name).mkdir()
        (packages / name / "pulumi-plugin.json").write_text(text)
    (packages / "unrelated").mkdir()
    request = messages.GetRequiredPackagesRequest(info=program_info(project.folder, virtualenv="another"))
    found = {
        each.name: (each.version, each.server) for each in host.ask.GetRequiredPackages(request).packages
    }
    assert found == {"demo": ("1.2.3", "https://x.example"), "no-name": ("2.0.0", "")}


def test_a_missing_environment_is_told_with_its_path(host: Host, project: EngineRoom) -> None:
    project.forget_environment()
    with pytest.raises(Refused, match=str(project.folder / ".venv")):
        host.ask.GetRequiredPackages(messages.GetRequiredPackagesRequest(info=program_info(project.folder)))


def test_an_option_that_it_does_not_know_is_refused_by_name(host: Host, project: EngineRoom) -> None:
    info = program_info(project.folder, toolchain="conda")
    with pytest.raises(Refused, match="conda"):
        host.ask.GetRequiredPackages(messages.GetRequiredPackagesRequest(info=info))


def test_it_says_which_python_it_would_run(host: Host, project: EngineRoom) -> None:
    answer = host.ask.About(messages.AboutRequest(info=program_info(project.folder)))
    assert answer.version == ".".join(str(part) for part in sys.version_info[:3])
    assert Path(answer.executable).exists()


def test_it_lists_what_is_installed(host: Host, project: EngineRoom) -> None:
    request = messages.GetProgramDependenciesRequest(info=program_info(project.folder))
    found = {each.name: each.version for each in host.ask.GetProgramDependencies(request).dependencies}
    assert found["pulumi"] == version("pulumi")


def test_it_tells_its_version(host: Host) -> None:
    assert host.ask.GetPluginInfo(empty.Empty()).version


def test_the_program_gets_its_configuration_and_its_place(host: Host, project: EngineRoom) -> None:
    environment, noted = executor_that_notes(project, code=32)
    request = run_request(project.folder, environment)
    request.config["room:a"] = "ü"
    request.configSecretKeys.append("room:a")
    request.args.append("one")
    answer = host.ask.Run(request)
    assert (answer.bail, answer.error) == (True, "")
    seen = json.loads(noted.read_text())
    assert json.loads(seen["PULUMI_CONFIG"]) == {"room:a": "ü"}
    assert json.loads(seen["PULUMI_CONFIG_SECRET_KEYS"]) == ["room:a"]
    given = dict(zip(seen["arguments"][::2], seen["arguments"][1::2], strict=False))
    assert given["--project"] == "room"
    assert given["--stack"] == "dev"
    assert given["--dry_run"] == "true"
    assert given["--root_directory"] == str(project.folder)
    assert seen["arguments"][-1] == "one"


def test_an_empty_configuration_is_an_object(host: Host, project: EngineRoom) -> None:
    environment, noted = executor_that_notes(project, code=32)
    host.ask.Run(run_request(project.folder, environment))
    assert json.loads(noted.read_text())["PULUMI_CONFIG"] == "{}"


@pytest.mark.parametrize(("code", "bail", "error"), [(0, False, ""), (32, True, ""), (3, False, "3")])
def test_how_the_program_ended_is_told(
    host: Host, project: EngineRoom, code: int, bail: bool, error: str
) -> None:
    environment, _ = executor_that_notes(project, code)
    answer = host.ask.Run(run_request(project.folder, environment))
    assert answer.bail is bail
    assert error in answer.error
    assert bool(answer.error) is bool(error)


def test_a_plugin_written_in_python_streams_what_it_says_and_its_code(
    host: Host, project: EngineRoom
) -> None:
    project.program(
        "import os, sys\n"
        "print('out', sys.argv[1:], os.environ['GIVEN'], os.getcwd())\n"
        "print('err', file=sys.stderr)\n"
        "sys.exit(7)\n"
    )
    request = messages.RunPluginRequest(
        pwd=str(project.folder),
        args=["127.0.0.1:1"],
        env=["GIVEN=yes"],
        kind="resource",
        info=program_info(project.folder),
    )
    said = list(host.ask.RunPlugin(request))
    assert b"".join(each.stdout for each in said).decode() == f"out ['127.0.0.1:1'] yes {project.folder}\n"
    assert b"".join(each.stderr for each in said) == b"err\n"
    assert said[-1].exitcode == 7


def test_a_policy_pack_is_run_by_the_module_for_policies(host: Host, project: EngineRoom) -> None:
    project.program("import sys\nprint('a pack', __name__, 'pulumi.policy' in sys.orig_argv)\n")
    info = program_info(project.folder)
    request = messages.RunPluginRequest(
        pwd=str(project.folder), args=["127.0.0.1:1"], kind="analyzer", info=info
    )
    said = list(host.ask.RunPlugin(request))
    assert b"".join(each.stdout for each in said) == b"a pack __main__ True\n"
    assert said[-1].exitcode == 0


def test_a_plugin_ends_when_the_engine_hangs_up(host: Host, project: EngineRoom) -> None:
    project.program("import os, signal\nprint(os.getpid(), flush=True)\nsignal.pause()\n")
    info = program_info(project.folder)
    call = host.ask.RunPlugin(messages.RunPluginRequest(pwd=str(project.folder), kind="resource", info=info))
    process = psutil.Process(int(next(iter(call)).stdout))
    call.cancel()
    process.wait(timeout=10)


def test_it_ends_with_its_engine(host: Host, engine: Engine) -> None:
    engine.stop()
    assert host.process.wait(timeout=10) == 0


def test_it_ends_when_told_to(host: Host) -> None:
    host.process.terminate()
    host.process.wait(timeout=10)


def test_without_an_engine_it_does_not_start(project: EngineRoom) -> None:
    done = subprocess.run([project.host()], capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode != 0
    assert "engine" in (done.stderr + done.stdout).lower()


def an_environment(folder: Path, python: str) -> Path:
    """A virtualenv whose Python is a shell line of ours; returns where its packages lie."""
    packages = folder / "lib" / "python3" / "site-packages"
    packages.mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "bin" / "python").write_text(f"#!/bin/sh\n{python}\n")
    (folder / "bin" / "python").chmod(0o755)
    return packages


def executor_that_notes(project: EngineRoom, code: int) -> tuple[str, Path]:
    """An environment in which the executor, as soon as it imports pulumi, notes what it got and exits."""
    noted = project.folder / "noted.json"
    folder, real = project.folder / "noting", sysconfig.get_path("purelib")
    found_first = f"{folder}/lib/python3/site-packages:{real}"
    packages = an_environment(folder, f'PYTHONPATH="{found_first}" exec "{sys.executable}" "$@"')
    (packages / "pulumi").mkdir()
    (packages / "pulumi" / "__init__.py").write_text(
        "import json, os, sys\n"
        "seen = {name: os.environ[name] for name in ('PULUMI_CONFIG', 'PULUMI_CONFIG_SECRET_KEYS')}\n"
        f"json.dump(seen | {{'arguments': sys.argv[1:]}}, open({str(noted)!r}, 'w'))\n"
        f"sys.exit({code})\n"
    )
    return "noting", noted
