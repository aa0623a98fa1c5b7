"""Whether a draft can be built, and with which words it fails.

Recorded: code with a syntax error is built. A build fails for a dependency that npm has no such version of;
the sandbox asks no registry, so it knows that only of packages named like Node's own modules, which are
placeholders. The switch `action_build_error` fails every build. What stands in `errors` of a failed
Action is not recorded; its members (id, msg, url) are documented.
"""

import re

from ...store import Doc
from ..routing import Call

# Names that npm gave away to placeholders; none of them ever got beyond version 1.
_PLACEHOLDERS = (
    "child_process", "crypto", "dgram", "dns", "fs", "http", "https", "net", "os", "path", "tls", "zlib"
)  # fmt: skip
_THEIRS = re.compile(r"[\^~]?[01](\.|$)|latest$|\*$")


async def problem(call: Call, action: Doc, body: Doc) -> Doc | None:
    """What the build of this draft will fail with, as an item of `errors`; None when it succeeds."""
    switches = call.sandbox.switches
    if switches.action_build_error:
        return _error("build_failed", switches.action_build_error)
    for dependency in action["dependencies"]:
        name, version = dependency.get("name", ""), dependency.get("version", "latest")
        if name in _PLACEHOLDERS and not _THEIRS.match(version):
            return _error("dependency_not_found", f"No matching version found for {name}@{version}.")
    if switches.action_build_checks_syntax and "code" in body:
        text = await call.sandbox.runner.check(body["code"])
        return _error("build_failed", text) if text else None
    return None


def _error(kind: str, text: str) -> Doc:
    return {"id": kind, "msg": text, "url": ""}
