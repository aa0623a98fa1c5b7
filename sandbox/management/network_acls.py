"""/network-acls: the tenant's access control list, kept as data. The sandbox turns nobody away by it.

Sources: the provider's schema and tests (limits, the words "Network ACL id is not a valid" and "Invalid
curated list name"), the deploy CLI's schema; auth0.com/docs/api/management/v2/network-acls. Not recorded: the
rest of the words, whether a priority may be given twice (here it may), and the form of an id.
"""

from ..errors import Auth0Error, invalid_body, not_found, refusal
from ..store import Doc
from .collection import Collection
from .documents import patched, public
from .path_ids import checked
from .routing import Answer, Call, Operation
from .schema import Schema, array, flag, integer, number, record, text

_CURATED = ("auth0.low_reputation", "auth0.icloud_relay_proxy")
_KINDS = ("block", "allow", "log", "redirect")


def _unique(most: int, of: Schema | None = None) -> Schema:
    return array(of or text(1), 1, most, unique=True)


_MATCH = record(
    {
        "asns": _unique(10, integer()),
        "auth0_managed": _unique(10),
        "geo_country_codes": _unique(10),
        "geo_subdivision_codes": _unique(10),
        "ipv4_cidrs": _unique(10),
        "ipv6_cidrs": _unique(10),
        "ja3_fingerprints": _unique(10),
        "ja4_fingerprints": _unique(10),
        "user_agents": _unique(10),
        "hostnames": _unique(20),
        "connecting_ipv4_cidrs": _unique(20),
        "connecting_ipv6_cidrs": _unique(20),
    },
    open_ended=True,
)
_MEMBERS = {
    "description": text(1, 255),
    "active": flag(),
    # Documented up to 10; the provider's tests give 99.
    "priority": number(1),
    "rule": record(
        {
            "action": record({**dict.fromkeys(_KINDS, flag()), "redirect_uri": text(1, 2000)}),
            "match": _MATCH,
            "not_match": _MATCH,
            "match_all": flag(),
            "scope": text(choices=("management", "authentication", "tenant", "dynamic_client_registration")),
        },
        ("action", "scope"),
    ),
}
_WHOLE = record(_MEMBERS, required=("description", "active", "rule"))


def missing() -> Auth0Error:
    return not_found("The network ACL does not exist.", "inexistent_network_acl")


def _check(body: Doc) -> None:
    rule = body.get("rule")
    if rule is None:
        return
    action = rule["action"]
    if sum(action.get(kind) is True for kind in _KINDS) != 1:
        raise _invalid(f"Exactly one of {', '.join(_KINDS)} has to be true", "rule.action")
    if action.get("redirect") and "redirect_uri" not in action:
        raise _invalid("Missing required property: redirect_uri", "rule.action")
    matches = [rule[name] for name in ("match", "not_match") if name in rule]
    if not matches and not rule.get("match_all"):
        raise _invalid("Missing required property: match", "rule")
    for match in matches:
        unknown = [name for name in match.get("auth0_managed", ()) if name not in _CURATED]
        if unknown:
            raise invalid_body(f"Invalid curated list name: {unknown[0]}")


def _invalid(problem: str, where: str) -> Auth0Error:
    return invalid_body(f"Payload validation error: '{problem}' on property {where}.")


def _new(call: Call) -> Doc:
    _check(call.body)
    now = call.sandbox.clock.iso()
    return {"id": call.sandbox.ids.prefixed("acl", 22), **call.body, "created_at": now, "updated_at": now}


def _change(call: Call, current: Doc) -> Doc:
    _check(call.body)
    return patched(current, {**call.body, "updated_at": call.sandbox.clock.iso()})


def _replace(call: Call) -> Answer:
    current = ACLS.find(call)
    _check(call.body)
    kept = {"id": current["id"], "created_at": current["created_at"], "updated_at": call.sandbox.clock.iso()}
    changed = {**call.body, **kept}
    call.sandbox.store.put(ACLS.kind, changed["id"], changed)
    return Answer(public(changed))


def _malformed(identifier: str) -> Auth0Error:
    return refusal(400, "Network ACL id is not a valid", "invalid_uri")


ACLS = Collection(
    path="/network-acls",
    kind="network_acls",
    scope="network_acls",
    missing=missing,
    create=_WHOLE,
    update=record(_MEMBERS),
    new=_new,
    change=_change,
)


OPERATIONS = checked(
    (
        *ACLS.operations(),
        Operation("PUT", "/network-acls/{id}", _replace, ("update:network_acls",), _WHOLE),
    ),
    r"acl_[A-Za-z0-9]{10,}|[0-9a-z]{8}(-[0-9a-z]{4}){3}-[0-9a-z]{12}",
    _malformed,
)
