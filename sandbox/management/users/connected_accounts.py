"""Accounts elsewhere whose tokens Auth0 keeps for a user: /users/{id}/connected-accounts.

Source: the provider's data source and the SDKs' types. Nobody connects an account here, so there are none.
"""

from .. import paging
from ..routing import Answer, Call, Operation
from .existing import user


def list_accounts(call: Call) -> Answer:
    user(call)
    return paging.checkpoint(call, "connected_accounts", [])


OPERATIONS = (Operation("GET", "/users/{id}/connected-accounts", list_accounts, ("read:users",)),)
