"""A code is given back: judged, counted, and turned into the person it proves."""

from ...context import Sandbox
from ...store import Doc
from .. import logs, registration_actions
from ..incoming import Incoming
from . import attempts, codes, people
from .connection import EMAIL, Options

WRONG = "Wrong phone number or verification code."
WRONG_MAIL = "Wrong email or verification code."
EXPIRED = "The verification code has expired. Please try to login again."
EXHAUSTED = "You've reached the maximum number of attempts. Please try to login again."
BLOCKED = "user is blocked"
# auth0.com/docs/libraries/auth0js, the errors of a login.
PROTECTED = (
    "Your account has been blocked after multiple consecutive login attempts. We've sent you a notification "
    "via your preferred contact method with instructions on how to unblock it."
)
_SAYS = {"wrong": WRONG, "expired": EXPIRED, "exhausted": EXHAUSTED}


def _says(connection: Doc, verdict: str) -> str:
    return WRONG_MAIL if verdict == "wrong" and connection["strategy"] == EMAIL else _SAYS[verdict]


class RefusedError(Exception):
    """The code proves nothing; the attributes are those of an OAuth error at /oauth/token."""

    def __init__(self, description: str, error: str = "invalid_grant", status: int = 403) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status


async def verify(
    sandbox: Sandbox, client: Doc, connection: Doc, number: str, code: str, incoming: Incoming
) -> Doc:
    """The user whom the right code proves. RefusedError for any other code, and for a blocked person."""
    if attempts.are_over(sandbox, connection, number, incoming.ip):
        raise RefusedError(PROTECTED, "too_many_attempts", 429)
    verdict, issued = codes.check(sandbox, connection, number, code)
    if issued is None:
        if attempts.failed(sandbox, connection, number, incoming.ip):
            logs.write(
                sandbox, "limit_wc", incoming, description=PROTECTED, client=client, connection=connection
            )
        raise RefusedError(_says(connection, verdict))
    attempts.succeeded(sandbox, connection, number, incoming.ip)
    executions = await _admitted(sandbox, client, connection, number, incoming)
    try:
        user, is_new = people.prove(sandbox, connection, issued)
    except people.UnknownError as error:
        raise RefusedError(str(error)) from error
    if is_new:
        logs.write(
            sandbox, "ss", incoming, client=client, connection=connection, user=user, actions=executions
        )
        registration_actions.after(sandbox, connection, incoming, user)
    if user.get("blocked"):
        raise RefusedError(BLOCKED, "unauthorized", 401)
    return user


async def _admitted(
    sandbox: Sandbox, client: Doc, connection: Doc, number: str, incoming: Incoming
) -> list[str]:
    """Ask the Actions before a sign-up, for somebody who is new here; their executions."""
    if people.find(sandbox, connection, number) or not Options.of(connection).sign_up:
        return []
    try:
        draft = people.profile(connection, number)
        _, executions = await registration_actions.before(sandbox, connection, incoming, draft, client)
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
        raise RefusedError(error.message, "access_denied") from error
    return executions
