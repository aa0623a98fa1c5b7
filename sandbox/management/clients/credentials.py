"""Keys and certificates an application authenticates with: /clients/{id}/credentials."""

from typing import Any

from ...context import Sandbox
from ...errors import Auth0Error, invalid_body, not_found, refusal
from ...store import Doc
from ..documents import public, without_nulls
from ..routing import Answer, Call, Operation
from . import existing, schema
from .keys import check_expiry, described

KIND = "client_credentials"


def missing() -> Auth0Error:
    return not_found("The credential does not exist", "inexistent_credential")


def list_credentials(call: Call) -> Answer:
    """A plain array, whatever paging was asked for (recorded)."""
    return Answer([public(credential) for credential in _of(call)])


def get_credential(call: Call) -> Answer:
    return Answer(public(_find(call)))


def create_credential(call: Call) -> Answer:
    known = _of(call)
    credential = _new(call.sandbox, call.body)
    _save(call, [*known, credential])
    return Answer(public(credential), 201)


def create_with(sandbox: Sandbox, client: Doc) -> None:
    """Make the credentials a new application brings along; from then on it has their ids alone."""
    made: list[Doc] = []
    for name in schema.METHODS:
        method = (client.get("client_authentication_methods") or {}).get(name) or {}
        if method.get("credentials"):
            new = [_new(sandbox, body) for body in method["credentials"]]
            method["credentials"] = [{"id": credential["id"]} for credential in new]
            made += new
    if made:
        sandbox.store.put(KIND, client["client_id"], {"credentials": made})


def _new(sandbox: Sandbox, body: Doc) -> Doc:
    check_expiry(body)
    now = sandbox.clock.iso()
    credential = without_nulls(
        {
            "id": sandbox.ids.credential(),
            "credential_type": body["credential_type"],
            **described(body),
            "name": body.get("name"),
            "created_at": now,
            "updated_at": now,
        }
    )
    if "expires_at" in body:
        credential["expires_at"] = body["expires_at"]
    return credential


def update_credential(call: Call) -> Answer:
    check_expiry(call.body)
    changed = {**_find(call), **call.body, "updated_at": call.sandbox.clock.iso()}
    _save(call, [changed if known["id"] == changed["id"] else known for known in _of(call)])
    return Answer(public(changed))


def check_known(call: Call) -> None:
    """Raise Auth0Error 400 for a PATCH of an application that names a credential which isn't its own."""
    known = [credential["id"] for credential in _of(call)]
    for named in _named(call.body):
        if named not in known:
            raise invalid_body(f"The credential does not exist: {named}")


def delete_credential(call: Call) -> Answer:
    """One that authenticates its application, or signs for it, has to be taken from there first.

    The words are those the Terraform provider looks for; the status and the rest of them are likely.
    """
    gone = call.params["credential"]
    if gone in _named(call.sandbox.store.get("clients", call.params["id"]) or {}):
        raise refusal(400, "The credential is still associated with a client", "credential_in_use")
    _save(call, [credential for credential in _of(call) if credential["id"] != gone])
    return Answer(status=204)


def _named(client: Doc) -> list[Any]:
    """The ids of those an application, or a change of it, uses."""
    methods = client.get("client_authentication_methods") or {}
    users = [
        *methods.values(),
        client.get("signed_request_object"),
        client.get("token_vault_privileged_access"),
    ]
    lists = [user.get("credentials") for user in users if isinstance(user, dict)]
    return [
        credential.get("id") if isinstance(credential, dict) else credential
        for credentials in lists
        if isinstance(credentials, list)
        for credential in credentials
    ]


def _of(call: Call) -> list[Doc]:
    if call.sandbox.store.get("clients", call.params["id"]) is None:
        raise existing.missing()
    stored = call.sandbox.store.get(KIND, call.params["id"]) or {"credentials": []}
    return list(stored["credentials"])


def _find(call: Call) -> Doc:
    for credential in _of(call):
        if credential["id"] == call.params["credential"]:
            return credential
    raise missing()


def _save(call: Call, credentials: list[Doc]) -> None:
    call.sandbox.store.put(KIND, call.params["id"], {"credentials": credentials})


_READ = ("read:client_credentials",)
_CREATE = ("create:client_credentials",)
_UPDATE = ("update:client_credentials",)
_DELETE = ("delete:client_credentials",)
_ALL = "/clients/{id}/credentials"
_ONE = "/clients/{id}/credentials/{credential}"

OPERATIONS = (
    Operation("GET", _ALL, list_credentials, _READ),
    Operation("POST", _ALL, create_credential, _CREATE, schema.CREATE_CREDENTIAL),
    Operation("GET", _ONE, get_credential, _READ),
    Operation("PATCH", _ONE, update_credential, _UPDATE, schema.UPDATE_CREDENTIAL),
    Operation("DELETE", _ONE, delete_credential, _DELETE),
)
