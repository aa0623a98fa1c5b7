"""A fresh tenant: what Auth0 gives everybody, and the accounts the local stage uses."""

from collections.abc import Callable
from dataclasses import asdict

from .carriers.app import seed_accounts
from .context import Sandbox, Switches
from .login.passwordless.grant import OTP
from .management.client_grants import new_grant
from .management.clients.defaults import global_client, new_client
from .management.connections.defaults import new_connection
from .management.operations import scopes
from .management.resource_servers import management_api
from .management.tenants import KEY, new_settings
from .store import Doc
from .vercel import account as vercel

CONNECTION = "Username-Password-Authentication"
# Kinds a reset keeps: a stack and its secrets stay usable because credentials and keys don't change.
KEPT = ("seed", "keys")


def seed(sandbox: Sandbox) -> None:
    """Make the default tenant in an empty store; credentials an earlier seed made are used again."""
    with sandbox.store.atomic():
        m2m = _client(sandbox, "m2m_client", _m2m_body())
        demo = _client(sandbox, "demo_client", _demo_body(sandbox))
        _client(sandbox, "global_client", None)
        _remembered(sandbox, "twilio", lambda: _twilio(sandbox))
        _remembered(sandbox, vercel.SEED, lambda: vercel.new(sandbox.ids))
        seed_accounts(sandbox)
        _management_api(sandbox, m2m)
        _connection(sandbox, demo)
        sandbox.store.put("settings", KEY, new_settings())
        sandbox.store.put("seed", "addresses", _addressed(sandbox))
    sandbox.ids.restart()


def reset(sandbox: Sandbox) -> None:
    """A fresh tenant with the same credentials and keys; clock, switches, faults and calls start anew."""
    with sandbox.store.atomic():
        sandbox.store.clear(keep=KEPT)
        seed(sandbox)
    sandbox.clock.reset()
    for name, value in asdict(Switches()).items():
        setattr(sandbox.switches, name, value)
    sandbox.faults.clear()
    sandbox.calls.clear()


def resume(sandbox: Sandbox) -> None:
    """Bring what an earlier start seeded up to date: other ports, and scopes that have come since."""
    if sandbox.ids.is_seeded:
        # The number is that of no earlier start.
        sandbox.ids.restart(sandbox.store.append("starts", {"at": sandbox.clock.iso()}))
    _readdress(sandbox)
    _add_scopes(sandbox)
    _remembered(sandbox, vercel.SEED, lambda: vercel.new(sandbox.ids))
    seed_accounts(sandbox)


def _readdress(sandbox: Sandbox) -> None:
    store, addresses = sandbox.store, sandbox.addresses
    known = store.get("seed", "addresses") or {}
    old = {name: known.get(name) for name in ("audience", "app")}
    if old == _addressed(sandbox):
        return
    with store.atomic():
        for kind, key, member in (
            ("resource_servers", "id", "identifier"),
            ("client_grants", "id", "audience"),
        ):
            for doc in store.all(kind):
                if doc[member] == old["audience"]:
                    store.put(kind, doc[key], {**doc, member: addresses.management_audience})
        demo = store.get("seed", "demo_client") or {}
        client = store.get("clients", str(demo.get("client_id")))
        if client is not None:
            store.put("clients", client["client_id"], client | _demo_urls(sandbox))
        store.put("seed", "addresses", _addressed(sandbox))


def _add_scopes(sandbox: Sandbox) -> None:
    """New scopes of the Management API go to the deployment client too; scopes taken from it stay away."""
    store, audience = sandbox.store, sandbox.addresses.management_audience
    m2m = store.get("seed", "m2m_client") or {}
    for api in store.where("resource_servers", "identifier", audience):
        known = {scope["value"] for scope in api["scopes"]}
        fresh = management_api(sandbox.ids, sandbox.addresses, scopes())["scopes"]
        new = [scope for scope in fresh if scope["value"] not in known]
        if not new:
            return
        store.put("resource_servers", api["id"], {**api, "scopes": [*api["scopes"], *new]})
        for grant in store.where("client_grants", "audience", audience):
            if grant["client_id"] == m2m.get("client_id"):
                wider = [*grant["scope"], *(scope["value"] for scope in new)]
                store.put("client_grants", grant["id"], {**grant, "scope": wider})


def _addressed(sandbox: Sandbox) -> Doc:
    return {"audience": sandbox.addresses.management_audience, "app": sandbox.addresses.app}


def is_seeded(sandbox: Sandbox) -> bool:
    return sandbox.store.count("clients") > 0


def _remembered(sandbox: Sandbox, key: str, make: Callable[[], Doc]) -> Doc:
    known = sandbox.store.get("seed", key)
    if known is None:
        known = make()
        sandbox.store.put("seed", key, known)
    return known


def _client(sandbox: Sandbox, key: str, body: Doc | None) -> Doc:
    """Store a client; the id and secret it was first made with are the ones it keeps."""
    client = global_client(sandbox.ids) if body is None else new_client(sandbox.ids, body)
    kept = _remembered(sandbox, key, lambda: {name: client[name] for name in ("client_id", "client_secret")})
    client |= kept
    sandbox.store.put("clients", client["client_id"], client)
    return client


def _m2m_body() -> Doc:
    return {
        "name": "Deployment",
        "app_type": "non_interactive",
        "oidc_conformant": True,
        "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": "client_secret_post",
    }


def _demo_body(sandbox: Sandbox) -> Doc:
    return {
        "name": "Demo app",
        "app_type": "regular_web",
        "oidc_conformant": True,
        "grant_types": ["authorization_code", "refresh_token", OTP],
        "token_endpoint_auth_method": "client_secret_post",
        "jwt_configuration": {"alg": "RS256", "lifetime_in_seconds": 36000},
        **_demo_urls(sandbox),
    }


def _demo_urls(sandbox: Sandbox) -> Doc:
    app = sandbox.addresses.app
    return {"callbacks": [f"{app}/callback"], "allowed_logout_urls": [app, f"{app}/"], "web_origins": [app]}


def _twilio(sandbox: Sandbox) -> Doc:
    ids = sandbox.ids
    return {"api_key": ids.twilio("AC"), "api_secret": ids.hex(32), "verify_service": ids.twilio("VA")}


def _management_api(sandbox: Sandbox, m2m: Doc) -> None:
    api = management_api(sandbox.ids, sandbox.addresses, scopes())
    sandbox.store.put("resource_servers", api["id"], api)
    body = {"client_id": m2m["client_id"], "audience": api["identifier"], "scope": scopes()}
    grant = new_grant(sandbox.ids, body)
    sandbox.store.put("client_grants", grant["id"], grant)


def _connection(sandbox: Sandbox, demo: Doc) -> None:
    connection = new_connection(sandbox.ids, sandbox.addresses, {"name": CONNECTION, "strategy": "auth0"})
    connection["enabled_clients"] = [demo["client_id"]]
    sandbox.store.put("connections", connection["id"], connection)
