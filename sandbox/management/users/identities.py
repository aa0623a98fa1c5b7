"""Accounts linked to a user: /users/{id}/identities.

Source: auth0.com/docs/manage-users/user-accounts/user-account-linking and
auth0.com/docs/api/management/v2/users. A linked account is no user of its own any more, its profile becomes
`profileData`; its metadata is not merged. Unlinked it is a user again, as it was. What a token of the account
itself has to be: auth0.com/docs/troubleshoot/product-lifecycle/past-migrations/
link-user-accounts-with-access-tokens-migration. Unknown are the words of the refusals.
"""

from ...errors import Auth0Error, invalid_body, not_found, refusal
from ...keys import TokenError
from ...store import Doc
from ...users import LINKED, UNIQUE
from ..documents import without
from ..organizations import links
from ..routing import Answer, Call, Operation
from ..schema import lacking
from . import schema
from .existing import KIND, missing, save, user

# Of a linked account what isn't told in its identity.
_OWN = ("identities", "user_id", "created_at", "updated_at", "user_metadata", "app_metadata")
_KEPT = "_linked"
_NAMED = ("provider", "user_id")
_UPDATE = ("update:users",)
_SELF = ("update:current_user_identities",)


def link(call: Call) -> Answer:
    primary, store = user(call), call.sandbox.store
    secondary = store.get(KIND, _secondary(call))
    if secondary is None:
        raise missing()
    if secondary["user_id"] == primary["user_id"]:
        raise refusal(400, "Main account and linked account must be different", "invalid_body")
    first = {**secondary["identities"][0], "profileData": _profile(secondary)}
    changed = {
        **primary,
        "identities": [*primary["identities"], first, *secondary["identities"][1:]],
        _KEPT: {**primary.get(_KEPT, {}), **secondary.get(_KEPT, {}), _name(first): secondary},
        "updated_at": call.sandbox.clock.iso(),
    }
    with store.atomic():
        store.delete(KIND, secondary["user_id"])
        links.MEMBERS.forget_other(store, secondary["user_id"])
        for identity in changed["identities"][1:]:
            store.put(LINKED, _name(identity), _account(primary, identity))
        save(call, changed)
    return Answer(changed["identities"], 201)


def unlink(call: Call) -> Answer:
    primary, wanted = user(call), f"{call.params['provider']}|{call.params['user']}"
    others = [identity for identity in primary["identities"][1:] if _name(identity) != wanted]
    if len(others) == len(primary["identities"]) - 1:
        raise _no_identity()
    kept = dict(primary.get(_KEPT, {}))
    freed = kept.pop(wanted, None)
    changed = {
        **primary,
        "identities": [primary["identities"][0], *others],
        _KEPT: kept,
        "updated_at": call.sandbox.clock.iso(),
    }
    store = call.sandbox.store
    with store.atomic():
        store.delete(LINKED, wanted)
        save(call, changed)
        if freed is not None and store.get(KIND, freed["user_id"]) is None:
            save(call, {**without(freed, (_KEPT,)), "identities": freed["identities"][:1]})
    return Answer(changed["identities"])


def forget(call: Call, user_id: str) -> None:
    """The accounts linked to a user who is deleted are gone too."""
    someone = call.sandbox.store.get(KIND, user_id) or {}
    for identity in someone.get("identities", [])[1:]:
        call.sandbox.store.delete(LINKED, _name(identity))


def _secondary(call: Call) -> str:
    """The id of the account to link: named, or proven by its own ID token."""
    if "link_with" in call.body:
        if len(call.body) > 1:
            raise invalid_body("Payload validation error: 'Data does not match any of the valid schemas'.")
        return _subject(call, call.body["link_with"])
    if not call.scopes.intersection(_UPDATE):
        raise refusal(403, f"Insufficient scope, expected any of: {','.join(_UPDATE)}", "insufficient_scope")
    for name in _NAMED:
        if name not in call.body:
            raise lacking(name)
    provider, identifier = call.body["provider"], str(call.body["user_id"])
    return identifier if identifier.startswith(f"{provider}|") else f"{provider}|{identifier}"


def _subject(call: Call, token: str) -> str:
    """Whose ID token it is; it has to be for the application that calls, and signed by RS256."""
    try:
        claims = call.sandbox.keys.verify(token, str(call.claims.get("azp")), ("RS256",))
    except TokenError as error:
        raise refusal(400, "Invalid token", "invalid_token") from error
    return str(claims.get("sub"))


def _account(primary: Doc, identity: Doc) -> Doc:
    """What a linked account takes: nobody else of its connection may have it."""
    told = identity.get("profileData", {})
    return {
        "user_id": primary["user_id"],
        **{name: identity[name] for name in ("provider", "connection")},
        **{name: told[name] for name in UNIQUE if told.get(name)},
    }


def _profile(secondary: Doc) -> Doc:
    return {name: value for name, value in secondary.items() if name not in _OWN and not name.startswith("_")}


def _name(identity: Doc) -> str:
    return f"{identity['provider']}|{identity['user_id']}"


def _no_identity() -> Auth0Error:
    return not_found("The identity does not exist.", "inexistent_identity")


_PATH = "/users/{id}/identities"

OPERATIONS = (
    Operation("POST", _PATH, link, _UPDATE, schema.LINK, _SELF),
    Operation("DELETE", f"{_PATH}/{{provider}}/{{user}}", unlink, _UPDATE, self_scopes=_SELF),
)
