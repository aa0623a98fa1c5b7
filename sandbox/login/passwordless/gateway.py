"""The tenant's call to the connection's SMS gateway.

Documented: POST {recipient, body, sender[, req]}, a bearer token signed HS256 with the connection's secret,
30 seconds, and 200 alone is success (…/authentication-methods/use-sms-gateway-passwordless, "Error
handling"). Not documented: which claims the token has besides sub and aud, and the words for a gateway that
can't be reached at all.
"""

import base64
import binascii
import errno
import math
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey

from ...context import Sandbox
from ...store import Doc
from .. import outgoing
from ..incoming import Incoming
from .connection import Options

_TOKEN_SECONDS = 60


class GatewayError(Exception):
    """The gateway did not take the message; the text is Auth0's `error_description`."""


async def send(sandbox: Sandbox, options: Options, recipient: str, text: str, incoming: Incoming) -> None:
    """Hand one message to the gateway. Raises GatewayError for everything but a 200."""
    body: Doc = {"recipient": recipient, "body": text, "sender": options.sender}
    if options.forwards_request:
        body["req"] = {"ip": incoming.ip, "user-agent": incoming.user_agent}
    status = await _post(sandbox, options, body)
    if status == 401:
        raise GatewayError("Authentication failed while calling the SMS gateway: 401")
    if status != 200:
        raise GatewayError(f"Unexpected response while calling the SMS gateway: {status}")


async def _post(sandbox: Sandbox, options: Options, body: Doc) -> int:
    # Imported late: a third of all the sandbox loads, and not needed before a message goes out.
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=sandbox.switches.sms_gateway_timeout_seconds)
    connector, headers = outgoing.connector(sandbox.ca), _headers(sandbox, options)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as session,
            session.post(options.gateway_url, json=body, headers=headers, allow_redirects=False) as answer,
        ):
            return answer.status
    except TimeoutError as error:
        raise GatewayError("Timeout while calling the SMS gateway: ESOCKETTIMEDOUT") from error
    except (aiohttp.ClientError, ValueError) as error:
        raise GatewayError(f"Error while calling the SMS gateway: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """The system's name for it, as Node has it; else the client's."""
    return errno.errorcode.get(getattr(error, "errno", None) or 0, type(error).__name__)


def _headers(sandbox: Sandbox, options: Options) -> dict[str, str]:
    if not options.authentication:
        return {}
    return {"Authorization": f"Bearer {token(sandbox, options.authentication)}"}


def token(sandbox: Sandbox, authentication: Doc) -> str:
    """The bearer token of one call: sub and aud as configured, more where the switch says so."""
    claims: dict[str, Any] = {"aud": authentication["audience"]}
    if authentication.get("subject"):
        claims["sub"] = authentication["subject"]
    if sandbox.switches.gateway_jwt_has_times:
        now = math.floor(sandbox.clock.now())
        claims |= {"iss": sandbox.addresses.issuer, "iat": now, "exp": now + _TOKEN_SECONDS}
    key = OctKey.import_key(_secret(authentication))
    return jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, key)


def _secret(authentication: Doc) -> bytes:
    secret = str(authentication["secret"])
    if not authentication.get("secret_base64_encoded"):
        return secret.encode()
    try:
        return base64.urlsafe_b64decode(secret.rstrip("=") + "=" * (-len(secret.rstrip("=")) % 4))
    except (binascii.Error, ValueError) as error:
        raise GatewayError("The secret of the gateway's authentication is not base64.") from error
