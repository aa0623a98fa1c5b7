"""/rate-limit-policies: limits of the tenant's own for its applications, kept as data.

Sources: the provider's schema, the SDKs' types; auth0.com/docs/api/management/v2/rate-limit-policies. Not
recorded: the words, and when two policies are the same one (here: resource, consumer and selector alike).
"""

from ..errors import Auth0Error, conflict, not_found
from ..store import Doc
from . import paging
from .collection import Collection
from .documents import patched
from .routing import Call
from .schema import Schema, integer, record, text, validate

_LIMIT = integer(0)
# What each action needs besides its name.
_ACTIONS: dict[str, dict[str, Schema]] = {
    "allow": {},
    "block": {"limit": _LIMIT},
    "log": {"limit": _LIMIT},
    "redirect": {"limit": _LIMIT, "redirect_uri": text(1)},
}
_CONFIGURATION = record({"action": text(choices=_ACTIONS)}, ("action",), open_ended=True)
_IDENTITY = ("resource", "consumer", "consumer_selector")


def missing() -> Auth0Error:
    return not_found("The rate limit policy does not exist.", "inexistent_rate_limit_policy")


def _check(call: Call) -> None:
    rest = _ACTIONS[call.body["configuration"]["action"]]
    exact = record({"action": text(), **rest}, ("action", *rest))
    validate(call.body, record({"configuration": exact}, open_ended=True))


def _new(call: Call) -> Doc:
    _check(call)
    wanted = [call.body[name] for name in _IDENTITY]
    if any([known[name] for name in _IDENTITY] == wanted for known in call.sandbox.store.all(POLICIES.kind)):
        raise conflict("A rate limit policy for this consumer already exists.", "rate_limit_policy_conflict")
    now = call.sandbox.clock.iso()
    return {"id": call.sandbox.ids.prefixed("rlp"), **call.body, "created_at": now, "updated_at": now}


def _change(call: Call, policy: Doc) -> Doc:
    _check(call)
    return patched(policy, {**call.body, "updated_at": call.sandbox.clock.iso()})


def _wanted(call: Call, policy: Doc) -> bool:
    return all(call.query.get(name) in (None, policy[name]) for name in _IDENTITY)


POLICIES = Collection(
    path="/rate-limit-policies",
    kind="rate_limit_policies",
    scope="rate_limit_policies",
    missing=missing,
    create=record(
        {
            "resource": text(choices=("oauth_authentication_api",)),
            "consumer": text(choices=("client",)),
            "consumer_selector": text(1),
            "configuration": _CONFIGURATION,
        },
        required=(*_IDENTITY, "configuration"),
    ),
    update=record({"configuration": _CONFIGURATION}, required=("configuration",)),
    new=_new,
    change=_change,
    wanted=_wanted,
    listing=paging.checkpoint,
)
OPERATIONS = POLICIES.operations()
