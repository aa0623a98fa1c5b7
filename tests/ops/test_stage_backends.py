"""A team's backend for real, as far as loopback goes: state and locks in S3, keys in KMS."""

import json
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]  # it has no types
import pytest
import requests
from rich.console import Console

from infra import schema
from ops.toolchain import Toolchain, ensure
from tests.journey.mending import lines
from tests.journey.ports import free_ports
from tests.ops.stage_new import NewStage
from tests.toolchain.engine_room import EngineRoom

_ACCOUNT = {"AWS_ACCESS_KEY_ID": "made-up", "AWS_SECRET_ACCESS_KEY": "made-up", "AWS_REGION": "us-east-1"}


@dataclass(frozen=True)
class Cloud:
    """An S3 with one bucket, and a KMS with one key."""

    address: str

    @property
    def backend(self) -> str:
        return f"s3://state?endpoint={self.address}&s3ForcePathStyle=true"

    @property
    def env(self) -> dict[str, str]:
        return {**_ACCOUNT, "AWS_ENDPOINT_URL": self.address}

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.address,
            region_name=_ACCOUNT["AWS_REGION"],
            aws_access_key_id="made-up",
            aws_secret_access_key="made-up",
        )

    def forget(self, prefix: str) -> None:
        """The objects are gone, as without versioning."""
        s3 = self.client("s3")
        try:
            for key in self.objects(prefix):
                s3.delete_object(Bucket="state", Key=key)
        finally:
            s3.close()

    def objects(self, prefix: str) -> list[str]:
        s3 = self.client("s3")
        try:
            found = s3.list_objects_v2(Bucket="state", Prefix=prefix).get("Contents", [])
            return [each["Key"] for each in found]
        finally:
            s3.close()


@pytest.fixture(scope="module")
def toolchain() -> Toolchain:
    return ensure(Console(stderr=True))


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    port = free_ports()
    log = tmp_path_factory.mktemp("cloud") / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=output,
            stderr=output,
        )
    it = Cloud(f"http://127.0.0.1:{port}")
    try:
        deadline = time.monotonic() + 60
        while not _answers(it.address):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
        s3, kms = it.client("s3"), it.client("kms")
        s3.create_bucket(Bucket="state")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/stages", TargetKeyId=key)
        s3.close()
        kms.close()
        yield it
    finally:
        process.terminate()
        process.wait(60)


def _answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/moto-api/", timeout=30).ok
    except (requests.ConnectionError, requests.Timeout):
        return False


@pytest.fixture
def new(toolchain: Toolchain, tmp_path: Path, cloud: Cloud) -> NewStage:
    made = NewStage.at(tmp_path, toolchain, tmp_path / "home")
    made.env.pop("PULUMI_CONFIG_PASSPHRASE")
    made.env |= cloud.env
    return made


def test_a_teams_stage_has_its_state_in_s3_and_its_key_in_kms(new: NewStage, cloud: Cloud) -> None:
    provider = "awskms://alias/stages?region=us-east-1"
    ran = new.run(*new.arguments("team", backend=cloud.backend, secrets_provider=provider))
    assert ran.returncode == 0, ran.stdout
    assert f"pulumi login '{cloud.backend}'" in ran.stdout
    assert "PASSPHRASE" not in ran.stdout
    written = schema.read_yaml(new.file("team"))
    assert written["secretsprovider"] == provider
    assert written["encryptedkey"]
    assert ".pulumi/stacks/auth0-phone/team.json" in cloud.objects(".pulumi/stacks/")
    keys = new.secrets("team", PULUMI_BACKEND_URL=cloud.backend)
    assert keys["requestKey"]
    assert keys["requestKey"] not in new.file("team").read_text()


