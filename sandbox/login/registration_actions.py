"""The triggers around a sign-up: pre-user-registration and post-user-registration.

Sources: auth0.com/docs/customize/actions/explore-triggers/pre-user-registration and
…/post-user-registration, and the reference of each trigger's event and api. They run for database and
passwordless connections alone. The first holds the sign-up up, may refuse it and add metadata (not to
passwordless users); the second runs when the person is there already, and changes nothing. Not documented:
what people see when an Action before the sign-up fails, the code of a refusal that has none of its own, and
whether the triggers run for users that the Management API makes (the switch
`management_users_run_actions`).
"""

from typing import Any

from ..actions import sequence
from ..context import Sandbox
from ..errors import Auth0Error
from ..store import Doc
from ..users import merge_metadata
from . import event as events
from .incoming import Incoming
from .transactions import Transaction

BEFORE, AFTER = "pre-user-registration", "post-user-registration"
STRATEGIES = ("auth0", "sms", "email")
FAILED = "Something went wrong, please try again later."
_CODE = "extensibility_error"
_METADATA = ("app_metadata", "user_metadata")
_TRANSACTION = (
    "acr_values", "correlation_id", "locale", "login_hint", "prompt", "protocol", "redirect_uri",
    "requested_scopes", "response_mode", "response_type", "state", "ui_locales",
)  # fmt: skip
_DRAFT = ("email", "family_name", "given_name", "name", "nickname", "phone_number", "picture", "username")
_USER = (
    *_DRAFT, "created_at", "email_verified", "last_password_reset", "phone_verified", "updated_at", "user_id"
)  # fmt: skip


class DeniedError(Auth0Error):
    """An Action refused the sign-up: `message` is for people, `reason` for the tenant's log."""

    def __init__(self, code: str, message: str, reason: str, executions: list[str]) -> None:
        super().__init__(400, "Bad Request", message, code)
        self.reason = reason
        self.executions = executions


async def before(
    sandbox: Sandbox,
    connection: Doc,
    incoming: Incoming,
    draft: Doc,
    client: Doc | None = None,
    transaction: Doc | None = None,
) -> tuple[Doc, list[str]]:
    """Run the Actions before a sign-up: the metadata to create the person with, and the executions.

    `draft` is the profile as asked for. DeniedError when an Action refuses or fails.
    """
    if connection["strategy"] not in STRATEGIES:
        return {}, []
    patches: dict[str, Doc] = {name: {} for name in _METADATA}

    def event() -> Doc:
        user: Doc = {name: draft[name] for name in _DRAFT if draft.get(name) is not None}
        user |= {name: merge_metadata(draft.get(name), patches[name]) for name in _METADATA}
        return _event(sandbox, connection, incoming, user, client, transaction, with_body=True)

    def apply(commands: list[Doc]) -> Doc | None:
        refusal = None
        for command in commands:
            if command["type"] in _METADATA and "value" in command:
                patches[command["type"]][str(command["key"])] = command["value"]
            elif command["type"] in ("deny", "validation_error"):
                refusal = refusal or command
        return refusal

    ended = await sequence.run(sandbox, BEFORE, "onExecutePreUserRegistration", event, apply)
    if ended.refusal is not None:
        raise _denied(ended.refusal, ended.executions)
    if ended.failure is not None:
        raise DeniedError(_CODE, FAILED, ended.failure, ended.executions)
    if connection["strategy"] != "auth0":
        return {}, ended.executions
    given = {name: patch for name, patch in patches.items() if patch}
    return {name: merge_metadata(draft.get(name), patch) for name, patch in given.items()}, ended.executions


def after(
    sandbox: Sandbox, connection: Doc, incoming: Incoming, user: Doc, transaction: Doc | None = None
) -> None:
    """Run the Actions after a sign-up; nobody waits for them, and what they do changes nothing of it."""
    if connection["strategy"] not in STRATEGIES or not sandbox.store.get("bindings", AFTER):
        return
    shown: Doc = {name: user[name] for name in _USER if user.get(name) is not None}
    shown |= {name: user.get(name) or {} for name in _METADATA}
    shown.setdefault("email_verified", False)
    event = _event(sandbox, connection, incoming, shown, None, transaction, with_body=False)
    sandbox.background.start(
        sequence.run(sandbox, AFTER, "onExecutePostUserRegistration", lambda: event, stops=False)
    )


def transaction(under_way: Transaction) -> Doc:
    """`event.transaction` of a sign-up that belongs to a login."""
    whole = events.transaction(under_way.id, under_way.authorization, under_way.incoming)
    return {name: value for name, value in whole.items() if name in _TRANSACTION}


def _denied(command: Doc, executions: list[str]) -> DeniedError:
    if command["type"] == "validation_error":
        return DeniedError(command["code"], command["message"], command["code"], executions)
    reason = str(command.get("reason", ""))
    return DeniedError(_CODE, str(command.get("userMessage") or FAILED), reason, executions)


def _event(
    sandbox: Sandbox,
    connection: Doc,
    incoming: Incoming,
    user: Doc,
    client: Doc | None,
    transaction: Doc | None,
    *,
    with_body: bool,
) -> Doc:
    optional: dict[str, Any] = {
        "client": events.client_view(client) if client else None,
        "transaction": transaction,
    }
    return {
        "connection": events.connection_view(connection),
        "request": events.request_view(incoming, query=False, body=with_body),
        "tenant": {"id": sandbox.addresses.tenant_name},
        "user": user,
        **{name: value for name, value in optional.items() if value is not None},
        **events.custom_domain(sandbox, incoming.hostname),
    }
