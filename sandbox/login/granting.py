"""What a finished sign-in gives the application by the browser: a code, tokens, or both.

Sources: OAuth 2.0 Multiple Response Type Encoding Practices; OpenID Connect Core 1.0, 3.2.2.5 and 3.3.2.5;
auth0.com/docs/get-started/authentication-and-authorization-flow/hybrid-flow.
"""

from ..context import Sandbox
from . import codes, tokens
from .authorization import Authorization
from .sign_in import SignIn


def parameters(sandbox: Sandbox, authorization: Authorization, sign_in: SignIn) -> dict[str, str]:
    """The parameters of the answer, without `state`. Raises GoneError when client, user or API are gone."""
    wanted, given = authorization.response_types, dict[str, str]()
    # A device's code is taken in by the sandbox's own last page, see `device_pages`.
    if {"code", "device_code"}.intersection(wanted):
        given["code"] = codes.issue(sandbox, authorization, sign_in)
    if "token" in wanted:
        given |= tokens.front_channel(sandbox, sign_in)
    if "id_token" in wanted:
        given["id_token"] = tokens.id_token(
            sandbox,
            sign_in,
            nonce=authorization.nonce,
            with_auth_time=authorization.max_age is not None,
            access_token=given.get("access_token"),
            code=given.get("code"),
        )
    return given
