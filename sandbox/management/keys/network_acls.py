"""/keys/network-acls: keys that check signed requests for a network ACL's rules, as data: nothing is checked.

Source: the provider's schema and acceptance tests (limits of the value, the fingerprint), the SDKs' types.
Not documented: the form of an id, the scopes (here those of the other keys, by their pattern), and the words
of refusals.
"""

import binascii
import hashlib
from base64 import b64decode

from ...errors import Auth0Error, conflict, invalid_body, not_found
from ...store import Doc
from ..documents import find
from ..routing import Answer, Call, Operation
from ..schema import record, text

KIND = "network_acl_keys"
_PATH = "/keys/network-acls"
_LEAST, _MOST = 32, 512
_CREATE = record(
    {"name": text(1, 255), "alg": text(choices=("hmac-sha256",)), "value": text(1)},
    required=("name", "alg", "value"),
)


def missing() -> Auth0Error:
    return not_found("The network ACL key does not exist.", "inexistent_network_acl_key")


def _material(value: str) -> bytes:
    """With or without the padding, as the provider reads it."""
    try:
        raw = b64decode(value.rstrip("=") + "=" * (-len(value.rstrip("=")) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _refused("String is not base64") from error
    if not _LEAST <= len(raw) <= _MOST:
        raise _refused(f"Key material of {len(raw)} bytes, has to be {_LEAST} to {_MOST}")
    return raw


def _refused(problem: str) -> Auth0Error:
    return invalid_body(f"Payload validation error: '{problem}' on property value.")


def list_keys(call: Call) -> Answer:
    return Answer({"keys": call.sandbox.store.all(KIND)})


def get_key(call: Call) -> Answer:
    return Answer(find(call, KIND, missing()))


def create_key(call: Call) -> Answer:
    """The value itself is neither kept nor answered: it is told by its fingerprint."""
    name, now = call.body["name"], call.sandbox.clock.iso()
    fingerprint = hashlib.sha256(_material(call.body["value"])).hexdigest()
    if call.sandbox.store.where(KIND, "name", name):
        raise conflict("A network ACL key with the same name already exists.", "network_acl_key_conflict")
    key: Doc = {
        "id": call.sandbox.ids.uuid(),
        "name": name,
        "alg": call.body["alg"],
        "fingerprint": fingerprint,
        "created_at": now,
        "updated_at": now,
    }
    call.sandbox.store.put(KIND, key["id"], key)
    return Answer(key, 201)


def delete_key(call: Call) -> Answer:
    call.sandbox.store.delete(KIND, find(call, KIND, missing())["id"])
    return Answer(status=204)


# A key is never changed: another one is made.
OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", _PATH, list_keys, ("read:network_acl_keys",)),
    Operation("POST", _PATH, create_key, ("create:network_acl_keys",), _CREATE),
    Operation("GET", f"{_PATH}/{{id}}", get_key, ("read:network_acl_keys",)),
    Operation("DELETE", f"{_PATH}/{{id}}", delete_key, ("delete:network_acl_keys",)),
)
