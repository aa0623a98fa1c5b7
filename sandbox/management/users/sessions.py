"""Sessions of people who are logged in: /users/{id}/sessions, /sessions/{id}, and the end of all access.

Source: auth0.com/docs/api/management/v2/sessions and auth0.com/docs/manage-users/sessions. They are the
login's own: one that is ended here is over in its browser too.
"""

from ...errors import Auth0Error, not_found
from ...login import refresh_tokens, sessions
from ...store import Doc
from .. import paging
from ..routing import Answer, Call, Operation
from . import schema
from .existing import user

KIND = "sessions"


def missing() -> Auth0Error:
    return not_found("The session does not exist.", "inexistent_session")


def _view(call: Call, session: Doc) -> Doc:
    shown = sessions.event_view(call.sandbox, session)
    metadata = shown.pop("metadata")
    return {
        **shown,
        "authentication": {"methods": session["methods"]},
        **({"session_metadata": metadata} if metadata else {}),
    }


def _of(call: Call, user_id: str) -> list[Doc]:
    found = call.sandbox.store.where(KIND, "user_id", user_id)
    return [session for session in found if sessions.is_live(call.sandbox, session)]


def list_sessions(call: Call) -> Answer:
    found = _of(call, user(call)["user_id"])
    return paging.checkpoint(call, "sessions", [_view(call, session) for session in found])


def end_sessions(call: Call) -> Answer:
    _end(call, _of(call, user(call)["user_id"]), keep_tokens=False)
    return Answer(status=202)


def get_session(call: Call) -> Answer:
    return Answer(_view(call, _find(call)))


def update_session(call: Call) -> Answer:
    session = _find(call)
    if "session_metadata" in call.body:
        session["metadata"] = call.body["session_metadata"] or {}
        session["updated_at"] = call.sandbox.clock.now()
        sessions.save(call.sandbox, session)
    return Answer(_view(call, session))


def end_session(call: Call) -> Answer:
    """The session alone: what was issued in it lives on."""
    _end(call, [_find(call)], keep_tokens=True)
    return Answer(status=202)


def revoke_session(call: Call) -> Answer:
    """The session and what was issued in it."""
    _end(call, [_find(call)], keep_tokens=False)
    return Answer(status=202)


def revoke_access(call: Call) -> Answer:
    """All sessions of a user or the one named, with or without what was issued in them."""
    identifier = user(call)["user_id"]
    body = call.body or {}
    found, named = _of(call, identifier), body.get("session_id")
    if named is not None:
        found = [session for session in found if session["id"] == named]
        if not found:
            raise missing()
    keep_tokens = bool(body.get("preserve_refresh_tokens"))
    with call.sandbox.store.atomic():
        _end(call, found, keep_tokens=keep_tokens)
        if named is None and not keep_tokens:
            forget_tokens(call, identifier)
    return Answer(status=202)


def forget(call: Call, user_id: str) -> None:
    """What goes with a user who is deleted."""
    _end(call, call.sandbox.store.where(KIND, "user_id", user_id), keep_tokens=False)
    forget_tokens(call, user_id)


def forget_tokens(call: Call, user_id: str) -> None:
    for token in call.sandbox.store.where("refresh_tokens", "user_id", user_id):
        call.sandbox.store.delete("refresh_tokens", token["key"])


def _end(call: Call, found: list[Doc], *, keep_tokens: bool) -> None:
    with call.sandbox.store.atomic():
        for session in found:
            sessions.end(call.sandbox, session)
            if not keep_tokens:
                refresh_tokens.revoke_session(call.sandbox, session)


def _find(call: Call) -> Doc:
    for session in call.sandbox.store.where(KIND, "id", call.params["id"]):
        if sessions.is_live(call.sandbox, session):
            return session
    raise missing()


_ONE = "/sessions/{id}"

OPERATIONS = (
    Operation("GET", "/users/{id}/sessions", list_sessions, ("read:sessions",)),
    Operation("DELETE", "/users/{id}/sessions", end_sessions, ("delete:sessions",)),
    Operation(
        "POST",
        "/users/{id}/revoke-access",
        revoke_access,
        ("delete:sessions", "delete:refresh_tokens"),
        schema.REVOKE_ACCESS,
    ),
    Operation("GET", _ONE, get_session, ("read:sessions",)),
    Operation("PATCH", _ONE, update_session, ("update:sessions",), schema.UPDATE_SESSION),
    Operation("DELETE", _ONE, end_session, ("delete:sessions",)),
    Operation("POST", f"{_ONE}/revoke", revoke_session, ("delete:sessions", "delete:refresh_tokens")),
)
