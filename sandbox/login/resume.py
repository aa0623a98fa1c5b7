"""/continue: the way back from the site an Action sent the browser to."""

from starlette.responses import Response

from . import flow, transactions
from .errors import StateError
from .visit import Visit


async def resume(visit: Visit) -> Response:
    """Continue the sign-in of this state, by GET or POST; parameters come from query and body together.

    The state works once, and only in the browser that began the sign-in: a request from a server has neither
    its cookies nor, therefore, a transaction.
    """
    transaction = transactions.take(visit.sandbox, visit.request, visit.incoming.text("state"), "continue")
    if transaction.sign_in is None:
        raise StateError("The state belongs to no sign-in under way.")
    return await flow.proceed(visit, transaction, transaction.sign_in, visit.incoming, resume=True)
