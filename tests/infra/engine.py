"""An engine that records: what a program declares, as it reaches the wire."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.runtime import mocks, rpc

_SECRET = "1b47061264138c4ac30d75fd1eb44270"


@contextmanager
def _own_loop() -> Iterator[None]:
    """A loop that is gone afterwards, with its threads, their loops and what a stopped program left."""
    loops = [asyncio.new_event_loop()]
    asyncio.set_event_loop(loops[0])
    # A program that stops leaves errors that nobody fetches; each would be logged whenever it is collected.
    loops[0].set_exception_handler(lambda *_: None)

    def thread_starts() -> None:
        # The mocks would make these loops themselves, and leave them open.
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[-1])

    threads = ThreadPoolExecutor(4, initializer=thread_starts)
    loops[0].set_default_executor(threads)
    try:
        yield
    finally:
        left = asyncio.all_tasks(loops[0])
        for task in left:
            task.cancel()
        loops[0].run_until_complete(asyncio.gather(*left, return_exceptions=True))
        threads.shutdown()
        for loop in loops:
            loop.close()
        asyncio.set_event_loop(None)


@dataclass(frozen=True)
class Declared:
    """One resource: its type, name and inputs, and the request as the engine gets it."""

    type: str
    name: str
    inputs: dict[str, Any]
    request: Any

    @property
    def dependencies(self) -> set[str]:
        """The names of what it waits for."""
        return {urn.rpartition("::")[2] for urn in self.request.dependencies}

    @property
    def provider(self) -> str:
        return str(self.request.provider).rpartition("::")[0].rpartition("::")[2]

    @property
    def parent(self) -> str:
        return str(self.request.parent).rpartition("::")[2]


@dataclass
class Engine(pulumi.runtime.Mocks):
    """Declares nothing for real. `live` is the tenant's list of bindings, as (id, name)."""

    live: list[tuple[str, str]] = field(default_factory=list)
    preview: bool = False
    stack: str = "dev"
    reads: list[str] = field(default_factory=list)
    declared: list[Declared] = field(default_factory=list)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], None]:
        raise AssertionError(f"nothing should be invoked: {args.token}")

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        if args.resource_id:
            self.reads.append(args.name)
            listed = [{"id": id_, "displayName": name} for id_, name in self.live]
            # The provider leaves an empty list out.
            return args.resource_id, {"trigger": args.resource_id, **({"actions": listed} if listed else {})}
        if args.typ == "auth0:index/action:Action":
            state = {**args.inputs, "versionId": rpc.UNKNOWN if self.preview else "version-1"}
            return ("" if self.preview else "action-1"), state
        if args.typ == "auth0-phone:index:VercelEnvironment":
            return f"{args.name}-id", {**args.inputs, "revision": "revision-1"}
        return f"{args.name}-id", args.inputs

    def run(self, program: Callable[[], object]) -> "Engine":
        """Run a program to its end; raises what it raises."""
        with _own_loop():
            pulumi.runtime.set_mocks(
                self,
                project="auth0-phone",
                stack=self.stack,
                preview=self.preview,
                monitor=_Recorder(self),
                logger=_Log(self.log),
            )
            pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]  # in the SDK
        return self

    def of(self, kind: str) -> list[Declared]:
        return [resource for resource in self.declared if resource.type.rpartition(":")[2] == kind]

    def the(self, kind: str) -> Declared:
        (only,) = self.of(kind)
        return only


class _Log(logging.Logger):
    def __init__(self, lines: list[str]) -> None:
        super().__init__("engine", logging.INFO)
        self.addHandler(handler := logging.Handler())
        handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]


class _Recorder(mocks.MockMonitor):
    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.engine = engine

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  (the wire's name)
        if request.type != "pulumi:pulumi:Stack":
            inputs = _plain(rpc.deserialize_properties(request.object, keep_unknowns=True))
            self.engine.declared.append(Declared(request.type, request.name, inputs, request))
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]  # in the SDK

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802  (as above)
        self.engine.outputs[request.urn.rpartition("::")[2]] = rpc.deserialize_properties(
            request.outputs, keep_unknowns=True
        )
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]  # in the SDK


def _plain(value: Any) -> Any:
    """A value without the marks of its secrets."""
    if isinstance(value, dict):
        return (
            _plain(value["value"]) if _SECRET in value.values() else {k: _plain(v) for k, v in value.items()}
        )
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def texts(value: Any, marked: bool = False) -> Iterator[tuple[str, bool]]:
    """Every text below a value on the wire, and whether it is marked as secret."""
    if value.HasField("struct_value"):
        fields = value.struct_value.fields
        secret = any(mark.string_value == _SECRET for mark in fields.values())
        for name, inner in fields.items():
            if not secret or name == "value":
                yield from texts(inner, marked or secret)
    elif value.HasField("list_value"):
        for inner in value.list_value.values:
            yield from texts(inner, marked)
    elif value.HasField("string_value"):
        yield value.string_value, marked
