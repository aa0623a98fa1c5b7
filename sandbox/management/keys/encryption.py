"""/keys/encryption: the keys a tenant's secrets are encrypted with, as data: nothing here is encrypted.

Documented: types, states, statuses (auth0.com/docs/api/management/v2/keys), and that a rekey makes a new
tenant master key and retires the one before. Provider's code: the order of a root key's life, created,
wrapping key, import, deleted, and that it is polled for its state. Provider's tests: that a wrapped key is
unwrapped, and what is said where it can't be. Not documented: the words of the other refusals.
"""

import asyncio

from ...errors import Auth0Error, not_found, refusal
from ...store import Doc
from .. import paging
from ..documents import find, without
from ..routing import Answer, Call, Operation
from ..schema import record, text
from . import wrapping

KIND = "encryption_keys"
_PATH = "/keys/encryption"
_READ, _CREATE, _UPDATE, _DELETE = (
    (f"{verb}:encryption_keys",) for verb in ("read", "create", "update", "delete")
)
_CUSTOMER, _ENVIRONMENT = "customer-provided-root-key", "environment-root-key"
_MASTER, _TENANT = "tenant-master-key", "tenant-encryption-key"
# What a root key has until it is imported; the private half is never shown.
_PAIR = ("public_key", "_private_key")
_PRE, _ACTIVE, _DESTROYED = "pre-activation", "active", "destroyed"


def missing() -> Auth0Error:
    return not_found("The encryption key does not exist.", "inexistent_encryption_key")


def list_keys(call: Call) -> Answer:
    return paging.answer(call, "keys", _keys(call), _shown)


def get_key(call: Call) -> Answer:
    return Answer(_shown(_find(call)))


def create_key(call: Call) -> Answer:
    _keys(call)
    return Answer(_shown(_kept(call, _new(call, call.body["type"], _PRE))), 201)


async def wrapping_key(call: Call) -> Answer:
    """What a key of one's own is wrapped with before it is imported."""
    _pending(call)
    private, public = await asyncio.to_thread(wrapping.new_pair)
    # Read again: another call may have deleted the key meanwhile.
    _kept(call, {**_pending(call), "public_key": public, "_private_key": private})
    return Answer({"public_key": public, "algorithm": wrapping.ALGORITHM}, 201)


def _pending(call: Call) -> Doc:
    key = _find(call)
    if key["state"] != _PRE:
        raise refusal(409, "The encryption key is not in the pre-activation state.")
    return key


def import_key(call: Call) -> Answer:
    key = _find(call)
    if key["state"] != _PRE or "public_key" not in key:
        raise refusal(409, "The encryption key has no wrapping key to be imported with.")
    if not wrapping.unwraps(call.body["wrapped_key"], key["_private_key"]):
        raise refusal(400, "Wrapped key material is invalid")
    with call.sandbox.store.atomic():
        for other in _keys(call):
            if other["type"] == _CUSTOMER and other["state"] == _ACTIVE:
                _kept(call, {**other, "state": "deactivated"})
        imported = _kept(call, {**without(key, _PAIR), "state": _ACTIVE})
    return Answer(_shown(imported), 201)


def delete_key(call: Call) -> Answer:
    """The key stays in the list, destroyed; the environment's root key takes over from the customer's.

    Documented: a key that the customer provided is what is deleted. The others make the hierarchy below it.
    """
    key = _find(call)
    if key["type"] != _CUSTOMER and key["state"] != _PRE:
        raise refusal(409, "Only a key that the customer provided can be deleted.")
    _kept(call, {**without(key, _PAIR), "state": _DESTROYED})
    return Answer(status=204)


def rekey(call: Call) -> Answer:
    with call.sandbox.store.atomic():
        retired = [
            key for key in _keys(call) if key["type"] in (_MASTER, _TENANT) and key["state"] == _ACTIVE
        ]
        for key in retired:
            _kept(call, {**key, "state": "deactivated"})
        roots = [
            key for key in _keys(call) if key["type"] in (_CUSTOMER, _ENVIRONMENT) and key["state"] == _ACTIVE
        ]
        master = _kept(call, _new(call, _MASTER, _ACTIVE, roots[-1]["kid"]))
        _kept(call, _new(call, _TENANT, _ACTIVE, master["kid"]))
    return Answer(status=204)


def _keys(call: Call) -> list[Doc]:
    """Every key; a tenant begins with one of each kind that isn't the customer's."""
    if not call.sandbox.store.count(KIND):
        with call.sandbox.store.atomic():
            parent = None
            for kind in (_ENVIRONMENT, _MASTER, _TENANT):
                parent = _kept(call, _new(call, kind, _ACTIVE, parent))["kid"]
    return call.sandbox.store.all(KIND)


def _find(call: Call) -> Doc:
    _keys(call)
    return find(call, KIND, missing(), "kid")


def _new(call: Call, kind: str, state: str, parent: str | None = None) -> Doc:
    now = call.sandbox.clock.iso()
    key = {"kid": call.sandbox.ids.uuid(), "type": kind, "state": state, "created_at": now, "updated_at": now}
    return {**key, "parent_kid": parent} if parent else key


def _kept(call: Call, key: Doc) -> Doc:
    kept = {**key, "updated_at": call.sandbox.clock.iso()}
    call.sandbox.store.put(KIND, key["kid"], kept)
    return kept


def _shown(key: Doc) -> Doc:
    return without(key, _PAIR)


OPERATIONS = (
    Operation("GET", _PATH, list_keys, _READ),
    Operation(
        "POST", _PATH, create_key, _CREATE, record({"type": text(choices=(_CUSTOMER, _MASTER))}, ("type",))
    ),
    Operation("POST", f"{_PATH}/rekey", rekey, (*_CREATE, *_UPDATE)),
    Operation("GET", f"{_PATH}/{{kid}}", get_key, _READ),
    Operation(
        "POST", f"{_PATH}/{{kid}}", import_key, _UPDATE, record({"wrapped_key": text(1)}, ("wrapped_key",))
    ),
    Operation("POST", f"{_PATH}/{{kid}}/wrapping-key", wrapping_key, _CREATE),
    Operation("DELETE", f"{_PATH}/{{kid}}", delete_key, _DELETE),
)
