"""/custom-domains: made, proven, made the default.

Recorded: shapes, the refusal of a default that isn't ready, the bare list. Documented: the other statuses
(auth0.com/docs/api/management/v2/custom-domains). Here every proof is found at once: no DNS is asked. Not
documented: whether a tenant's first domain becomes its default once it is ready; here it doesn't.
"""

from ...errors import Auth0Error, conflict, invalid_body, not_found
from ...store import Doc
from .. import lucene, paging, sorting
from ..collection import Collection
from ..documents import public
from ..routing import Answer, Call, Operation
from . import schema
from .documents import KIND, changed, new_domain, verified

_PATH = "/custom-domains"
_READ = ("read:custom_domains",)
# Names of hosts have no case (RFC 4343).
_FIELDS = lucene.Fields(("domain", "status"), folded=("domain",))


def missing() -> Auth0Error:
    return not_found("The custom domain does not exist", "inexistent_custom_domain")


def _new(call: Call) -> Doc:
    if call.sandbox.store.where(KIND, "domain", call.body["domain"]):
        raise conflict("The specified custom domain already exists", "custom_domain_conflict")
    return new_domain(call.sandbox, call.body)


def _change(call: Call, domain: Doc) -> Doc:
    return changed(domain, call.body)


def _is_wanted(call: Call, domain: Doc) -> bool:
    return lucene.test_of(call.query.get("q"), _FIELDS)(domain)


def _listing(call: Call, kind: str, domains: list[Doc], view: paging.View) -> Answer:
    """Checkpoints for who asks by `take` or `q`; else all of them, bare, whatever totals are asked for."""
    found = sorting.ordered(domains, call.query.get("sort"))
    if {"take", "from", "q"}.intersection(call.query):
        return paging.checkpoint(call, kind, found, view)
    return Answer([view(domain) for domain in found])


def _verify(call: Call) -> Answer:
    """The proof is looked for; the key for the CNAME is told once, at the first success."""
    domain = DOMAINS.find(call)
    ready = verified(call.sandbox, domain)
    call.sandbox.store.put(KIND, ready["custom_domain_id"], ready)
    key = {} if domain["status"] == "ready" else {"cname_api_key": call.sandbox.ids.hex(64)}
    return Answer({**public(ready), **key}, 201)


def _test(call: Call) -> Answer:
    domain = DOMAINS.find(call)
    if domain["status"] == "ready":
        return Answer({"success": True})
    return Answer({"success": False, "message": "The domain has not been verified."})


def _default(call: Call) -> Answer:
    """The domain used where no other is named: a custom one, or the tenant's own."""
    for domain in call.sandbox.store.all(KIND):
        if domain["is_default"]:
            return Answer(public(domain))
    return Answer({"domain": call.sandbox.addresses.auth0, "is_default": True})


def _set_default(call: Call) -> Answer:
    store, wanted = call.sandbox.store, call.body["domain"]
    is_canonical = wanted == call.sandbox.addresses.auth0
    found = [domain for domain in store.where(KIND, "domain", wanted) if domain["status"] == "ready"]
    if not found and not is_canonical:
        # The words are recorded; that a name nobody added gets them too is not.
        raise invalid_body("The domain must be verified before it can be set as default.")
    with store.atomic():
        for domain in store.all(KIND):
            chosen = domain["domain"] == wanted
            primary = chosen or (is_canonical and domain["primary"])
            store.put(KIND, domain["custom_domain_id"], {**domain, "is_default": chosen, "primary": primary})
    return _default(call)


DOMAINS = Collection(
    path=_PATH,
    kind=KIND,
    scope="custom_domains",
    missing=missing,
    create=schema.CREATE,
    update=schema.UPDATE,
    new=_new,
    change=_change,
    wanted=_is_wanted,
    listing=_listing,
    key="custom_domain_id",
)
OPERATIONS = (
    *DOMAINS.operations(),
    Operation("GET", f"{_PATH}/default", _default, _READ),
    Operation("PATCH", f"{_PATH}/default", _set_default, ("update:custom_domains",), schema.DEFAULT),
    Operation("POST", f"{_PATH}/{{id}}/verify", _verify, ("create:custom_domains",)),
    Operation("POST", f"{_PATH}/{{id}}/test", _test, ("update:custom_domains",)),
)