def test_a_stack_whose_state_is_lost_keeps_its_key_and_its_secrets(new: NewStage, cloud: Cloud) -> None:
    """docs/operations.md, "The state is lost": its line for a stage with a `secretsprovider`."""
    provider = "awskms://alias/stages?region=us-east-1"
    there = {"PULUMI_BACKEND_URL": cloud.backend}
    ran = new.run(*new.arguments("gone", backend=cloud.backend, secrets_provider=provider))
    assert ran.returncode == 0, ran.stdout
    before, keys = schema.read_yaml(new.file("gone")), new.secrets("gone", **there)
    cloud.forget(".pulumi/stacks/auth0-phone/gone")
    assert "gone" not in new.stacks(**there)

    *_, line = lines("The state is lost")
    held = str(before["secretsprovider"])
    words = shlex.split(line.replace("STAGE", "gone").replace("SECRETSPROVIDER", held))
    assert words[0] == "pulumi"
    assert held in words
    made = new.pulumi(*words[1:], **there)
    assert made.returncode == 0, made.stdout
    after = schema.read_yaml(new.file("gone"))
    assert after["secretsprovider"] == provider
    assert "encryptionsalt" not in after
    assert after["config"] == before["config"]
    assert new.secrets("gone", **there) == keys


@pytest.mark.sweep
def test_a_passphrase_can_be_left_for_a_key(new: NewStage, cloud: Cloud) -> None:
    """docs/bootstrap.md, "What encrypts the secrets"."""
    passphrase = {"PULUMI_CONFIG_PASSPHRASE": "correct horse battery staple"}
    assert new.run(*new.arguments("grown"), **passphrase).returncode == 0
    before = new.secrets("grown", **passphrase)
    provider = "awskms://alias/stages?region=us-east-1"
    moved = new.pulumi("stack", "change-secrets-provider", provider, "--stack", "grown", **passphrase)
    assert moved.returncode == 0, moved.stdout
    assert new.secrets("grown") == before
    assert schema.read_yaml(new.file("grown"))["secretsprovider"] == provider


@pytest.mark.parametrize(
    ("backend", "provider", "says"),
    [
        ("s3://nobodys?endpoint={address}&s3ForcePathStyle=true", "passphrase", "NoSuchBucket"),
        ("s3://state?endpoint=http://127.0.0.1:1&s3ForcePathStyle=true", "passphrase", "connection refused"),
        ("{backend}", "awskms://alias/nobodys?region=us-east-1", "is not found"),
    ],
    ids=["no bucket", "no answer", "no key"],
)
def test_a_cloud_that_refuses_leaves_nothing(
    new: NewStage, cloud: Cloud, backend: str, provider: str, says: str
) -> None:
    place = backend.format(address=cloud.address, backend=cloud.backend)
    passphrase = {"PULUMI_CONFIG_PASSPHRASE": "correct horse battery staple"}
    refused = new.run(*new.arguments("nope", backend=place, secrets_provider=provider), **passphrase)
    assert refused.returncode == 1
    assert says in refused.stdout
    assert "RequestID" not in refused.stdout
    assert new.traces("nope") == []
    assert "nope" not in str(cloud.objects(".pulumi/"))


def test_of_two_updates_at_once_the_lock_in_s3_refuses_one(
    toolchain: Toolchain, tmp_path: Path, cloud: Cloud
) -> None:
    room = EngineRoom.at(tmp_path, toolchain, tmp_path / "home")
    room.env.update({**cloud.env, "PULUMI_BACKEND_URL": cloud.backend})
    room.program(
        "import pathlib, threading, pulumi\n"
        f"while not pathlib.Path({str(tmp_path / 'go')!r}).exists(): threading.Event().wait(0.05)\n"
        "pulumi.export('done', True)\n"
    )
    assert room.pulumi("stack", "init", "dev").returncode == 0
    first = room.start("up", "--yes", "--skip-preview", "--stack", "dev")
    try:
        deadline = time.monotonic() + 60
        while not cloud.objects(".pulumi/locks/organization/room/dev/"):
            assert first.poll() is None
            assert time.monotonic() < deadline, "no lock within a minute"
        second = room.pulumi("up", "--yes", "--skip-preview", "--stack", "dev")
        assert second.returncode != 0
        assert "the stack is currently locked by 1 lock(s)" in second.stdout
    finally:
        (tmp_path / "go").touch()
        assert first.wait(120) == 0
    shown = room.pulumi("stack", "output", "--json", "--stack", "dev").stdout
    assert json.loads(shown[shown.index("{") :]) == {"done": True}
    assert cloud.objects(".pulumi/locks/organization/room/dev/") == []
    assert not any((tmp_path / "state").iterdir())
