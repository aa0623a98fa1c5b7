"""What each button does to a session. Nothing here knows HTTP; every function returns the next session."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from math import ceil

from serving.numbers import last_digits
from serving.store import StoreDownError

from .codes import clean_code
from .errors import MaybeSentError, RefusedError
from .numbers import MAX_TYPED, parse_number
from .service import Service
from .session import Session, new_ids
from .stage import Stage
from .tokens import PhoneRequest
from .twilio import Verdict

# After these the number itself is at fault: the page asks for another one.
NUMBER_FAULTS = frozenset({"number_invalid", "number_landline", "number_blocked", "country_off"})
# Somebody with this browser's patience just had a code sent there: it can be typed in at once.
JUST_SENT = "send_wait"


def begin(request: PhoneRequest, state: str, stage: Stage) -> Session:
    """A new session from a request token."""
    tx, csrf = new_ids()
    now = int(time.time())
    session = Session(
        tx=tx,
        csrf=csrf,
        state=state,
        sub=request.sub,
        jti=request.jti,
        host=request.login_host,
        flow=request.flow,
        hint=request.phone,
        skippable=request.skippable,
        started=now,
        seen=now,
        on_arrival=not stage.asks_consent,
    )
    if request.flow == "action":
        problem = "code_wrong" if request.notice == "code_wrong" else None
        return session.now(step="code", number=request.phone, problem=problem)
    if request.proven is not None:
        # Proven once already: the stage's countries, which may have changed since, don't judge it again.
        return session.now(proving=True, changing=True, number=request.proven)
    return session.now(**_hinted(session, stage))


def _hinted(session: Session, stage: Stage) -> dict[str, object]:
    if session.hint is None:
        return {"number": None}
    try:
        return {"number": parse_number(session.hint, stage.countries)}
    except RefusedError:
        return {"number": None, "problem": "number_on_file"}


async def arrive(service: Service, session: Session, address: str | None) -> Session:
    """Consent was given at sign-up: send once for each request token, on the first sight of the page."""
    session = session.model_copy(update={"on_arrival": False})
    if session.step != "ask" or session.number is None:
        return session
    try:
        first = await service.sends.first_arrival(session.jti)
    except StoreDownError:
        return _store_down(service, session)
    return await _send(service, session, session.number, address) if first else session


async def send(service: Service, session: Session, fields: Mapping[str, str], address: str | None) -> Session:
    """The button that sends, first or again. On the page that asks, pressing it is the consent."""
    if session.flow == "action" or session.step == "return" or not can_send(session):
        return session
    typed = fields.get("number", "")[:MAX_TYPED]
    try:
        number = session.number or parse_number(fields.get("number", ""), service.stage.countries)
    except RefusedError as refusal:
        return session.now(problem=refusal.case, typed=typed)
    if session.step == "ask" and not session.proving and service.stage.asks_consent:
        consent_at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        version = service.stage.consent.version
        session = session.model_copy(update={"consent_at": consent_at, "consent_version": version})
    return await _send(service, session, number, address, typed)


def can_send(session: Session) -> bool:
    return session.step in ("ask", "code") or (session.step == "locked" and not session.final)


async def _send(
    service: Service, session: Session, number: str, address: str | None, typed: str = ""
) -> Session:
    try:
        async with service.sends.sending(number):
            await service.sends.allow(number, session.sub, address)
            if session.step == "locked" and session.sid:
                # Its tries are used up, so it is of no use to anybody; without it the next code is a new one.
                await service.verify.cancel(session.sid)
            return await _start(service, session, number)
    except StoreDownError:
        return _store_down(service, session)
    except RefusedError as refusal:
        return _not_sent(service, session, refusal, number, typed)


async def _start(service: Service, session: Session, number: str) -> Session:
    try:
        sid: str | None = await service.verify.start(number)
        problem = None
    except MaybeSentError:
        sid = session.sid if session.number == number and session.step == "code" else None
        problem = "maybe_sent"
    service.log.info("code_sent", tx=session.tx, number_end=last_digits(number), case=problem)
    try:
        await service.sends.count(number)
    except StoreDownError:
        service.log.error("store_down", on="count")
    wait_until = _after(service.stage.resend_seconds)
    return session.now(step="code", number=number, sid=sid, problem=problem, wait_until=wait_until)


def _after(seconds: int) -> int:
    # Upwards: a countdown that ends before the server's would end in a refusal.
    return ceil(time.time() + seconds)


def _not_sent(service: Service, session: Session, refusal: RefusedError, number: str, typed: str) -> Session:
    service.log.warning(
        "code_not_sent",
        tx=session.tx,
        number_end=last_digits(number),
        case=refusal.case,
        wait=refusal.wait,
        vendor_code=refusal.vendor_code,
    )
    wait_until = _after(refusal.wait)
    if refusal.case == JUST_SENT and session.step == "ask":
        return session.now(step="code", number=number, sid=None, wait_until=wait_until)
    if refusal.case in NUMBER_FAULTS and not session.proving:
        return session.now(step="ask", number=None, sid=None, problem=refusal.case, typed=typed)
    return session.now(problem=refusal.case, typed=typed, wait_until=wait_until)


def _store_down(service: Service, session: Session) -> Session:
    service.log.error("store_down", on="send", tx=session.tx)
    return session.now(problem="unavailable")


async def check(service: Service, session: Session, fields: Mapping[str, str]) -> Session:
    """The code that the person typed."""
    if session.step != "code":
        return session
    code = clean_code(fields.get("code", ""), service.stage.code_length)
    if code is None:
        return session.now(problem="code_format")
    if session.flow == "action":
        return finish(service, session, outcome="submitted", code=code)
    if session.number is None:
        return session.now(step="ask")
    try:
        return await _judge(service, session, session.number, code)
    except RefusedError as refusal:
        service.log.warning(
            "code_not_checked", tx=session.tx, case=refusal.case, vendor_code=refusal.vendor_code
        )
        return _not_checked(session, refusal)


def _not_checked(session: Session, refusal: RefusedError) -> Session:
    if refusal.case == "tries_used":
        return session.now(step="locked", problem=refusal.case)
    if refusal.case == "subject_locked":
        ends = _after(refusal.wait)
        return session.now(step="locked", problem=refusal.case, final=True, wait_until=ends)
    wait_until = max(session.wait_until, _after(refusal.wait))
    return session.now(problem=refusal.case, wait_until=wait_until)


async def _judge(service: Service, session: Session, number: str, code: str) -> Session:
    verification = session.sid or number
    last = await service.tries.take(verification, session.sub)
    try:
        verdict = await service.verify.check(number, code, session.sid)
    except RefusedError:
        await service.tries.give_back(verification, session.sub)
        raise
    service.log.info("code_checked", tx=session.tx, number_end=last_digits(number), case=verdict.value)
    if verdict is Verdict.APPROVED:
        return await _approved(service, session, number)
    if verdict is Verdict.GONE:
        return session.now(problem="code_expired")
    if verdict is Verdict.EXHAUSTED or last:
        return session.now(step="locked", problem="tries_used")
    return session.now(problem="code_wrong")


async def _approved(service: Service, session: Session, number: str) -> Session:
    await service.tries.approved(session.sub)
    try:
        await service.sends.approved(number)
    except StoreDownError:
        service.log.error("store_down", on="approved")
    if session.proving:
        fresh = session.now(step="ask", proving=False, sid=None, wait_until=0)
        return fresh.now(**_hinted(fresh, service.stage))
    return finish(service, session, outcome="verified")


def change_number(session: Session) -> Session:
    """Go back and ask for another number; the one proven earlier can't be swapped for it."""
    if session.flow == "action" or session.proving or not can_send(session):
        return session
    return session.now(step="ask", number=None, sid=None, wait_until=0)


def give_up(service: Service, session: Session) -> Session:
    """Back to the login without a proof."""
    if session.step == "return":
        return session
    return finish(service, session, outcome="locked" if session.step == "locked" else "abandoned")


def finish(service: Service, session: Session, **result: object) -> Session:
    service.log.info("finished", tx=session.tx, outcome=result["outcome"])
    return session.now(step="return", viewed=False, **result)
