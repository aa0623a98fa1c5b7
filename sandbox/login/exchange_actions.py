"""The credentials-exchange trigger: Actions of a machine's token, before it is issued.

Sources: auth0.com/docs/customize/actions/explore-triggers/credentials-exchange, and the reference of its
event and api. Target scopes are an early access: what Actions set is cut down to the client grant. Not
documented: the status of a refusal (`server_error` 500, the others 400 here) and what an Action's failure
is answered.
"""

from dataclasses import dataclass, field

from ..actions import sequence
from ..context import Sandbox
from ..store import Doc
from . import event as events
from .errors import OAuthError
from .incoming import Incoming

TRIGGER = "credentials-exchange"
_STATUS = {"server_error": 500}


@dataclass
class Exchange:
    """What Actions have made of a token: its scopes, and its custom claims."""

    scopes: list[str]
    claims: Doc = field(default_factory=dict)
    executions: list[str] = field(default_factory=list)


async def run(
    sandbox: Sandbox,
    client: Doc,
    incoming: Incoming,
    audience: str,
    scopes: list[str],
    grant: list[str],
    organization: Doc | None = None,
) -> Exchange:
    """Run the Actions for a token with these scopes; OAuthError when one refuses or fails.

    `grant` is what the client grant allows.
    """
    exchange = Exchange(scopes)

    def event() -> Doc:
        found: Doc = {
            "accessToken": {"customClaims": dict(exchange.claims), "scope": exchange.scopes},
            "client": events.client_view(client),
            "request": events.request_view(incoming, query=False),
            "resource_server": {"identifier": audience},
            "tenant": {"id": sandbox.addresses.tenant_name},
            "transaction": {"requested_scopes": scopes, "target_scopes": exchange.scopes},
            **events.custom_domain(sandbox, incoming.hostname),
        }
        correlation = incoming.text("correlation_id")
        if correlation:
            found["transaction"]["correlation_id"] = correlation
        return found | ({"organization": events.organization_view(organization)} if organization else {})

    def apply(commands: list[Doc]) -> Doc | None:
        refusal = None
        for command in commands:
            if command["type"] == "claim":
                exchange.claims[str(command["key"])] = command.get("value")
            elif command["type"] == "target_scopes":
                exchange.scopes = command["scopes"]
            elif command["type"] == "deny":
                refusal = refusal or command
        return refusal

    ended = await sequence.run(sandbox, TRIGGER, "onExecuteCredentialsExchange", event, apply)
    exchange.executions = ended.executions
    exchange.scopes = [scope for scope in exchange.scopes if scope in grant]
    if ended.refusal is not None:
        code = str(ended.refusal["code"])
        raise _denied(code, str(ended.refusal.get("reason") or ""), exchange)
    if ended.failure is not None:
        raise _denied("server_error", ended.failure, exchange)
    return exchange


def _denied(code: str, description: str, exchange: Exchange) -> OAuthError:
    error = OAuthError(code, description, _STATUS.get(code, 400))
    error.executions = exchange.executions
    return error
