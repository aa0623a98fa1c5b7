"""/keys/signing: the keys this tenant's tokens are really signed with.

Documented: shapes and statuses (auth0.com/docs/api/management/v2/keys). A rotation makes the next key the
current one, and tokens of the one before stay good until it is revoked. The next key is made when somebody
first asks, so that a sandbox starts quickly; from then on it is published too. Not documented: the words of
the refusals.
"""

import asyncio

from joserfc.jwk import RSAKey

from ...errors import not_found, refusal
from ...keys import new_key
from ...store import Doc
from ..documents import without_nulls
from ..routing import Answer, Call, Operation
from .certificates import described

# Beside the keys themselves: a reset keeps both.
_KIND = "keys"
_KEY = "signing_states"
_PATH = "/keys/signing"
_READ = ("read:signing_keys",)


async def list_keys(call: Call) -> Answer:
    return Answer(list((await _states(call)).values()))


async def get_key(call: Call) -> Answer:
    return Answer(_find(await _states(call), call.params["kid"]))


async def rotate(call: Call) -> Answer:
    upcoming = await asyncio.to_thread(new_key)
    # Only now: another call may have rotated while the key was made.
    states, now = await _states(call), call.sandbox.clock.iso()
    current = next(state for state in states.values() if state.get("current"))
    chosen = next(state for state in states.values() if state.get("next"))
    with call.sandbox.store.atomic():
        call.sandbox.keys.promote(chosen["kid"])
        states[current["kid"]] = {**_bare(current), "previous": True, "current_until": now}
        states[chosen["kid"]] = {**_bare(chosen), "current": True, "current_since": now}
        _add_next(call, states, upcoming)
    return Answer(_told(chosen), 201)


async def revoke(call: Call) -> Answer:
    states = await _states(call)
    state = _find(states, call.params["kid"])
    if not state.get("previous"):
        raise refusal(400, "Only the previous signing key can be revoked.", "operation_not_supported")
    with call.sandbox.store.atomic():
        call.sandbox.keys.drop(state["kid"])
        now = call.sandbox.clock.iso()
        states[state["kid"]] = {**state, "previous": None, "revoked": True, "revoked_at": now}
        _keep(call, states)
    return Answer(_told(state))


def _find(states: dict[str, Doc], kid: str) -> Doc:
    if kid not in states:
        raise not_found("The signing key does not exist.", "inexistent_signing_key")
    return states[kid]


async def _states(call: Call) -> dict[str, Doc]:
    """Every key's state by its id, the next one's too."""
    known = _known(call)
    if known is not None:
        return known
    upcoming = await asyncio.to_thread(new_key)
    # Asked again: of two calls that made a next key at the same time, the first one's stays.
    return _known(call) or _first(call, upcoming)


def _known(call: Call) -> dict[str, Doc] | None:
    stored = call.sandbox.store.get(_KIND, _KEY) or {}
    return stored if call.sandbox.keys.current in stored else None


def _first(call: Call, upcoming: RSAKey) -> dict[str, Doc]:
    with call.sandbox.store.atomic():
        kid = call.sandbox.keys.current
        since = {"current": True, "current_since": call.sandbox.clock.iso()}
        states = {kid: {**_new(call, kid), **since}}
        _add_next(call, states, upcoming)
    return states


def _add_next(call: Call, states: dict[str, Doc], upcoming: RSAKey) -> None:
    kid = call.sandbox.keys.add(upcoming)
    states[kid] = {**_new(call, kid), "next": True}
    _keep(call, states)


def _keep(call: Call, states: dict[str, Doc]) -> None:
    for kid, state in states.items():
        states[kid] = without_nulls(state)
    call.sandbox.store.put(_KIND, _KEY, states)


def _new(call: Call, kid: str) -> Doc:
    name = call.sandbox.addresses.auth0
    certificate = described(call.sandbox.keys.private_key(kid), name, call.sandbox.clock.now())
    return {"kid": kid, **certificate, "revoked": False}


def _bare(state: Doc) -> Doc:
    return {name: value for name, value in state.items() if name not in ("current", "next", "previous")}


def _told(state: Doc) -> Doc:
    return {"kid": state["kid"], "cert": state["cert"]}


OPERATIONS = (
    Operation("GET", _PATH, list_keys, _READ),
    Operation("GET", f"{_PATH}/{{kid}}", get_key, _READ),
    Operation("POST", f"{_PATH}/rotate", rotate, ("create:signing_keys", "update:signing_keys")),
    Operation("PUT", f"{_PATH}/{{kid}}/revoke", revoke, ("update:signing_keys",)),
)
