"""Probes that need nobody: a few calls, and no message to anybody."""

from . import scene
from .findings import Console, Finding, Probe
from .scene import application, passwordless
from .tenant import ProbeError, Tenant

# From the range that is for fiction (Ofcom).
_NUMBER = "+447700900123"


def _legacy(tenant: Tenant, console: Console) -> Finding:
    client = application(tenant, app_type="regular_web")
    body = {"client_id": client["client_id"], "connection": "sms", "username": _NUMBER, "password": "0"}
    answer = tenant.post("/oauth/ro", {**body, "grant_type": "password", "scope": "openid"})
    value = "absent" if answer.status_code in (404, 410) else "refused"
    return Finding("legacy_passwordless", value, f"/oauth/ro answered {answer.status_code}")


def _extensibility(tenant: Tenant, console: Console) -> Finding:
    rule = {"name": tenant.name, "script": "function (user, context, callback) { callback(); }"}
    try:
        tenant.make("/rules", {**rule, "enabled": False})
    except ProbeError as error:
        return Finding("legacy_extensibility", "ended", str(error))
    return Finding("legacy_extensibility", "kept", "a rule could be made")


def _names(tenant: Tenant, console: Console) -> Finding:
    client = application(tenant, app_type="native", token_endpoint_auth_method="none")  # noqa: S106 - no secret
    passwordless(tenant, client["client_id"], tenant.name)
    error = _start(tenant, str(client["client_id"]), tenant.name)
    return Finding(
        "passwordless_names",
        "canonical" if error == "bad.connection" else "any",
        f"/passwordless/start with another name: {error or 'success'}",
    )


def _blocked(tenant: Tenant, console: Console) -> Finding:
    client = application(tenant, app_type="native", token_endpoint_auth_method="none")  # noqa: S106 - no secret
    passwordless(tenant, client["client_id"])
    tenant.make("/users", {"connection": "sms", "phone_number": _NUMBER, "blocked": True}, "user_id")
    error = _start(tenant, str(client["client_id"]), "sms")
    if error == "sms_provider_error":
        raise ProbeError("The tenant tried to send a blocked person a code, documented not to happen.")
    value = "refused" if error else "silent"
    return Finding("passwordless_blocked_user", value, f"a blocked person: {error or 'success'}")


def _expired(tenant: Tenant, console: Console) -> Finding:
    settings = tenant.api("GET", "/tenants/settings")
    before = settings.get("default_redirection_uri") or ""
    if not before:
        tenant.later("take back the tenant's default login route", lambda: _route(tenant, before))
        _route(tenant, f"{scene.NOWHERE}login")
    answer = tenant.get("/continue?state=made-up-by-a-probe")
    leads = answer.headers.get("location", "")
    route = leads.startswith(before or scene.NOWHERE)
    return Finding(
        "expired_state",
        "default_login_route" if route else "error_page",
        f"a state that nobody made: {answer.status_code} {leads.partition('?')[0]}".strip(),
    )


def _route(tenant: Tenant, address: str) -> None:
    tenant.api("PATCH", "/tenants/settings", {"default_redirection_uri": address})


def _start(tenant: Tenant, client_id: str, connection: str) -> str | None:
    body = {"client_id": client_id, "connection": connection, "phone_number": _NUMBER, "send": "code"}
    answer = tenant.post("/passwordless/start", body)
    return None if answer.ok else str(answer.json().get("error"))


PROBES = (
    Probe("legacy-passwordless", "an application", "nothing", _legacy),
    Probe("legacy-extensibility", "a rule that is switched off", "nothing", _extensibility),
    Probe("passwordless-names", "an application, an sms connection", "nothing", _names),
    Probe("expired-state", "the tenant's default login route, if it has none", "nothing", _expired),
    Probe("blocked-person", "an application, the sms connection, a blocked person", "nothing", _blocked),
)
