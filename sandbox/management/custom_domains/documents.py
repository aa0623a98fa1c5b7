"""A custom domain as it is stored and shown, from its creation to being ready."""

from ...context import Sandbox
from ...errors import Auth0Error, invalid_body, refusal
from ...store import Doc
from ..documents import patched
from ..schema import type_of

KIND = "custom_domains"
MOST_METADATA = 10
LONGEST_METADATA = 255
_SELF_MANAGED = "self_managed_certs"
_THREE_MONTHS = 90 * 24 * 3600


def new_domain(sandbox: Sandbox, body: Doc) -> Doc:
    """A whole domain, waiting for its proof, from a POST body.

    Recorded: the first domain of a tenant is primary; who manages the certificate decides on the proof, and
    on which of `tls_policy` and `custom_client_ip_header` is there.
    """
    key = sandbox.ids.prefixed("cd")
    domain: Doc = {
        "custom_domain_id": key,
        "domain": body["domain"],
        "primary": not any(other["primary"] for other in sandbox.store.all(KIND)),
        "is_default": False,
        "status": "pending_verification",
        "type": body["type"],
        "verification": {"methods": [_method(sandbox, key, body)]},
        "created_at": sandbox.clock.iso(),
    }
    domain |= {"custom_client_ip_header": None} if _is_self_managed(domain) else {"tls_policy": "recommended"}
    return changed(domain, {name: value for name, value in body.items() if name != "verification_method"})


def changed(domain: Doc, body: Doc) -> Doc:
    """A body's members replace; metadata are merged key by key; null removes, but a header it empties."""
    check_metadata(body.get("domain_metadata") or {})
    result = patched(domain, body, ("domain_metadata",))
    count = len(result.get("domain_metadata", {}))
    if count > MOST_METADATA:
        raise _metadata_error(f"Too many properties defined ({count}), maximum {MOST_METADATA}")
    if "custom_client_ip_header" not in result and (
        _is_self_managed(domain) or "custom_client_ip_header" in body
    ):
        result["custom_client_ip_header"] = None
    return result


def verified(sandbox: Sandbox, domain: Doc) -> Doc:
    """The domain with its proof found and, where Auth0 manages it, its certificate issued."""
    if domain["status"] == "ready":
        return domain
    now = sandbox.clock.now()
    proof = {"status": "verified", "last_verified_at": _seconds(sandbox, now)}
    ready = {**domain, "status": "ready", "verification": {**domain["verification"], **proof}}
    if _is_self_managed(domain):
        return ready | {"origin_domain_name": _edge(sandbox, domain["custom_domain_id"])}
    return ready | {
        "certificate": {
            "status": "provisioned",
            "certificate_authority": "letsencrypt",
            "renews_before": _seconds(sandbox, now + _THREE_MONTHS),
        }
    }


def require_one(sandbox: Sandbox) -> None:
    """Raise Auth0Error 400 in a tenant without a custom domain, proven or not.

    The words are those auth0-deploy-cli looks for (github.com/auth0/auth0-deploy-cli, prompts.ts).
    """
    if sandbox.store.count(KIND) == 0:
        raise refusal(
            400, "This feature requires at least one custom domain to be configured for the tenant."
        )


def check_metadata(metadata: Doc) -> None:
    """Raise Auth0Error 400 unless the values are strings, or null for what is to be removed."""
    for name, value in metadata.items():
        if value is not None and not isinstance(value, str):
            raise _metadata_error(f"Expected type string but found type {type_of(value)}", name)
        if value is not None and len(value) > LONGEST_METADATA:
            raise _metadata_error(
                f"String is too long ({len(value)} chars), maximum {LONGEST_METADATA}", name
            )


def _metadata_error(problem: str, name: str = "") -> Auth0Error:
    where = f"domain_metadata.{name}" if name else "domain_metadata"
    return invalid_body(f"Payload validation error: '{problem}' on property {where}.")


def _is_self_managed(domain: Doc) -> bool:
    return bool(domain["type"] == _SELF_MANAGED)


def _method(sandbox: Sandbox, key: str, body: Doc) -> Doc:
    """How the domain is proven: a TXT record for certificates of one's own, else a CNAME (recorded)."""
    domain = body["domain"]
    if body["type"] == _SELF_MANAGED:
        return {"name": "TXT", "record": sandbox.ids.uuid(), "domain": f"_cf-custom-hostname.{domain}"}
    return {"name": "CNAME", "record": _edge(sandbox, key), "domain": domain}


def _edge(sandbox: Sandbox, key: str) -> str:
    name = f"{sandbox.addresses.tenant_name}-{key}".replace("_", "-").lower()
    return f"{name}.edge.tenants.us.auth0.com"


def _seconds(sandbox: Sandbox, at: float) -> str:
    return sandbox.clock.iso(at).partition(".")[0] + "Z"
