"""The compose file: judged by the specification's schema and by what we promise; its Redis is started."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.drain import DRAIN_SECONDS
from serving.server import SHUTDOWN_SECONDS
from tests.form.waiting import SECONDS, until
from tests.journey.ports import free_ports

from .dockerfile import DOCKERFILE, ROOT, read, words

COMPOSE = ROOT / "hosting" / "compose.yaml"
VARIABLES = {
    "REDIS_PASSWORD": "a-password_of-the-tests-01",
    "HOST_ENV": "/x/host.env",
    "STAGE": "/x/rendered",
}


def filled(text: str, variables: dict[str, str]) -> str:
    """As the specification interpolates: https://docs.docker.com/reference/compose-file/interpolation/"""

    def value(found: re.Match[str]) -> str:
        name, refusal = found.group(1), found.group(2)
        if name is None:
            return "$"
        if refusal is not None and not variables.get(name):
            raise LookupError(f"{name}: {refusal}")
        return variables[name]

    return re.sub(r"\$(?:\$|\{(\w+)(?::\?([^}]*))?\})", value, text)


def services(variables: dict[str, str] = VARIABLES) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(filled(COMPOSE.read_text(), variables))["services"]
    return found


def judged(text: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    file = folder / "compose.yaml"
    file.write_text(text)
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_is_as_the_specification_wants_it(tmp_path: Path) -> None:
    done = judged(COMPOSE.read_text(), tmp_path)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("cap_drop:", "cap_dropped:"),
        ("pids_limit: 100", "pids_limit: [1]"),
        ("required: true", "needed: true"),
    ],
)
def test_the_schema_would_refuse_a_mistake(good: str, bad: str, tmp_path: Path) -> None:
    assert judged(COMPOSE.read_text().replace(good, bad), tmp_path).returncode == 1


@pytest.mark.parametrize("name", VARIABLES)
def test_what_it_needs_to_be_told_has_no_default(name: str) -> None:
    with pytest.raises(LookupError, match=name):
        services({each: value for each, value in VARIABLES.items() if each != name})


def test_what_is_named_is_there() -> None:
    document = yaml.safe_load(filled(COMPOSE.read_text(), VARIABLES))
    for service in document["services"].values():
        assert set(service["networks"]) <= set(document["networks"])
        assert set(service.get("depends_on", {})) <= set(document["services"])
    build = services()["service"]["build"]
    assert (COMPOSE.parent / build["context"] / build["dockerfile"]).resolve() == DOCKERFILE
    assert (COMPOSE.parent / build["context"]).resolve() == ROOT


@pytest.mark.parametrize("name", ["service", "redis"])
def test_neither_can_change_itself_or_gain_rights(name: str) -> None:
    service = services()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert service["pids_limit"]
    assert service["mem_limit"]


def test_only_this_machine_reaches_the_service_and_only_the_service_redis() -> None:
    document = yaml.safe_load(filled(COMPOSE.read_text(), VARIABLES))
    service, redis = document["services"]["service"], document["services"]["redis"]
    start = words(read(DOCKERFILE.read_text())["base"].all("CMD")[0])
    port = start[start.index("--port") + 1]
    assert service["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert "ports" not in redis
    assert document["networks"]["inside"]["internal"] is True
    assert redis["networks"] == ["inside"]


def test_the_service_gets_its_secrets_from_the_file_and_its_stage_read_only() -> None:
    service = services()["service"]
    assert service["env_file"] == [{"path": VARIABLES["HOST_ENV"], "required": True}]
    assert set(service["environment"]) == {"REDIS_URL", "CLIENT_ADDRESS_HEADER"}
    (mount,) = service["volumes"]
    stage_file = read(DOCKERFILE.read_text())["base"].all("ENV")[0].rpartition("PHONE_STAGE_FILE=")[2]
    assert f"{mount['target']}/form/stage.json" == f"/app/{stage_file}"
    assert mount["read_only"] is True


def test_it_waits_as_long_as_the_drain_takes() -> None:
    seconds = float(services()["service"]["stop_grace_period"].removesuffix("s"))
    assert seconds > DRAIN_SECONDS + SHUTDOWN_SECONDS


@contextmanager
def redis(port: int, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """What the compose file starts, on this port."""
    service = services()["redis"]
    command = [*service["entrypoint"], *service["command"], "--port", str(port), "--dir", str(folder)]
    environment = {"PATH": os.environ["PATH"], **service["environment"]}
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd=folder
    )
    try:
        until(lambda: healthy(port) or process.poll() is not None)
        yield process
    finally:
        process.kill()
        process.wait()


def healthy(port: int, **changes: str) -> bool:
    """What the health check says."""
    service = services()["redis"]
    kind, check = service["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    environment = {"PATH": os.environ["PATH"], **service["environment"], **changes}
    command = check.replace("redis-cli", f"redis-cli -p {port}")
    done = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, check=False)
    return done.returncode == 0


def test_its_redis_wants_the_password_shows_it_to_nobody_keeps_nothing_and_stops(tmp_path: Path) -> None:
    port = free_ports()
    with redis(port, tmp_path) as process:
        assert process.poll() is None
        assert not healthy(port, REDIS_PASSWORD="another")
        assert VARIABLES["REDIS_PASSWORD"].encode() not in Path(f"/proc/{process.pid}/cmdline").read_bytes()
        asked = ["redis-cli", "-p", str(port), "config", "get", "save", "appendonly", "maxmemory-policy"]
        said = subprocess.run(
            asked,
            env={"PATH": os.environ["PATH"], "REDISCLI_AUTH": VARIABLES["REDIS_PASSWORD"]},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        assert dict(zip(said[::2], said[1::2], strict=True)) == {
            "save": "",
            "appendonly": "no",
            "maxmemory-policy": "noeviction",
        }
        process.terminate()
        assert process.wait(SECONDS) == 0
    assert list(tmp_path.iterdir()) == []
