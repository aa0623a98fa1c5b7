"""/hooks and their secrets: what came before Actions, kept as data; nothing runs a hook.

Sources: the provider's schema and tests, the SDKs' types; auth0.com/docs/api/management/v2/hooks. When Auth0
has ended them: see rules.py.
"""

from ..errors import Auth0Error, conflict, not_found
from ..store import Doc
from . import paging, rules
from .collection import Collection
from .documents import patched, without_nulls
from .routing import Answer, Call, Operation
from .schema import array, flag, nullable, record, text

_TRIGGERS = (
    "credentials-exchange",
    "pre-user-registration",
    "post-user-registration",
    "post-change-password",
    "send-phone-message",
)
_MEMBERS = {
    "name": text(1, pattern=r"^([^\s-][\w -]*)?[^\s-]$"),
    "script": text(1),
    "enabled": flag(),
    "dependencies": nullable(record()),
}
_HIDDEN = "_VALUE_NOT_SHOWN_"


def missing() -> Auth0Error:
    return not_found("The hook does not exist.", "HookDoesNotExist")


def _new(call: Call) -> Doc:
    rules.refuse_if_ended(call.sandbox)
    if any(hook["name"] == call.body["name"] for hook in call.sandbox.store.all(HOOKS.kind)):
        raise conflict("A hook with the same name already exists.", "HookConflict")
    # As the platform behind them numbered things: a ULID.
    identifier = f"01{call.sandbox.ids.hex(24).upper()}"
    given = without_nulls(call.body)
    return {"id": identifier, "enabled": False, "dependencies": {}, "_secrets": {}, **given}


def _change(call: Call, hook: Doc) -> Doc:
    return {"dependencies": {}, **patched(hook, call.body)}


def _wanted(call: Call, hook: Doc) -> bool:
    return (
        paging.flag(call, "enabled") in (None, hook["enabled"])
        and call.query.get("triggerId") in (None, hook["triggerId"])
    )  # fmt: skip


HOOKS = Collection(
    path="/hooks",
    kind="hooks",
    scope="hooks",
    missing=missing,
    create=record(
        {**_MEMBERS, "triggerId": text(choices=_TRIGGERS)}, required=("name", "script", "triggerId")
    ),
    update=record(_MEMBERS),
    new=_new,
    change=_change,
    wanted=_wanted,
)


def get_secrets(call: Call) -> Answer:
    return Answer(dict.fromkeys(HOOKS.find(call)["_secrets"], _HIDDEN))


def set_secrets(call: Call) -> Answer:
    hook = HOOKS.find(call)
    _keep(call, hook, {**hook["_secrets"], **call.body})
    return Answer(status=201)


def delete_secrets(call: Call) -> Answer:
    hook = HOOKS.find(call)
    kept = {name: value for name, value in hook["_secrets"].items() if name not in call.body}
    _keep(call, hook, kept)
    return Answer(status=204)


def _keep(call: Call, hook: Doc, secrets: Doc) -> None:
    call.sandbox.store.put(HOOKS.kind, hook["id"], {**hook, "_secrets": secrets})


_SECRETS = "/hooks/{id}/secrets"
_UPDATE = ("update:hooks",)

OPERATIONS = (
    *HOOKS.operations(),
    Operation("GET", _SECRETS, get_secrets, ("read:hooks",)),
    Operation("POST", _SECRETS, set_secrets, _UPDATE, record()),
    Operation("PATCH", _SECRETS, set_secrets, _UPDATE, record()),
    Operation("DELETE", _SECRETS, delete_secrets, ("delete:hooks",), array(text())),
)
