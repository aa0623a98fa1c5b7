"""How a draft gets built: pending, building, then built or failed.

A build ends after a number of reads and a time, both switches of the sandbox, so that a client's waiting can
be tested. Source: recorded answers (without dependencies a build is done within about 0.4 s); Auth0 does not
refuse code with a syntax error: a recorded Action with one was built and deployed.
"""

from ...context import Sandbox
from ...store import Doc

_BUILD = "_build"
_TRIES = 3


def start(sandbox: Sandbox, action: Doc, problem: Doc | None = None) -> None:
    """The draft changed: build it anew. A `problem` is what the build will fail with."""
    switches = sandbox.switches
    # npm is asked more than once before a dependency is given up.
    tries = _TRIES if problem and action["dependencies"] else 0
    action["status"] = "pending"
    action[_BUILD] = {
        "reads": switches.action_build_reads + tries,
        "ready_at": sandbox.clock.now() + switches.action_build_seconds,
        "problem": problem,
    }


def advance(sandbox: Sandbox, action: Doc) -> bool:
    """Count one read; True when the state changed and has to be stored."""
    build = action.get(_BUILD)
    if build is None:
        return False
    build["reads"] -= 1
    if build["reads"] > 0 or sandbox.clock.now() < build["ready_at"]:
        action["status"] = "building"
        return True
    action["status"] = "failed" if build["problem"] else "built"
    if build["problem"]:
        action["errors"] = [build["problem"]]
    del action[_BUILD]
    return True
