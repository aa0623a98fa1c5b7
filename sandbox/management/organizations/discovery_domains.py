"""Domains that tell which organization somebody belongs to: /organizations/{id}/discovery-domains.

Source: recorded (create, read, list, delete); PATCH and the search by name as documented
(auth0.com/docs/api/management/v2/organizations). Nobody asks DNS: a domain is verified once somebody says so.
Unknown are the words of the refusal of a second one.
"""

from ...errors import Auth0Error, conflict, not_found
from ...store import Doc
from .. import paging
from ..documents import find, patched, public
from ..routing import Answer, Call, Operation
from . import schema
from .existing import organization

KIND = "organization_discovery_domains"


def missing() -> Auth0Error:
    return not_found("The organization discovery domain does not exist.", "inexistent_discovery_domain")


def _of(call: Call) -> list[Doc]:
    return call.sandbox.store.where(KIND, "_organization", organization(call)["id"])


def _find(call: Call) -> Doc:
    identifier, domain = organization(call)["id"], find(call, KIND, missing(), "domain")
    if domain["_organization"] != identifier:
        raise missing()
    return domain


def list_domains(call: Call) -> Answer:
    return paging.checkpoint(call, "domains", [public(domain) for domain in _of(call)])


def add_domain(call: Call) -> Answer:
    name, ids = call.body["domain"].lower(), call.sandbox.ids
    if any(known["domain"] == name for known in _of(call)):
        raise conflict("A discovery domain with this name already exists.", "discovery_domain_conflict")
    domain = {
        "id": ids.prefixed("ord", 22),
        "status": "pending",
        "use_for_organization_discovery": True,
        **call.body,
        "domain": name,
        "verification_host": f"_ss-verification.{call.params['id']}.{name}",
        "verification_txt": ids.hex(32),
        "_organization": call.params["id"],
    }
    return Answer(_kept(call, domain), 201)


def get_domain(call: Call) -> Answer:
    return Answer(public(_find(call)))


def get_by_name(call: Call) -> Answer:
    for domain in _of(call):
        if domain["domain"] == call.params["name"].lower():
            return Answer(public(domain))
    raise missing()


def update_domain(call: Call) -> Answer:
    return Answer(_kept(call, patched(_find(call), call.body)))


def delete_domain(call: Call) -> Answer:
    call.sandbox.store.delete(KIND, _find(call)["id"])
    return Answer(status=204)


def _kept(call: Call, domain: Doc) -> Doc:
    call.sandbox.store.put(KIND, domain["id"], domain)
    return public(domain)


_PATH = "/organizations/{id}/discovery-domains"
_ONE = f"{_PATH}/{{domain}}"
_READ = ("read:organization_discovery_domains",)
_UPDATE = ("update:organization_discovery_domains",)

OPERATIONS = (
    Operation("GET", _PATH, list_domains, _READ),
    Operation("POST", _PATH, add_domain, ("create:organization_discovery_domains",), schema.ADD_DOMAIN),
    Operation("GET", f"{_PATH}/name/{{name}}", get_by_name, _READ),
    Operation("GET", _ONE, get_domain, _READ),
    Operation("PATCH", _ONE, update_domain, _UPDATE, schema.UPDATE_DOMAIN),
    Operation("DELETE", _ONE, delete_domain, ("delete:organization_discovery_domains",)),
)
