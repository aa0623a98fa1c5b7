"""Every operation of the Management API the sandbox knows: the table of the tables."""

from collections.abc import Iterable

from . import (
    client_grants,
    connection_profiles,
    forms,
    hooks,
    network_acls,
    rate_limit_policies,
    resource_servers,
    risk,
    rules,
    self_service_profiles,
    stats,
    tenants,
    tickets,
    token_exchange_profiles,
    user_attribute_profiles,
    verifiable_credentials,
)
from .actions import operations as actions
from .attack_protection import operations as attack_protection
from .branding import page_template, themes
from .branding import providers as phone_providers
from .branding import settings as branding
from .branding import templates as phone_templates
from .clients import operations as clients
from .connections import operations as connections
from .custom_domains import operations as custom_domains
from .emails import provider as email_provider
from .emails import templates as email_templates
from .event_streams import operations as event_streams
from .flows import flows, vault
from .guardian import operations as guardian
from .jobs import operations as jobs
from .keys import operations as keys
from .log_streams import operations as log_streams
from .logs import operations as logs
from .organizations import operations as organizations
from .prompts import operations as prompts
from .roles import operations as roles
from .routing import Operation
from .users import operations as users

OPERATIONS: tuple[Operation, ...] = (
    *actions.OPERATIONS,
    *attack_protection.OPERATIONS,
    *branding.OPERATIONS,
    *client_grants.OPERATIONS,
    *clients.OPERATIONS,
    *connection_profiles.OPERATIONS,
    *connections.OPERATIONS,
    *custom_domains.OPERATIONS,
    *email_provider.OPERATIONS,
    *email_templates.OPERATIONS,
    *guardian.OPERATIONS,
    *flows.OPERATIONS,
    *forms.OPERATIONS,
    *jobs.OPERATIONS,
    *keys.OPERATIONS,
    *log_streams.OPERATIONS,
    *logs.OPERATIONS,
    *organizations.OPERATIONS,
    *page_template.OPERATIONS,
    *phone_providers.OPERATIONS,
    *phone_templates.OPERATIONS,
    *prompts.OPERATIONS,
    *resource_servers.OPERATIONS,
    *risk.OPERATIONS,
    *roles.OPERATIONS,
    *stats.OPERATIONS,
    *tenants.OPERATIONS,
    *tickets.OPERATIONS,
    *themes.OPERATIONS,
    *user_attribute_profiles.OPERATIONS,
    *users.OPERATIONS,
    *event_streams.OPERATIONS,
    *hooks.OPERATIONS,
    *network_acls.OPERATIONS,
    *rate_limit_policies.OPERATIONS,
    *rules.OPERATIONS,
    *self_service_profiles.OPERATIONS,
    *token_exchange_profiles.OPERATIONS,
    *verifiable_credentials.OPERATIONS,
    *vault.OPERATIONS,
)


def scopes(operations: Iterable[Operation] = OPERATIONS) -> list[str]:
    """Every scope the operations ask for, sorted: what the Management API offers."""
    return sorted(
        {scope for operation in operations for scope in (*operation.scopes, *operation.self_scopes)}
        # These admit to no operation of their own, only to one member.
        | set(connections.OPTIONS_SCOPES)
    )
