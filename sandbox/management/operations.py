"""Every operation of the Management API the sandbox knows: the table of the tables."""

from collections.abc import Iterable

from . import client_grants, resource_servers, roles, tenants
from .actions import operations as actions
from .branding import providers as phone_providers
from .branding import templates as phone_templates
from .clients import operations as clients
from .connections import operations as connections
from .routing import Operation
from .users import operations as users

OPERATIONS: tuple[Operation, ...] = (
    *actions.OPERATIONS,
    *client_grants.OPERATIONS,
    *clients.OPERATIONS,
    *connections.OPERATIONS,
    *phone_providers.OPERATIONS,
    *phone_templates.OPERATIONS,
    *resource_servers.OPERATIONS,
    *roles.OPERATIONS,
    *tenants.OPERATIONS,
    *users.OPERATIONS,
)


def scopes(operations: Iterable[Operation] = OPERATIONS) -> list[str]:
    """Every scope the operations ask for, sorted: what the Management API offers."""
    return sorted(
        {scope for operation in operations for scope in (*operation.scopes, *operation.self_scopes)}
    )
