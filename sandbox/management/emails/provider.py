"""/emails/provider: the service that sends a tenant's e-mails; a tenant has one or none.

Recorded: shapes, statuses, and that the credentials are answered without what is secret (of Amazon's not even
the key's id). Provider's schema: the credentials of each service. Not documented: the words for a second one.
No e-mail is sent by it.
"""

from ...errors import Auth0Error, conflict, not_found
from ...store import Doc
from .. import paging
from ..documents import patched, public, without
from ..routing import Answer, Call, Operation
from ..schema import record, validate
from ..singleton import KIND
from .schema import CREATE_PROVIDER, CREDENTIALS, SECRETS, UPDATE_PROVIDER

KEY = "email_provider"
_PATH = "/emails/provider"


def missing() -> Auth0Error:
    return not_found("There is not a configured email provider", "inexistent_email_provider")


def get_provider(call: Call) -> Answer:
    return Answer(paging.selected(call, _shown(_current(call))))


def create_provider(call: Call) -> Answer:
    if call.sandbox.store.get(KIND, KEY) is not None:
        raise conflict("There is already a configured email provider", "email_provider_conflict")
    _check(call.body["name"], call.body["credentials"])
    return Answer(_kept(call, {"enabled": True, **call.body}), 201)


def update_provider(call: Call) -> Answer:
    """Credentials and settings are replaced as a whole; credentials that aren't sent stay."""
    current = _current(call)
    if "credentials" in call.body:
        _check(call.body.get("name", current["name"]), call.body["credentials"])
    return Answer(_kept(call, patched(current, call.body)))


def delete_provider(call: Call) -> Answer:
    call.sandbox.store.delete(KIND, KEY)
    return Answer(status=204)


def _current(call: Call) -> Doc:
    provider = call.sandbox.store.get(KIND, KEY)
    if provider is None:
        raise missing()
    return provider


def _check(name: str, credentials: Doc) -> None:
    """Each service has credentials of its own. An export has them without the secrets: those are let in."""
    wanted = CREDENTIALS[name]
    is_export = not any(secret in credentials for secret in SECRETS)
    validate(
        {"credentials": credentials},
        record({"credentials": {**wanted, "required": ()} if is_export else wanted}),
    )


def _shown(provider: Doc) -> Doc:
    return {**public(provider), "credentials": without(provider.get("credentials") or {}, SECRETS)}


def _kept(call: Call, provider: Doc) -> Doc:
    call.sandbox.store.put(KIND, KEY, provider)
    return _shown(provider)


OPERATIONS = (
    Operation("GET", _PATH, get_provider, ("read:email_provider",)),
    Operation("POST", _PATH, create_provider, ("create:email_provider",), CREATE_PROVIDER),
    Operation("PATCH", _PATH, update_provider, ("update:email_provider",), UPDATE_PROVIDER),
    Operation("DELETE", _PATH, delete_provider, ("delete:email_provider",)),
)
