"""The operations of /users and /users-by-email."""

from ... import users
from ...errors import Auth0Error, invalid_body, not_found, refusal
from ...store import Doc
from .. import paging
from ..documents import find, patched, without
from ..routing import Answer, Call, Operation
from . import assignments, schema, search

KIND = "users"
_READ = ("read:users",)
_UPDATE = ("update:users", "update:users_app_metadata")
_METADATA = ("user_metadata", "app_metadata")
# Not part of the profile: they say what to do with the request.
_INSTRUCTIONS = ("connection", "client_id", "verify_email", "verify_phone_number", "password")
# What identifies a user of a connection, by its strategy.
_REQUIRED = {"auth0": ("email", "username", "phone_number"), "email": ("email",), "sms": ("phone_number",)}
# What a changed value loses, unless the same request says otherwise.
_PROOFS = {"email": "email_verified", "phone_number": "phone_verified"}
# https://auth0.com/docs/manage-users/user-search/view-search-results-by-page
_SEARCHABLE = 1000


def missing() -> Auth0Error:
    return not_found("The user does not exist.", "inexistent_user")


def view(call: Call, user: Doc) -> Doc:
    return paging.selected(call, users.public(user))


def list_users(call: Call) -> Answer:
    query, connection = call.query.get("q"), call.query.get("connection")
    if paging.first(call) >= _SEARCHABLE:
        raise refusal(400, "You can only page through the first 1000 records.", "invalid_paging")
    found = [
        view(call, user)
        for user in call.sandbox.store.all(KIND)
        if (not query or search.matches(user, query))
        and connection in (None, user["identities"][0]["connection"])
    ]
    return paging.answer(call, KIND, found, with_length=True)


def list_by_email(call: Call) -> Answer:
    """Exactly as stored (in lower case), across connections; a plain array."""
    if "email" not in call.query:
        raise paging.invalid_query("Missing required property: email")
    found = call.sandbox.store.where(KIND, "email", call.query["email"])
    return Answer([view(call, user) for user in found])


def get_user(call: Call) -> Answer:
    return Answer(view(call, find(call, KIND, missing())))


def create_user(call: Call) -> Answer:
    body, connection = call.body, users.find_connection(call.sandbox, call.body["connection"])
    required = _REQUIRED.get(connection["strategy"], ())
    if required and not any(body.get(name) for name in required):
        raise invalid_body(f"Payload validation error: 'Missing required property: {required[0]}'.")
    if connection["strategy"] == "auth0":
        if "password" not in body:
            raise invalid_body("Payload validation error: 'Missing required property: password'.")
        users.check_strength(connection, body["password"])
    profile = without(body, (*_INSTRUCTIONS, "email"))
    user = users.create(call.sandbox, body["connection"], body.get("email"), body.get("password"), **profile)
    return Answer(users.public(user), 201)


def update_user(call: Call) -> Answer:
    """Metadata is merged on its first level and null removes; other members are replaced."""
    current = find(call, KIND, missing())
    _check_scopes(call)
    changed = patched(current, without(call.body, (*_METADATA, *_INSTRUCTIONS)))
    for name in _METADATA:
        if name in call.body:
            changed[name] = users.merge_metadata(current.get(name), call.body[name] or {})
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
    call.sandbox.store.delete(KIND, call.params["id"])
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
)
