"""Somebody signs up with a database connection: on the page, or by /dbconnections/signup."""

from .. import users
from ..context import Sandbox
from ..errors import Auth0Error
from ..store import Doc
from . import logs, registration_actions
from .incoming import Incoming


async def register(
    sandbox: Sandbox,
    client: Doc,
    connection: Doc,
    incoming: Incoming,
    email: str | None,
    password: str,
    *,
    transaction: Doc | None = None,
    **profile: object,
) -> Doc:
    """Make the user and note it in the tenant's log; the Actions before and after a sign-up run.

    `transaction` is the `event.transaction` of a sign-up on the page. Auth0Error for a weak password, a known
    address, and a refusal of an Action.
    """
    try:
        users.check_strength(connection, password)
        metadata, executions = await registration_actions.before(
            sandbox, connection, incoming, {"email": email, **profile}, client, transaction
        )
        user = users.create(sandbox, connection["name"], email, password, **(profile | metadata))
    except registration_actions.DeniedError as error:
        logs.write(
            sandbox,
            "fs",
            incoming,
            description=error.reason,
            client=client,
            connection=connection,
            actions=error.executions,
        )
        raise
    except Auth0Error as error:
        logs.write(sandbox, "fs", incoming, description=error.message, client=client, connection=connection)
        raise
    logs.write(sandbox, "ss", incoming, client=client, connection=connection, user=user, actions=executions)
    registration_actions.after(sandbox, connection, incoming, user, transaction)
    return user
