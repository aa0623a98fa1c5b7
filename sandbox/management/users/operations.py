"""The operations of /users and /users-by-email.

Source: recorded (create, read, delete, search); PATCH as documented (auth0.com/docs/api/management/v2/users).
Unknown are the words with which two changes at once are refused.
"""

from ... import users
from ...errors import invalid_body, refusal
from ...login import password_actions, registration_actions
from ...login.incoming import of_management
from ...store import Doc
from .. import paging, sorting
from ..documents import patched, without
from ..routing import Answer, Call, Operation
from ..schema import lacking
from . import (
    assignments,
    authentication_methods,
    blocks,
    connected_accounts,
    existing,
    factors,
    identities,
    logs,
    refresh_tokens,
    removal,
    schema,
    search,
    sessions,
)
from .existing import KIND

_READ = ("read:users",)
_UPDATE = ("update:users", "update:users_app_metadata")
_METADATA = ("user_metadata", "app_metadata")
# Not part of the profile: they say what to do with the request.
_INSTRUCTIONS = ("connection", "client_id", "verify_email", "verify_phone_number", "password")
# What identifies a user of a connection, by its strategy; those of others come by logging in
# (https://auth0.com/docs/api/management/v2/users/post-users).
_REQUIRED = {"auth0": ("email", "username", "phone_number"), "email": ("email",), "sms": ("phone_number",)}
# What a changed value loses, unless the same request says otherwise.
_PROOFS = {"email": "email_verified", "phone_number": "phone_verified"}
# https://auth0.com/docs/api/management/v2/users/patch-users-by-id
_APART = (("username", "password"), ("username", "email_verified"), ("password", "email_verified"))


def view(call: Call, user: Doc) -> Doc:
    return paging.selected(call, users.public(user))


def list_users(call: Call) -> Answer:
    paging.check_reach(call)
    if not {"q", "connection", "sort", "take", "from"}.intersection(call.query):
        return _unsorted(call)
    query, connection = call.query.get("q"), call.query.get("connection")
    answers = search.test_of(call.sandbox.store, query)
    found = [
        user
        for user in search.candidates(call.sandbox.store, query)
        if connection in (None, *(identity["connection"] for identity in user["identities"]))
        and answers(user)
    ]
    found = sorting.ordered(found, call.query.get("sort"))
    return paging.answer(call, KIND, found, lambda user: view(call, user), with_length=True)


def _unsorted(call: Call) -> Answer:
    """One page of everybody, without reading everybody."""
    store = call.sandbox.store
    page, size = paging.pages(call)
    total = store.count(KIND)
    wanted = max(0, min(size, total - page * size))
    # The store hands out the newest first: the page's other end is counted from there.
    found = store.newest(KIND, total - page * size - wanted, wanted) if wanted else []
    shown = [view(call, user) for user in reversed(found)]
    return paging.of_page(call, KIND, shown, total, with_length=True)


def list_by_email(call: Call) -> Answer:
    """Exactly as stored (in lower case), across connections; a plain array."""
    if "email" not in call.query:
        raise paging.invalid_query("Missing required property: email")
    found = call.sandbox.store.where(KIND, "email", call.query["email"])
    return Answer([view(call, user) for user in found])


def get_user(call: Call) -> Answer:
    return Answer(view(call, existing.user(call)))


async def create_user(call: Call) -> Answer:
    body, connection = call.body, users.find_connection(call.sandbox, call.body["connection"])
    required = _REQUIRED.get(connection["strategy"])
    if required is None:
        raise invalid_body("Users can be created in database and passwordless connections only")
    if not any(body.get(name) for name in required):
        raise lacking(required[0])
    if connection["strategy"] == "auth0":
        if "password" not in body:
            raise lacking("password")
        users.check_strength(connection, body["password"])
    profile = without(body, (*_INSTRUCTIONS, "email"))
    runs, incoming = call.sandbox.switches.management_users_run_actions, of_management(call.sandbox.addresses)
    if runs:
        draft = {"email": body.get("email"), **profile}
        metadata, _ = await registration_actions.before(call.sandbox, connection, incoming, draft)
        profile |= metadata
    user = users.create(call.sandbox, body["connection"], body.get("email"), body.get("password"), **profile)
    if runs:
        registration_actions.after(call.sandbox, connection, incoming, user)
    return Answer(users.public(user), 201)


