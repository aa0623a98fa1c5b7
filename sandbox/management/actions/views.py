"""Actions and versions as Auth0 shows them; a secret's value is never among it."""

from ...clock import Clock
from ...ids import Ids
from ...store import Doc
from ..documents import public, without

# Members of an action that lists of bindings and versions leave out.
_DRAFT = ("code", "dependencies", "runtime", "status", "secrets", "errors", "modules")


def timestamp(clock: Clock, ids: Ids) -> str:
    """Now with nanoseconds, as the Actions service writes times."""
    return clock.iso()[:-1] + ids.digits(6) + "Z"


def microseconds(clock: Clock, ids: Ids) -> str:
    """Now as the service for modules writes times."""
    return clock.iso()[:-1] + ids.digits(3) + "Z"


def secret_names(secrets: list[Doc]) -> list[Doc]:
    return [{"name": secret["name"], "updated_at": secret["updated_at"]} for secret in secrets]


def action(doc: Doc) -> Doc:
    return {**public(doc), "secrets": secret_names(doc["_secrets"])}


def brief(doc: Doc) -> Doc:
    """An action inside a binding or a version: who it is and what is deployed, without its draft."""
    return {**without(public(doc), _DRAFT), "all_changes_deployed": False}


def version(doc: Doc) -> Doc:
    return {**public(doc), "secrets": secret_names(doc["_secrets"])}


def deployed(doc: Doc) -> Doc:
    """A version inside its action, as `deployed_version`."""
    return {**without(version(doc), ("action",)), "deployed": True}


def current(doc: Doc) -> Doc:
    """A version inside its action, as `current_version`; empty lists are left out."""
    lists = {"dependencies": doc["dependencies"], "secrets": secret_names(doc["_secrets"])}
    return {
        "id": doc["id"],
        "code": doc["code"],
        "runtime": doc["runtime"],
        "status": "BUILT",
        "number": doc["number"],
        "build_time": doc["built_at"],
        "created_at": doc["created_at"],
        "updated_at": doc["updated_at"],
        **{name: items for name, items in lists.items() if items},
    }
