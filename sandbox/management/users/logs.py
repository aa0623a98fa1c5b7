"""What the tenant's log has about a user: /users/{id}/logs.

Source: auth0.com/docs/api/management/v2/users/get-logs-by-user. The newest entry comes first, unless `sort`
says date:1.
"""

from .. import paging
from ..routing import Answer, Call, Operation
from .existing import user


def list_logs(call: Call) -> Answer:
    identifier = user(call)["user_id"]
    found = call.sandbox.store.where("tenant_logs", "user_id", identifier)
    if call.query.get("sort") != "date:1":
        found.reverse()
    return paging.answer(call, "logs", found, with_length=True)


OPERATIONS = (
    Operation(
        "GET",
        "/users/{id}/logs",
        list_logs,
        ("read:logs_users", "read:logs", "read:users"),
        self_scopes=("read:current_user",),
    ),
)
