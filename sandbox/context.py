"""What every part of the sandbox is handed: its store, time, addresses and switches."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from .actions.background import Background
from .calls import Calls
from .clock import Clock
from .faults import Faults
from .ids import Ids
from .keys import Keys
from .store import Store

if TYPE_CHECKING:
    from .vercel.platform import Platform


@dataclass(frozen=True)
class Addresses:
    """Where the services answer: `auth0` is the tenant's domain (host:port), the others are URLs.

    `service` is where a deployment of the account at Vercel answers.
    """

    auth0: str
    twilio: str
    handset: str
    app: str
    service: str

    @property
    def tenant_name(self) -> str:
        """What Actions see as `event.tenant.id`."""
        return self.auth0.partition(":")[0].partition(".")[0]

    @property
    def issuer(self) -> str:
        return f"https://{self.auth0}/"

    @property
    def management_audience(self) -> str:
        return f"https://{self.auth0}/api/v2/"


@dataclass
class Switches:
    """Behaviours of Auth0 that its documentation leaves open; a test may try both ways."""

    redirect_url_unique_includes_query: bool = True
    expired_state: Literal["error_page", "default_login_route"] = "error_page"
    validate_token_min_life_seconds: int = 0
    validate_token_checks_issuer: bool = False
    otp_protocol: str = "oauth2-passwordless-otp"
    # Whether the token for an SMS gateway has iss, iat and exp besides sub and aud.
    gateway_jwt_has_times: bool = False
    sms_gateway_timeout_seconds: float = 30.0
    # 0 counts nothing. Starts without a client's secret, by address and hour; posts of the page for the code,
    # by address and minute.
    passwordless_start_limit: int = 50
    passwordless_page_limit: int = 5
    passwordless_names: Literal["canonical", "any"] = "canonical"
    passwordless_blocked_user: Literal["refused", "silent"] = "refused"
    # Whose words a passwordless message has when the tenant's phone provider sends it; whether numbers of the
    # US come to the provider's Action with their prefix; what happens when that Action fails.
    phone_template: Literal["tenant", "connection"] = "tenant"
    phone_us_numbers: Literal["prefixed", "bare"] = "prefixed"
    phone_action_error: Literal["drop", "retry"] = "drop"
    # Whether Actions find what they had in their cache before a redirect or a challenge.
    action_cache_outlives_redirect: bool = False
    # Whether the Actions around a sign-up run for users that the Management API makes.
    management_users_run_actions: bool = True
    legacy_passwordless: Literal["refused", "absent"] = "refused"
    # Tenants made since the migration want read: and update:connections_options for a connection's options;
    # older ones until their toggle is switched off.
    connections_options_need_scopes: bool = True
    # Whether a domain added at Vercel is known to be the account's, and whether its DNS leads there.
    vercel_domains_verified: bool = True
    vercel_domains_configured: bool = True
    action_build_reads: int = 1
    action_build_seconds: float = 0.0
    action_build_checks_syntax: bool = False
    # Not empty: every build of an Action fails with these words.
    action_build_error: str = ""
    # Whether new rules and hooks are still taken.
    legacy_extensibility: Literal["kept", "ended"] = "kept"


class ActionRunner(Protocol):
    """The process that executes Actions; started by the first execution, not before."""

    async def execute(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Run one Action's handler and return what it asked for."""
        ...

    async def check(self, code: str) -> str | None:
        """The syntax error of an Action's code, or None when it compiles."""
        ...

    async def close(self) -> None: ...


@dataclass
class Sandbox:
    """One tenant and everything around it."""

    store: Store
    clock: Clock
    addresses: Addresses
    switches: Switches
    faults: Faults
    keys: Keys
    ids: Ids
    calls: Calls = field(default_factory=Calls)
    background: Background = field(default_factory=Background, repr=False)
    # The sandbox's own authority, which it trusts besides the system's when it calls out.
    ca: Path | None = None
    runner: ActionRunner = field(init=False, repr=False)
    # What happens to deployments; absent from a sandbox that is in memory alone.
    vercel: "Platform" = field(init=False, repr=False)
