"""The page of a second factor: choose one, enroll it if that was asked for, and prove it.

The sign-in waits in step "mfa" with the challenge that factors.py made; a right code resumes the pipeline
with a new `event.request`. Auth0 has an address for each kind of page; here it is one.
"""

import re
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from ..store import Doc
from . import factor_codes, factors, flow, logs, transactions
from .errors import GoneError, StateError
from .prompt import field, page, state
from .sign_in import SignIn
from .transactions import Transaction
from .visit import Visit

ADDRESS = "/u/mfa"
_PROBLEMS = {
    "wrong": "This code is not right.",
    "exhausted": "Too many wrong codes. Ask for a new one.",
    "locked": "Too many failed codes. Wait for some minutes before retrying.",
}
_TOO_MANY = "You have asked for too many codes. Wait for some minutes before retrying."
_NO_NUMBER = "Enter your number with + and the country code, for example +1 415 555 0123."
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_TITLES = {"phone": "A code by SMS", "otp": "A code of an authenticator app"}


async def show(visit: Visit) -> Response:
    transaction, sign_in = _opened(visit)
    problem = None
    if _challenge(sign_in)["chosen"] is not None:
        problem = await _prepare(visit, transaction, sign_in)
    return _page(visit, transaction, sign_in, problem)


async def answer(visit: Visit) -> Response:
    transaction, sign_in = _opened(visit)
    challenge = _challenge(sign_in)
    wanted = field(visit, "factor")
    if wanted in challenge["factors"] and (challenge["chosen"] is None or wanted != challenge["chosen"]):
        sign_in.challenge = {**challenge, "chosen": wanted, "method": None}
        problem = await _prepare(visit, transaction, sign_in)
        return _page(visit, transaction, sign_in, problem)
    if challenge["chosen"] is None:
        return _page(visit, transaction, sign_in)
    # Nobody has to have seen the page before they answer it.
    problem = await _prepare(visit, transaction, sign_in)
    if problem is not None:
        return _page(visit, transaction, sign_in, problem)
    if challenge["chosen"] == "phone" and (not challenge.get("method") or field(visit, "action") == "resend"):
        return await _send(visit, transaction, sign_in)
    return await _judge(visit, transaction, sign_in)


async def _judge(visit: Visit, transaction: Transaction, sign_in: SignIn) -> Response:
    """A right code is used up together with the state; a wrong one may be tried again."""
    sandbox, challenge = visit.sandbox, _challenge(sign_in)
    code = re.sub(r"\s", "", field(visit, "code"))
    verdict = factor_codes.check(sandbox, state(visit), challenge["method"], code)
    if verdict != "right":
        _log(visit, sign_in, "gd_auth_failed", _PROBLEMS[verdict])
        return _page(visit, transaction, sign_in, _PROBLEMS[verdict])
    taken = transactions.take(sandbox, visit.request, state(visit), "mfa")
    if challenge["purpose"] == "enroll":
        factor_codes.confirm(sandbox, challenge["method"])
        _log(visit, sign_in, "gd_enrollment_complete")
    _log(visit, sign_in, "gd_auth_succeed")
    factors.proven(sandbox, sign_in, challenge["chosen"])
    # Actions see that somebody came back, and no code.
    resumed = replace(visit.incoming, body={})
    return await flow.proceed(visit, taken.at("mfa", sign_in), sign_in, resumed)


async def _prepare(visit: Visit, transaction: Transaction, sign_in: SignIn) -> str | None:
    """What the chosen factor needs before its code can be asked for; once. The problem, if there is one."""
    challenge, problem = _challenge(sign_in), None
    if challenge.get("method"):
        return None
    if challenge["purpose"] == "challenge":
        known = factors.enrolled(visit.sandbox, sign_in.user_id).get(challenge["chosen"])
        if known is None:
            raise StateError("The factor is no longer enrolled.")
        challenge["method"] = known
        if challenge["chosen"] == "phone":
            problem = await _deliver(visit, sign_in, "otp_verify")
    elif challenge["chosen"] == "otp":
        challenge["method"] = factor_codes.new_authenticator(visit.sandbox, sign_in.user_id)
    _keep(visit, transaction, sign_in)
    return problem


async def _send(visit: Visit, transaction: Transaction, sign_in: SignIn) -> Response:
    """A code to the number given, or once more to the number known."""
    challenge = _challenge(sign_in)
    if not challenge.get("method"):
        number = re.sub(r"[\s().-]", "", field(visit, "phone_number"))
        if not _E164.fullmatch(number):
            return _page(visit, transaction, sign_in, _NO_NUMBER)
        challenge["method"] = factor_codes.new_phone(visit.sandbox, sign_in.user_id, number)
        _keep(visit, transaction, sign_in)
    problem = await _deliver(
        visit, sign_in, "otp_enroll" if challenge["purpose"] == "enroll" else "otp_verify"
    )
    return _page(visit, transaction, sign_in, problem, sent=True)


async def _deliver(visit: Visit, sign_in: SignIn, kind: factor_codes.Kind) -> str | None:
    """Send a code; the problem where the person has had too many."""
    sandbox, method = visit.sandbox, _challenge(sign_in)["method"]
    sent = await factor_codes.send(
        sandbox,
        state(visit),
        method,
        factor_codes.Addressed(sign_in.client(sandbox), sign_in.user(sandbox), visit.incoming, kind),
    )
    _log(visit, sign_in, "gd_send_sms" if sent else "gd_send_sms_failure", None if sent else _TOO_MANY)
    return None if sent else _TOO_MANY


def _opened(visit: Visit) -> tuple[Transaction, SignIn]:
    transaction = transactions.find(visit.sandbox, visit.request, state(visit), "mfa")
    if transaction.sign_in is None or transaction.sign_in.challenge is None:
        raise StateError("The state belongs to no challenge under way.")
    visit.keep_session(transaction.sign_in.session_key)
    return transaction, transaction.sign_in


def _challenge(sign_in: SignIn) -> Doc:
    if sign_in.challenge is None:
        raise StateError("The state belongs to no challenge under way.")
    return sign_in.challenge


def _keep(visit: Visit, transaction: Transaction, sign_in: SignIn) -> None:
    transactions.keep(visit.sandbox, state(visit), replace(transaction, sign_in=sign_in))


def _page(
    visit: Visit,
    transaction: Transaction,
    sign_in: SignIn,
    problem: str | None = None,
    *,
    sent: bool = False,
) -> Response:
    challenge = _challenge(sign_in)
    method: Doc = challenge.get("method") or {}
    enrolls = challenge["purpose"] == "enroll"
    others = [kind for kind in challenge["factors"] if kind != challenge["chosen"]]
    values: dict[str, Any] = {
        "chosen": challenge["chosen"],
        "enrolls": enrolls,
        "sent": sent,
        "number": _masked(method.get("phone_number")),
        "secret": method.get("totp_secret") if enrolls else None,
        "others": [{"kind": kind, "title": _TITLES[kind]} for kind in others],
    }
    return page(visit, transaction, "mfa", values, problem)


def _masked(number: str | None) -> str | None:
    """Its last four digits: whoever has only the password shall not learn the number."""
    return f"•••• {number[-4:]}" if number else None


def _log(visit: Visit, sign_in: SignIn, kind: str, description: str | None = None) -> None:
    sandbox = visit.sandbox
    try:
        client, user = sign_in.client(sandbox), sign_in.user(sandbox)
    except GoneError as error:
        raise StateError(str(error)) from error
    logs.write(sandbox, kind, visit.incoming, description=description, client=client, user=user)