def update_user(call: Call) -> Answer:
    """Metadata is merged on its first level and null removes; other members are replaced."""
    current = existing.user(call)
    _check_scopes(call)
    _check_together(call, current)
    changed = patched(current, without(call.body, (*_METADATA, *_INSTRUCTIONS)))
    for name in _METADATA:
        if name in call.body:
            # An empty object erases (auth0.com/docs/manage-users/user-accounts/metadata/manage-metadata-api).
            patch = call.body[name] or {}
            changed[name] = users.merge_metadata(current.get(name) if patch else None, patch)
    if changed.get("email"):
        changed["email"] = changed["email"].lower()
    for name, proof in _PROOFS.items():
        if changed.get(name) != current.get(name) and proof not in call.body:
            changed[proof] = False
    for name in ("email", "username", "phone_number"):
        if name in call.body and users.is_taken(call.sandbox, changed):
            raise refusal(400, f"The specified new {name} already exists", "auth0_idp_error")
    _change_password(call, changed)
    changed["updated_at"] = call.sandbox.clock.iso()
    call.sandbox.store.put(KIND, changed["user_id"], changed)
    return Answer(users.public(changed))


def _change_password(call: Call, user: Doc) -> None:
    password = call.body.get("password")
    if password:
        connection = users.find_connection(call.sandbox, user["identities"][0]["connection"])
        users.check_strength(connection, password)
        users.set_password(user, password)
        user["last_password_reset"] = call.sandbox.clock.iso()
        password_actions.changed(call.sandbox, connection, user, of_management(call.sandbox.addresses))


def _check_together(call: Call, current: Doc) -> None:
    """What Auth0 doesn't change at once, or gives nobody afterwards."""
    for one, other in _APART:
        if one in call.body and other in call.body:
            raise refusal(400, f"Cannot update {one} and {other} simultaneously", "operation_not_supported")
    if call.body.get("username") and not current.get("username"):
        raise refusal(400, "Cannot update username for users without an username already set.")


def _check_scopes(call: Call) -> None:
    """A user's own token changes user_metadata alone; app_metadata alone needs no update:users."""
    named = set(call.body)
    if "update:users" in call.scopes:
        return
    if "update:users_app_metadata" in call.scopes and named <= {"app_metadata"}:
        return
    if "update:current_user_metadata" in call.scopes and named <= {"user_metadata"}:
        return
    raise refusal(403, "Insufficient scope, expected any of: update:users", "insufficient_scope")


def delete_user(call: Call) -> Answer:
    """204 whether or not the user was there."""
    removal.remove(call, call.params["id"])
    return Answer(status=204)


_SELF_UPDATE = ("update:current_user_metadata",)

OPERATIONS = (
    Operation("GET", "/users", list_users, _READ),
    Operation("POST", "/users", create_user, ("create:users",), schema.CREATE),
    Operation("GET", "/users/{id}", get_user, _READ, self_scopes=("read:current_user",)),
    Operation("PATCH", "/users/{id}", update_user, _UPDATE, schema.UPDATE, _SELF_UPDATE),
    Operation("DELETE", "/users/{id}", delete_user, ("delete:users",)),
    Operation("GET", "/users-by-email", list_by_email, _READ),
    *assignments.OPERATIONS,
    *authentication_methods.OPERATIONS,
    *blocks.OPERATIONS,
    *connected_accounts.OPERATIONS,
    *factors.OPERATIONS,
    *identities.OPERATIONS,
    *logs.OPERATIONS,
    *refresh_tokens.OPERATIONS,
    *sessions.OPERATIONS,
)
