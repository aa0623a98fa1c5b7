"""How often a person may be sent codes of a second factor, and be wrong with them; each code counts once.

Auth0 lets a person ten messages and ten wrong codes an hour (community.auth0.com, "Rate limits for MFA
factors"); a code of an authenticator app must not be accepted twice (RFC 6238, 5.2).
"""

from ..context import Sandbox

_KIND = "factor_limits"
_STEPS = "factor_steps"
_SECONDS = 3600
_MOST = 10


def is_reached(sandbox: Sandbox, key: str) -> bool:
    """Whether what is counted under the key has happened ten times within the last hour."""
    return len(_recent(sandbox, key)) >= _MOST


def count(sandbox: Sandbox, key: str) -> None:
    with sandbox.store.atomic():
        sandbox.store.put(_KIND, key, {"at": [*_recent(sandbox, key), sandbox.clock.now()]})


def is_new_step(sandbox: Sandbox, method_id: str, step: int) -> bool:
    """Whether a code's time step is later than that of every code accepted before; if so it is remembered."""
    with sandbox.store.atomic():
        last = sandbox.store.get(_STEPS, method_id)
        if last is not None and step <= last["step"]:
            return False
        sandbox.store.put(_STEPS, method_id, {"step": step})
    return True


def _recent(sandbox: Sandbox, key: str) -> list[float]:
    since = sandbox.clock.now() - _SECONDS
    return [moment for moment in (sandbox.store.get(_KIND, key) or {"at": []})["at"] if moment > since]
