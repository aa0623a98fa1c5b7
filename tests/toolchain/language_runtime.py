"""The engine's side of the LanguageRuntime protocol: enough of an engine to start a host and to ask it."""

import importlib
import subprocess
from concurrent import futures
from pathlib import Path
from typing import Any

from pulumi.runtime.proto import language_pb2 as messages
from pulumi.runtime.proto.language_pb2_grpc import LanguageRuntimeStub

# Neither has type annotations; a plain import would need stubs for these few lines alone.
grpc: Any = importlib.import_module("grpc")
structs: Any = importlib.import_module("google.protobuf.struct_pb2")
empty: Any = importlib.import_module("google.protobuf.empty_pb2")

Refused: type[Exception] = grpc.RpcError


class Engine:
    """An address that answers, which is all that a host looks at."""

    def __init__(self) -> None:
        self.server = grpc.server(futures.ThreadPoolExecutor(2))
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()

    def stop(self) -> None:
        self.server.stop(None).wait()


class Host:
    """A running host, and what to ask it."""

    def __init__(self, program: str, engine: str, folder: Path) -> None:
        self.process = subprocess.Popen(
            [program, engine], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder
        )
        assert self.process.stdout is not None
        port = int(self.process.stdout.readline())
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.ask: Any = LanguageRuntimeStub(self._channel)

    def close(self) -> None:
        self._channel.close()
        self.process.kill()
        self.process.communicate(timeout=10)


def program_info(root: Path, **options: str) -> messages.ProgramInfo:
    """A program in `root`/infra, as the engine describes one of Pulumi.yaml."""
    given = structs.Struct()
    given.update({"virtualenv": ".venv"} | options)
    return messages.ProgramInfo(
        root_directory=str(root), program_directory=str(root / "infra"), entry_point=".", options=given
    )


def run_request(root: Path, environment: str) -> messages.RunRequest:
    return messages.RunRequest(
        project="room",
        stack="dev",
        pwd=str(root / "infra"),
        monitor_address="127.0.0.1:1",
        parallel=1,
        dryRun=True,
        organization="organization",
        info=program_info(root, virtualenv=environment),
    )
