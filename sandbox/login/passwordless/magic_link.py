"""Magic links: /passwordless/verify_redirect logs the person in whom an e-mail reached.

Source: auth0.com/docs/authenticate/passwordless/authentication-methods/email-magic-link. Not documented: the
link's parameters, which are those that Auth0's own e-mails have.
"""

from urllib.parse import urlencode

from starlette.responses import Response

from ...context import Sandbox
from ...store import Doc
from .. import authorization as authorizations
from .. import clients, prompt, transactions
from ..errors import AppError
from ..visit import Visit
from . import verification
from .connection import EMAIL

PATH = "/passwordless/verify_redirect"


def address(sandbox: Sandbox, client: Doc, connection: Doc, email: str, code: str, parameters: Doc) -> str:
    """The link for one e-mail; `parameters` are what the application asks of /authorize."""
    asked = {name: value for name, value in parameters.items() if isinstance(value, str)}
    asked.setdefault("redirect_uri", next(iter(client.get("callbacks") or []), ""))
    asked.setdefault("response_type", "code")
    query = {
        **asked,
        "client_id": client["client_id"],
        "connection": connection["name"],
        "email": email,
        "verification_code": code,
    }
    return f"{sandbox.addresses.issuer.rstrip('/')}{PATH}?{urlencode(query)}"


async def follow(visit: Visit) -> Response:
    """Judge the link as a request to /authorize and its code as if it had been typed."""
    sandbox, incoming = visit.sandbox, visit.incoming
    client = clients.find(sandbox, incoming.text("client_id"))
    known = authorizations.address(client, incoming)
    transaction = transactions.begin(sandbox, visit.browser, known, incoming)
    try:
        judged = authorizations.judge(sandbox, client, known, incoming)
        connection = clients.connection_for(sandbox, client, judged.connection, (EMAIL,))
        user = await verification.verify(
            sandbox,
            client,
            connection,
            (incoming.text("email") or "").lower(),
            incoming.text("verification_code") or "",
            incoming,
        )
    except AppError as error:
        return prompt.refused(visit, transaction, None, error)
    except LookupError as error:
        return prompt.refused(visit, transaction, None, AppError("invalid_request", str(error.args[0])))
    except verification.RefusedError as error:
        return prompt.refused(visit, transaction, None, AppError("unauthorized", error.description))
    transaction = transactions.begin(sandbox, visit.browser, judged, incoming)
    return await prompt.entered(visit, transaction, user, connection)
