"""The provider in this process, called as the engine calls it."""

from dataclasses import dataclass, field
from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2

from infra.providers import wire
from infra.providers.server import Servicer

Properties = dict[str, Any]


class RefusedError(Exception):
    """The call ended in an error; `kept` is the (id, state) that the engine keeps nevertheless."""

    def __init__(self, message: str, kept: tuple[str, Properties] | None = None) -> None:
        super().__init__(message)
        self.kept = kept


class _Context:
    """What gRPC gives a method: here an error is raised."""

    async def abort(self, code: object, message: str) -> None:
        raise RefusedError(message)

    async def abort_with_status(self, status: Any) -> None:
        ((name, whole),) = status.trailing_metadata
        assert name == "grpc-status-details-bin"
        failed = provider_pb2.ErrorResourceInitFailed()
        assert status_pb2.Status.FromString(whole).details[0].Unpack(failed)
        raise RefusedError(status.details, (failed.id, wire.read(failed.properties)))


@dataclass
class Told:
    """What a person was told meanwhile."""

    lines: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    async def status(self, urn: str, line: str) -> None:
        self.lines.append(line)

    async def warn(self, urn: str, line: str) -> None:
        self.warnings.append(line)


class Provider:
    """One provider's process, as it were. `told` is what it showed."""

    def __init__(self) -> None:
        self.told = Told()
        self.servicer = Servicer(self.told)

    async def configure(self, api_url: str, team: str = "") -> None:
        args = wire.write({"apiUrl": api_url, "team": team})
        await self.servicer.Configure(provider_pb2.ConfigureRequest(args=args), _Context())

    async def check(self, kind: str, inputs: Properties) -> tuple[Properties, dict[str, str]]:
        """The inputs as they are kept, and path to reason of what is wrong."""
        request = provider_pb2.CheckRequest(urn=_urn(kind), news=wire.write(inputs))
        answer = await self.servicer.Check(request, _Context())
        return wire.read(answer.inputs), {each.property: each.reason for each in answer.failures}

    async def create(
        self, kind: str, inputs: Properties, preview: bool = False, seconds: float = 0
    ) -> tuple[str, Properties]:
        request = provider_pb2.CreateRequest(
            urn=_urn(kind), properties=wire.write(inputs), preview=preview, timeout=seconds
        )
        answer = await self.servicer.Create(request, _Context())
        return answer.id, wire.read(answer.properties)

    async def diff(self, kind: str, id_: str, state: Properties, inputs: Properties) -> Any:
        """What would change, for inputs that were those of the state before."""
        request = provider_pb2.DiffRequest(
            urn=_urn(kind),
            id=id_,
            olds=wire.write(state),
            old_inputs=wire.write({name: state[name] for name in inputs if name in state}),
            news=wire.write(inputs),
        )
        return await self.servicer.Diff(request, _Context())

    async def read(self, kind: str, id_: str, state: Properties) -> tuple[str, Properties, Properties]:
        """The id ("" if it is gone), the inputs and the state."""
        request = provider_pb2.ReadRequest(urn=_urn(kind), id=id_, properties=wire.write(state))
        answer = await self.servicer.Read(request, _Context())
        return answer.id, wire.read(answer.inputs), wire.read(answer.properties)

    async def update(
        self, kind: str, id_: str, state: Properties, inputs: Properties, preview: bool = False
    ) -> Properties:
        request = provider_pb2.UpdateRequest(
            urn=_urn(kind), id=id_, olds=wire.write(state), news=wire.write(inputs), preview=preview
        )
        return wire.read((await self.servicer.Update(request, _Context())).properties)

    async def delete(self, kind: str, id_: str, state: Properties) -> None:
        request = provider_pb2.DeleteRequest(urn=_urn(kind), id=id_, properties=wire.write(state))
        await self.servicer.Delete(request, _Context())

    async def diff_config(self, old: Properties, new: Properties) -> Any:
        request = provider_pb2.DiffRequest(old_inputs=wire.write(old), news=wire.write(new))
        return await self.servicer.DiffConfig(request, _Context())

    async def cancel(self) -> None:
        await self.servicer.Cancel(empty_pb2.Empty(), _Context())


def _urn(kind: str) -> str:
    return f"urn:pulumi:dev::room::auth0-phone:index:FormHosting$auth0-phone:index:{kind}::it"
