"""What a person who waits is told: lines beside the resource in the engine's display."""

from typing import Any, Protocol

import grpc.aio
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc


class Progress(Protocol):
    """Where a resource's work tells how far it is. No line may hold a secret."""

    async def status(self, urn: str, line: str) -> None:
        """Replaces the line before, and is forgotten at the end."""

    async def warn(self, urn: str, line: str) -> None:
        """Stays."""


class EngineProgress:
    """The engine at an address. Nothing depends on whether it hears."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._engine: Any = None

    async def status(self, urn: str, line: str) -> None:
        await self._log(urn, line, engine_pb2.INFO, ephemeral=True)

    async def warn(self, urn: str, line: str) -> None:
        await self._log(urn, line, engine_pb2.WARNING, ephemeral=False)

    async def _log(self, urn: str, line: str, severity: Any, ephemeral: bool) -> None:
        if self._engine is None:
            self._engine = engine_pb2_grpc.EngineStub(grpc.aio.insecure_channel(self._address))
        request = engine_pb2.LogRequest(severity=severity, message=line, urn=urn, ephemeral=ephemeral)
        try:
            await self._engine.Log(request, timeout=5)
        except grpc.aio.AioRpcError:
            return
