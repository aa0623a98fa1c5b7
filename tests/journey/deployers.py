"""Applications that deploy to a tenant by a key of their own, made as a team makes them."""

from tests.journey.sandbox_tenant import SandboxTenant


def goes_by(tenant: SandboxTenant, domain: str) -> None:
    """Give the tenant this name too: an assertion is signed for one, and no proxy can change it."""
    state = tenant.control("GET", "/state")
    state["custom_domains"] = {domain: {"domain": domain, "status": "ready"}}
    tenant.control("POST", "/state", state)


def deployer_with_key(tenant: SandboxTenant, public: str, algorithm: str) -> str:
    """The id of a new application with this key (PEM), no secret, and all that the seeded one may do."""
    credential = {"credential_type": "public_key", "name": "CI", "pem": public, "alg": algorithm}
    body = {
        "name": "Deployment by key",
        "app_type": "non_interactive",
        "grant_types": ["client_credentials"],
        "client_authentication_methods": {"private_key_jwt": {"credentials": [credential]}},
    }
    client = str(tenant.management("POST", "/clients", body)["client_id"])
    (grant,) = tenant.management("GET", f"/client-grants?client_id={tenant.ready['auth0']['client_id']}")
    allowed = {"client_id": client, "audience": grant["audience"], "scope": grant["scope"]}
    tenant.management("POST", "/client-grants", allowed)
    return client
