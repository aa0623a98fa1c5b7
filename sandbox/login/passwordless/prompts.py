"""The Universal Login pages of passwordless by SMS and e-mail: the number or address, then the code.

The SMS code's page is at the address that Auth0's article on its rate limit names (support.auth0.com, "Auth0
Rate Limit Error and HTTP 429 Status on Passwordless Authentication": five requests a minute).
"""

import re
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from ... import limits
from ...store import Doc
from .. import logs, responses, transactions
from ..errors import AppError, PageError
from ..prompt import field, opened, page, refused, signed_in, state
from ..transactions import Transaction
from ..visit import Visit
from . import sending, verification
from .connection import EMAIL, STRATEGIES
from .sending import Order

IDENTIFIER = "/u/login/identifier"
CHALLENGE = "/u/login/passwordless-sms-challenge"
MAIL_CHALLENGE = "/u/login/passwordless-email-challenge"
_MINUTE = 60.0
_SEPARATORS = re.compile(r"[\s().-]")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")
_NO_ADDRESS = "Enter your email address, for example ada@example.com."
_NO_NUMBER = "Enter your number with + and the country code, for example +1 415 555 0123."
_SENDING = {
    "bad.connection": "There is no account for this, and nobody can sign up here.",
    "unauthorized": "This account is blocked.",
}
_NOT_SENT = "The message could not be sent. Wait a moment, then try again."
_CODES = {
    verification.WRONG_MAIL: "This code is not right. Look at the latest message.",
    verification.WRONG: "This code is not right. Look at the latest message.",
    verification.EXPIRED: "This code is too old. Ask for a new one.",
    verification.EXHAUSTED: "Too many wrong codes. Ask for a new one.",
}


async def show_identifier(visit: Visit) -> Response:
    transaction, _, connection = opened(visit, *STRATEGIES)
    known = transaction.number or transaction.authorization.login_hint or ""
    return _identifier(visit, transaction, connection, known)


async def identify(visit: Visit) -> Response:
    transaction, client, connection = opened(visit, *STRATEGIES)
    given = field(visit, "email" if _is_mail(connection) else "phone_number").strip()
    number = given.lower() if _is_mail(connection) else _SEPARATORS.sub("", given)
    if not (_ADDRESS if _is_mail(connection) else _E164).fullmatch(number):
        problem = _NO_ADDRESS if _is_mail(connection) else _NO_NUMBER
        return _identifier(visit, transaction, connection, given, problem)
    unsent = await _send(visit, client, connection, number)
    if unsent:
        return _identifier(visit, transaction, connection, given, unsent)
    transactions.keep(visit.sandbox, state(visit), replace(transaction, number=number))
    return responses.redirect(f"{_challenge_path(connection)}?state={state(visit)}")


async def show_challenge(visit: Visit) -> Response:
    transaction, _, connection = opened(visit, *STRATEGIES)
    if transaction.number is None:
        return responses.redirect(f"{IDENTIFIER}?state={state(visit)}")
    return _challenge(visit, transaction, connection)


async def challenge(visit: Visit) -> Response:
    transaction, client, connection = opened(visit, *STRATEGIES)
    _count(visit, client)
    if transaction.number is None:
        return responses.redirect(f"{IDENTIFIER}?state={state(visit)}")
    if visit.incoming.text("action") == "resend":
        problem = await _send(visit, client, connection, transaction.number)
        return _challenge(visit, transaction, connection, problem, sent=problem is None)
    return await _judge(visit, transaction, client, connection, transaction.number)


async def _judge(
    visit: Visit, transaction: Transaction, client: Doc, connection: Doc, number: str
) -> Response:
    code = re.sub(r"\s", "", field(visit, "code"))
    try:
        user = await verification.verify(visit.sandbox, client, connection, number, code, visit.incoming)
    except verification.RefusedError as error:
        if error.error == "unauthorized":
            ended = transactions.take(visit.sandbox, visit.request, state(visit), "login")
            return refused(visit, ended, None, AppError(error.error, error.description))
        logs.write(
            visit.sandbox,
            "fp",
            visit.incoming,
            description=error.description,
            client=client,
            connection=connection,
        )
        return _challenge(visit, transaction, connection, _CODES.get(error.description, error.description))
    return await signed_in(visit, user, connection)


async def _send(visit: Visit, client: Doc, connection: Doc, number: str) -> str | None:
    """Send a code; the sentence for the person when there was none to send."""
    language = visit.request.headers.get("accept-language")
    try:
        await sending.send(visit.sandbox, Order(connection, client, number, language, visit.incoming))
    except sending.RefusedError as error:
        return _SENDING.get(error.error, _NOT_SENT)
    return None


def _identifier(
    visit: Visit, transaction: Transaction, connection: Doc, known: str, problem: str | None = None
) -> Response:
    values = {"known": known, "by_mail": _is_mail(connection)}
    return page(visit, transaction, "identifier", values, problem)


def _challenge(
    visit: Visit,
    transaction: Transaction,
    connection: Doc,
    problem: str | None = None,
    *,
    sent: bool = False,
) -> Response:
    values: dict[str, Any] = {
        "recipient": transaction.number,
        "sent": sent,
        "by_mail": _is_mail(connection),
        "action": _challenge_path(connection),
    }
    return page(visit, transaction, "challenge", values, problem)


def _is_mail(connection: Doc) -> bool:
    return bool(connection["strategy"] == EMAIL)


def _challenge_path(connection: Doc) -> str:
    return MAIL_CHALLENGE if _is_mail(connection) else CHALLENGE


def _count(visit: Visit, client: Doc) -> None:
    sandbox = visit.sandbox
    bucket = limits.Bucket("passwordless-sms-challenge", sandbox.switches.passwordless_page_limit, _MINUTE)
    allowance = limits.take(sandbox, bucket, visit.incoming.ip)
    if allowance is None or allowance.allowed:
        return
    description = f"You passed the limit of allowed calls to '{CHALLENGE}'"
    logs.write(sandbox, "api_limit", visit.incoming, description=description, client=client)
    raise PageError("too_many_requests", "Too many requests. Wait a minute, then go back and try again.", 429)
