"""The passwordless OTP grant at /oauth/token.

Source: auth0.com/docs/api/authentication/passwordless/authenticate-user. `redirect_uri`, which its newest
edition calls required and whose examples leave out, is neither demanded nor looked at here.
"""

from ...context import Sandbox
from ...store import Doc
from .. import back_channel, scopes
from ..back_channel import Proof
from ..errors import AppError, OAuthError
from ..incoming import Incoming
from . import connection as connections
from . import verification

OTP = "http://auth0.com/oauth/grant-type/passwordless/otp"


async def otp(sandbox: Sandbox, client: Doc, incoming: Incoming) -> Doc:
    number, code = _required(incoming, "username"), _required(incoming, "otp")
    connection = _connection(sandbox, client, _required(incoming, "realm"))
    number = number.lower() if connection["strategy"] == connections.EMAIL else number
    try:
        granted = scopes.requested(sandbox, client, incoming.text("audience"), incoming.text("scope"))
        user = await verification.verify(sandbox, client, connection, number, code, incoming)
    except AppError as error:
        raise OAuthError(error.error, error.description) from error
    except verification.RefusedError as error:
        raise OAuthError(error.error, error.description, error.status) from error
    proof = Proof(user, connection, connection["strategy"], sandbox.switches.otp_protocol, "passwordless_otp")
    return await back_channel.log_in(sandbox, client, incoming, proof, granted)


def _connection(sandbox: Sandbox, client: Doc, realm: str) -> Doc:
    connection = connections.named(sandbox, realm)
    if connection is None:
        raise OAuthError("invalid_request", "the connection was not found", 400)
    if client["client_id"] not in connection.get("enabled_clients", []):
        raise OAuthError("invalid_request", "the connection was disabled", 400)
    if connection["strategy"] not in connections.STRATEGIES:
        raise OAuthError("invalid_request", "specified strategy does not support requested operation", 400)
    return connection


def _required(incoming: Incoming, name: str) -> str:
    value = incoming.text(name)
    if value is None:
        raise OAuthError("invalid_request", f"Missing required parameter: {name}", 400)
    return value
