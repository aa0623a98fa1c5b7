"""What of the login expires, and is forgotten some time after it did."""

from ..context import Sandbox

_KINDS = (
    "transactions",
    "codes",
    "used_codes",
    "idp_codes",
    "factor_codes",
    "device_codes",
    "pushed_requests",
)
_EVERY = 600
# For so long somebody who comes too late is told that they do.
_GRACE = 3600


def prune(sandbox: Sandbox) -> None:
    """Forget what expired more than an hour ago; every ten minutes at most, as it looks at everything."""
    now = sandbox.clock.now()
    last = sandbox.store.get("pruned", "login")
    if last is not None and 0 <= now - last["at"] < _EVERY:
        return
    sandbox.store.put("pruned", "login", {"at": now})
    for kind in _KINDS:
        sandbox.store.expire(kind, now - _GRACE)
