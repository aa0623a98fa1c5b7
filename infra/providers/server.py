"""The provider as the engine calls it: each call goes to the resource's kind, each error back in its words.

https://github.com/pulumi/pulumi/blob/master/sdk/proto/pulumi/provider.proto
"""

from collections.abc import Awaitable, Callable, Iterable
from functools import wraps
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import grpc
import grpc.aio
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from . import account, schema, wire
from .addresses import VERCEL, is_loopback
from .api import Api
from .checks import Failure
from .deployment import Deployment
from .differences import Change, changes
from .domain import Domain
from .environment import Environment
from .errors import IncompleteError, ProviderError
from .halt import Halt
from .kinds import Kind, Work
from .progress import Progress
from .project import Project
from .wire import UNKNOWN

_DIFF = provider_pb2.PropertyDiff
_HOW = {
    ("add", False): _DIFF.ADD,
    ("add", True): _DIFF.ADD_REPLACE,
    ("delete", False): _DIFF.DELETE,
    ("delete", True): _DIFF.DELETE_REPLACE,
    ("update", False): _DIFF.UPDATE,
    ("update", True): _DIFF.UPDATE_REPLACE,
}


Method = Callable[[Any, Any, Any], Awaitable[Any]]


class _Status(grpc.Status):  # type: ignore[misc]  # grpc comes without types
    """An error with its details, as gRPC's trailing metadata carry them."""

    def __init__(self, message: str, details: Any) -> None:
        packed = any_pb2.Any()
        packed.Pack(details)
        whole = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=message, details=[packed])
        self.code = grpc.StatusCode.UNKNOWN
        self.details = message
        self.trailing_metadata = (("grpc-status-details-bin", whole.SerializeToString()),)


def _told(method: Method) -> Method:
    """A method of the servicer whose errors become the call's own, in words for a person."""

    @wraps(method)
    async def told(servicer: Any, request: Any, context: Any) -> Any:
        try:
            return await method(servicer, request, context)
        except IncompleteError as error:
            details = provider_pb2.ErrorResourceInitFailed(
                id=error.id, properties=wire.write(error.state), reasons=[str(error)]
            )
            await context.abort_with_status(_Status(str(error), details))
        except ProviderError as error:
            await context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except Exception as error:
            # Its text could hold anything, a variable's value too.
            whose = getattr(request, "urn", "").rpartition("::")[2] or "the provider"
            await context.abort(
                grpc.StatusCode.UNKNOWN,
                f"{method.__name__} of {whose} broke off in a way nobody foresaw ({type(error).__name__}). "
                "`pulumi refresh` shows what Vercel has; then run `pulumi up` again.",
            )

    return told


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """One account's resources. Nothing but create, read, update and delete needs the network or the token."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._halt = progress, Halt()
        self._api: Api | None = None
        self._urn = ""
        kinds: dict[str, Kind] = {
            "VercelProject": Project(),
            "VercelDomain": Domain(),
            "VercelEnvironment": Environment(),
            "VercelDeployment": Deployment(),
        }
        self._kinds = {f"auth0-phone:index:{name}": kind for name, kind in kinds.items()}

    async def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802  (the wire's name, as below)
        return plugin_pb2.PluginInfo(version=_version())

    async def GetSchema(self, request: Any, context: Any) -> Any:  # noqa: N802
        return provider_pb2.GetSchemaResponse(schema=schema.text(_version(), self._kinds))

    @_told
    async def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        inputs, self._urn = wire.read(request.news), request.urn
        return provider_pb2.CheckResponse(inputs=request.news, failures=_failures(account.check(inputs)))

    @_told
    async def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Another team or API is another account: nothing of the old one would be found there."""
        old, new = wire.read(request.old_inputs), wire.read(request.news)
        found = [
            Change(name, name, "update", not _both_on_loopback(name, old, new), True)
            for name, absent in (("apiUrl", VERCEL), ("team", ""))
            if old.get(name, absent) != new.get(name, absent)
        ]
        return _difference(found, False)

    @_told
    async def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        given = wire.read(request.args)
        url, team = given.get("apiUrl", VERCEL), given.get("team", "")
        if UNKNOWN not in (url, team) and not account.check(given):
            self._api = Api(url, team, self._halt)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    @_told
    async def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        inputs, failures = self._kind(request.urn).check(wire.read(request.news))
        return provider_pb2.CheckResponse(inputs=wire.write(inputs), failures=_failures(failures))

    @_told
    async def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        kind, state, inputs = self._kind(request.urn), wire.read(request.olds), wire.read(request.news)
        found = changes(kind, request.id, state, wire.read(request.old_inputs), inputs)
        return _difference(found, kind.delete_first({change.name for change in found}))

    @_told
    async def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        kind, inputs = self._kind(request.urn), wire.read(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=wire.write(kind.planned(None, inputs)))
        id_, state = await kind.create(inputs, self._work(request))
        return provider_pb2.CreateResponse(id=id_, properties=wire.write(state))

    @_told
    async def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        kind, old = self._kind(request.urn), wire.read(request.properties)
        found = await kind.read(request.id, old, self._work(request))
        if found is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=found.id, inputs=wire.write(found.inputs), properties=wire.write(found.state)
        )

    @_told
    async def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        kind, old, inputs = self._kind(request.urn), wire.read(request.olds), wire.read(request.news)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=wire.write(kind.planned(old, inputs)))
        state = await kind.update(request.id, old, inputs, self._work(request))
        return provider_pb2.UpdateResponse(properties=wire.write(state))

    @_told
    async def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        kind, old = self._kind(request.urn), wire.read(request.properties)
        await kind.delete(request.id, old, self._work(request))
        return empty_pb2.Empty()

    async def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        self._halt.set()
        return empty_pb2.Empty()

    def serve_on(self, server: Any) -> None:
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(self, server)

    async def close(self) -> None:
        if self._api is not None:
            await self._api.close()

    def _kind(self, urn: str) -> Kind:
        name = urn.split("::")[2].rpartition("$")[2]
        if name not in self._kinds:
            raise ProviderError(f"There is no resource {name}: there are {', '.join(self._kinds)}.")
        return self._kinds[name]

    def _work(self, request: Any) -> Work:
        if self._api is None:
            raise ProviderError("The provider's apiUrl and team must be plain settings, known beforehand.")
        return Work(self._api, self._progress, request.urn, self._urn, getattr(request, "timeout", 0.0))


def _failures(failures: Iterable[Failure]) -> list[Any]:
    return [provider_pb2.CheckFailure(property=each.path, reason=each.reason) for each in failures]


def _difference(found: list[Change], delete_first: bool) -> Any:
    some = provider_pb2.DiffResponse.DIFF_SOME if found else provider_pb2.DiffResponse.DIFF_NONE
    return provider_pb2.DiffResponse(
        changes=some,
        diffs=sorted({change.name for change in found}),
        replaces=sorted({change.name for change in found if change.replaces}),
        detailedDiff={
            change.path: _DIFF(kind=_HOW[change.how, change.replaces], inputDiff=change.declared)
            for change in found
        },
        hasDetailedDiff=True,
        deleteBeforeReplace=delete_first,
    )


def _both_on_loopback(name: str, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """A sandbox that moved to another port is still the same account."""
    return name == "apiUrl" and all(is_loopback(str(each.get(name, VERCEL))) for each in (old, new))


def _version() -> str:
    try:
        return version("auth0-phone")
    except PackageNotFoundError:
        return "0.0.0"
