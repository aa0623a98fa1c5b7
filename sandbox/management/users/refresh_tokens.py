"""Refresh tokens people were given: /users/{id}/refresh-tokens and /refresh-tokens.

Source: auth0.com/docs/api/management/v2/refresh-tokens. They are the login's own. Nobody is shown the token.
"""

from ...errors import Auth0Error, invalid_body, not_found
from ...login import refresh_tokens
from ...store import Doc
from .. import paging
from ..routing import Answer, Call, Operation
from . import schema
from .existing import user

KIND = "refresh_tokens"


def missing() -> Auth0Error:
    return not_found("The refresh token does not exist.", "inexistent_refresh_token")


def _view(call: Call, token: Doc) -> Doc:
    shown = refresh_tokens.event_view(call.sandbox, token)
    metadata = shown.pop("metadata")
    return {**shown, **({"refresh_token_metadata": metadata} if metadata else {})}


def _living(found: list[Doc]) -> list[Doc]:
    return [token for token in found if token["used_at"] is None]


def list_of_user(call: Call) -> Answer:
    found = _living(call.sandbox.store.where(KIND, "user_id", user(call)["user_id"]))
    return paging.checkpoint(call, "tokens", [_view(call, token) for token in found])


def list_tokens(call: Call) -> Answer:
    """Those of a user, at one application if it is named."""
    if "user_id" not in call.query:
        raise paging.invalid_query("Missing required property: user_id")
    client = call.query.get("client_id")
    found = _living(call.sandbox.store.where(KIND, "user_id", call.query["user_id"]))
    shown = [_view(call, token) for token in found if client in (None, token["client_id"])]
    return paging.checkpoint(call, "refresh_tokens", [paging.selected(call, token) for token in shown])


def delete_of_user(call: Call) -> Answer:
    _delete(call, call.sandbox.store.where(KIND, "user_id", user(call)["user_id"]))
    return Answer(status=202)


def get_token(call: Call) -> Answer:
    return Answer(_view(call, _find(call)))


def update_token(call: Call) -> Answer:
    token = _find(call)
    if "refresh_token_metadata" in call.body:
        token["metadata"] = call.body["refresh_token_metadata"] or {}
        refresh_tokens.save(call.sandbox, token)
    return Answer(_view(call, token))


def delete_token(call: Call) -> Answer:
    refresh_tokens.revoke_family(call.sandbox, _find(call)["family"])
    return Answer(status=202)


def revoke_tokens(call: Call) -> Answer:
    """By their ids, or those of a user, of an application or of both; `audience` goes with both."""
    body, store = call.body, call.sandbox.store
    named = {name: body[name] for name in ("user_id", "client_id", "audience") if name in body}
    if ("ids" in body) == bool(named) or ("audience" in named and len(named) < 3):
        raise invalid_body("Payload validation error: 'Data does not match any of the valid schemas'.")
    if "ids" in body:
        found = [token for identifier in body["ids"] for token in store.where(KIND, "id", identifier)]
    else:
        name, value = next(iter(named.items()))
        found = store.where(KIND, name, value)
    _delete(call, [token for token in found if all(token[key] == named[key] for key in named)])
    return Answer(status=202)


def _find(call: Call) -> Doc:
    for token in _living(call.sandbox.store.where(KIND, "id", call.params["id"])):
        return token
    raise missing()


def _delete(call: Call, found: list[Doc]) -> None:
    with call.sandbox.store.atomic():
        for token in found:
            call.sandbox.store.delete(KIND, token["key"])


_USERS = "/users/{id}/refresh-tokens"
_ONE = "/refresh-tokens/{id}"
_READ = ("read:refresh_tokens",)
_DELETE = ("delete:refresh_tokens",)

OPERATIONS = (
    Operation("GET", _USERS, list_of_user, _READ),
    Operation("DELETE", _USERS, delete_of_user, _DELETE),
    Operation("GET", "/refresh-tokens", list_tokens, _READ),
    Operation("POST", "/refresh-tokens/revoke", revoke_tokens, _DELETE, schema.REVOKE_REFRESH_TOKENS),
    Operation("GET", _ONE, get_token, _READ),
    Operation("PATCH", _ONE, update_token, ("update:refresh_tokens",), schema.UPDATE_REFRESH_TOKEN),
    Operation("DELETE", _ONE, delete_token, _DELETE),
)
