"""The Node process that executes Actions: started by the first execution, replaced when it dies."""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..parsing import parsed
from . import node, wishes
from .errors import RunnerError

Answer = dict[str, Any]

# A synchronous endless loop blocks Node's own timer as well; this much later the process is killed.
_GRACE_SECONDS = 0.3
_LINE_LIMIT = 2**24


class NodeRunner:
    """Executes deployed Actions; any number of executions may be under way at once."""

    def __init__(
        self, ca: Path | None = None, node_path: str | None = None, packages: Path | None = None
    ) -> None:
        """`ca`: the PEM file of a CA that Actions' own requests shall trust, beside the public ones.

        `packages`: a folder whose node_modules has the npm packages that Actions may declare as dependencies.
        """
        self._ca = ca
        self._packages = packages.resolve() if packages else None
        self._node_path = node_path
        self._child: _Child | None = None
        self._starting = asyncio.Lock()
        self._command: list[str] | None = None

    @property
    def pid(self) -> int | None:
        """The process now alive, if any."""
        return self._child.pid if self._child and self._child.alive else None

    async def execute(self, request: Mapping[str, Any]) -> Answer:
        """Run one handler of one Action version.

        Request: action {key, version, trigger, code; modules {name: {code, secrets}} and dependencies
        [{name, version}] if it has any}, handler, event (with secrets), milliseconds (the budget),
        clockOffset (milliseconds), validateToken {minimumLife (seconds), checksIssuer}, redirects (whether
        there is a browser to redirect), roles [{id, name, description}], instance (whose cache it sees).
        Answer: commands [{type, …}] in the order the Action asked, console [{level, text}], calls
        [{method, host, path, status, milliseconds, error?}], milliseconds, and error: None or {kind:
        thrown | timeout | died, name, message, stack}. Raises RunnerError only when no Node process can
        be had.
        """
        deadline = request["milliseconds"] / 1000 + _GRACE_SECONDS
        whole = request["action"]
        known = {name: whole[name] for name in ("key", "version", "trigger")}
        answer = await self._ask({**request, "op": "run", "action": known}, deadline)
        if answer.get("need") == "code":
            answer = await self._ask({**request, "op": "run", "action": whole}, deadline)
        unknown = wishes.unknown(answer["commands"])
        if unknown is not None:
            failed = _failed("thrown", f"The Action asked for something unknown: {unknown[:64]}.")
            return answer | {"commands": [], "error": failed["error"]}
        return answer

    async def check(self, code: str) -> str | None:
        """The syntax error of an Action's code, or None when it compiles. Nothing of it is executed."""
        answer = await self._ask({"op": "check", "code": code}, 10.0)
        problem = answer["problem"] if "problem" in answer else answer["error"]["message"]
        return str(problem) if problem else None

    async def close(self) -> None:
        """End the process; the next execution would start another."""
        if self._child:
            await self._child.end()
            self._child = None

    async def _ask(self, request: Mapping[str, Any], deadline: float) -> Answer:
        child = await self._alive()
        try:
            return await asyncio.wait_for(child.ask(request), deadline)
        except TimeoutError:
            await child.end()
            return _failed("timeout", "The execution took too long.")
        except ChildDiedError:
            return _failed("died", "The process that executes Actions ended during the execution.")

    async def _alive(self) -> "_Child":
        async with self._starting:
            if self._child is None or not self._child.alive:
                if self._command is None:
                    path = node.find(self._node_path)
                    self._command = [path, *node.arguments(await node.version(path), self._packages)]
                self._child = await _Child.start(self._command, node.environment(self._ca))
            return self._child


class ChildDiedError(Exception):
    """The process ended before it answered."""


class _Child:
    """One Node process and the questions it hasn't answered yet."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._last = 0
        self.alive = True
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, command: list[str], environment: dict[str, str]) -> "_Child":
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
            limit=_LINE_LIMIT,
        )
        node.confine(process.pid)
        return cls(process)

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ask(self, request: Mapping[str, Any]) -> Answer:
        if not self.alive or self._process.stdin is None:
            raise ChildDiedError
        self._last += 1
        number = self._last
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            self._process.stdin.write(json.dumps({**request, "id": number}).encode() + b"\n")
            await self._process.stdin.drain()
            result: Answer = await answer
            return result
        except ConnectionError as error:
            raise ChildDiedError from error
        finally:
            self._waiting.pop(number, None)

    async def end(self) -> None:
        """Kill: an endless loop listens to nothing else."""
        self.alive = False
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._reader

    async def _read(self) -> None:
        if self._process.stdout is None:
            raise RunnerError("The process that executes Actions has no output.")
        try:
            async for line in self._process.stdout:
                answer = parsed(line)
                waiting = self._waiting.get(answer["id"])
                if waiting and not waiting.done():
                    waiting.set_result(answer)
        except ValueError:  # a line without an end, or one that is no JSON: nothing more can be told apart
            self.alive = False
        finally:
            self.alive = False
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(ChildDiedError())
            await self._process.wait()


def _failed(kind: str, message: str) -> Answer:
    error = {"kind": kind, "name": "Error", "message": message, "stack": ""}
    return {"commands": [], "console": [], "calls": [], "milliseconds": 0.0, "error": error}
