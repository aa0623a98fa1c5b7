"""One run of a trigger: its Actions executed one after the other, and what is kept of that.

Kept in the kind `executions`, by id: what the Management API shows, and under `_runs` the whole of each run
for people who develop Actions: its complete console, and the calls it made. Documented
(auth0.com/docs/api/management/v2/actions/get-execution) are id, trigger_id, status, created_at, updated_at
and, of each result, action_name, error, started_at and ended_at; a result's other members are the sandbox's
own.

Not documented is when a run is which status: here `suspended` waits for a redirect or a challenge,
`canceled` was ended by an Action that refused, `partial` by one that failed, and `final` went through.
"""

import time
from collections.abc import Iterable
from typing import Any, Literal

from ..context import Sandbox
from ..store import Doc, Store

KIND = "executions"
# For all Actions of one run: auth0.com/docs/customize/actions/limitations
SECONDS = 20.0
# What is kept of an Action's console (same page).
CONSOLE = 256
_KEPT = 2000
_TRIM_EVERY = 200

Status = Literal["final", "partial", "canceled", "suspended"]


class Execution:
    """A run under way; `deadline` bounds all its Actions together."""

    def __init__(self, sandbox: Sandbox, trigger: str, seconds: float = SECONDS) -> None:
        self.id = sandbox.ids.uuid()
        self.seconds = seconds
        self._sandbox = sandbox
        self._trigger = trigger
        self._deadline = time.monotonic() + seconds
        self._created_at = sandbox.clock.iso()
        self._runs: list[Doc] = []

    async def execute(
        self, action: Doc, deployed: Doc, handler: str, event: Doc, **options: Any
    ) -> tuple[Doc, Doc]:
        """Execute a handler of a deployed Action: its run as it will be kept, and the runner's answer.

        `event` is without secrets, `options` what else the runner takes. RunnerError when there is none.
        """
        started = self._sandbox.clock.iso()
        answer = await self._sandbox.runner.execute(
            {
                "action": version(action["id"], self._trigger, deployed),
                "handler": handler,
                "event": {**event, "secrets": _values(deployed)},
                "milliseconds": max(0.0, (self._deadline - time.monotonic()) * 1000),
                "clockOffset": self._sandbox.clock.offset * 1000,
                **options,
            }
        )
        run = _run(action, deployed, handler, answer)
        run |= {"started_at": started, "ended_at": self._sandbox.clock.iso(), "execution_id": self.id}
        self._runs.append(run)
        return run, answer

    def reason(self, error: Doc) -> str:
        """What people are told of an Action's failure: an Action should catch its own errors."""
        if error["kind"] == "timeout":
            return f"The Actions of this login did not complete within {self.seconds:g} seconds."
        return str(error["message"])

    def end(self, status: Status) -> list[str]:
        """Keep what ran, if anything did; the ids that a log entry names."""
        if not self._runs:
            return []
        bindings = binding_ids(self._sandbox, self._trigger)
        kept: Doc = {
            "id": self.id,
            "trigger_id": self._trigger,
            "status": status,
            "results": [_result(run, bindings.get(run["action_id"])) for run in self._runs],
            "created_at": self._created_at,
            "updated_at": self._sandbox.clock.iso(),
            "_runs": self._runs,
        }
        self._sandbox.store.put(KIND, self.id, kept)
        if self._sandbox.store.count(KIND) % _TRIM_EVERY == 0:
            self._sandbox.store.trim(KIND, _KEPT)
        return [self.id]


def version(action_id: str, trigger: str, deployed: Doc) -> Doc:
    """A deployed version as the runner takes it."""
    return {
        "key": action_id,
        "version": deployed["id"],
        "trigger": trigger,
        "code": deployed["code"],
        "modules": deployed.get("modules") or {},
        "dependencies": deployed.get("dependencies") or [],
    }


def bound(sandbox: Sandbox, trigger: str) -> list[str]:
    """The ids of the Actions bound to a trigger, in binding order."""
    return list(binding_ids(sandbox, trigger))


def binding_ids(sandbox: Sandbox, trigger: str) -> dict[str, str | None]:
    """Action id -> binding id, in binding order."""
    doc = sandbox.store.get("bindings", trigger) or {}
    return {binding["action_id"]: binding.get("id") for binding in doc.get("bindings", [])}


def deployed_of(sandbox: Sandbox, action_id: str) -> tuple[Doc, Doc] | None:
    """An Action and its deployed version; None when it is gone or was never deployed."""
    action = sandbox.store.get("actions", action_id)
    return (action, action["_deployed"]) if action and action.get("_deployed") else None


def runs(sandbox: Sandbox, ids: Iterable[str]) -> list[Doc]:
    """The whole of what ran in these executions, in order."""
    return runs_in(sandbox.store, ids)


def runs_in(store: Store, ids: Iterable[str]) -> list[Doc]:
    """As `runs`, for whoever has the store alone."""
    found = (store.get(KIND, one) or {} for one in ids)
    return [run for kept in found for run in kept.get("_runs", [])]


def of_entry(entry: Doc) -> list[str]:
    """The executions an entry of the tenant's log names."""
    actions = (entry.get("details") or {}).get("actions") or {}
    return list(actions.get("executions", []))


def _values(deployed: Doc) -> dict[str, str]:
    return {secret["name"]: secret["value"] for secret in deployed.get("secrets", [])}


def _run(action: Doc, deployed: Doc, handler: str, answer: Doc) -> Doc:
    """Everything an Action did: its console is complete here, and its calls have no query."""
    unsupported = [command["name"] for command in answer["commands"] if command["type"] == "unsupported"]
    return {
        "action_id": action["id"],
        "action_name": action["name"],
        "version_id": deployed["id"],
        "handler": handler,
        "milliseconds": round(answer["milliseconds"], 3),
        "console": answer["console"],
        "calls": answer.get("calls", []),
        "error": answer["error"],
        **({"unsupported": unsupported} if unsupported else {}),
    }


def _result(run: Doc, binding_id: str | None) -> Doc:
    """One Action as the Management API shows it; its console cut as Auth0 cuts it."""
    console = "\n".join(line["text"] for line in run["console"])
    error = _error(run["error"])
    return {
        "action_name": run["action_name"],
        "action_id": run["action_id"],
        "version_id": run["version_id"],
        **({"binding_id": binding_id} if binding_id else {}),
        "response": {
            "logs": console[:CONSOLE],
            "stats": {"action_duration_ms": run["milliseconds"], "calls": len(run["calls"])},
        },
        **({"error": error} if error else {}),
        "started_at": run["started_at"],
        "ended_at": run["ended_at"],
    }


def _error(error: Doc | None) -> Doc | None:
    if error is None:
        return None
    return {"id": error["kind"], "msg": str(error["message"])[:CONSOLE], "url": ""}
