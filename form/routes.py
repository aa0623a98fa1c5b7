"""The form's addresses: each reads the request, takes one step, and answers with a page or a 303 to one."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from . import steps
from .bodies import parse_query, read_fields
from .errors import LinkBrokenError, LinkExpiredError
from .health import health, prove
from .service import Service
from .session import RENEW_SECONDS, TRANSACTION, Session
from .tokens import open_request

STATE_LENGTH = 2048
Button = Callable[[Service, Session, Mapping[str, str], str | None], Awaitable[Session]]


def routes(service: Service) -> list[Route]:
    paths = service.contract.paths
    buttons: dict[str, Button] = {
        "send": steps.send,
        "check": _check,
        "number": _number,
        "give-up": _give_up,
    }
    return [
        Route(paths.health, partial(health, service), methods=["GET"]),
        Route(paths.health, partial(prove, service), methods=["POST"]),
        Route(paths.start, partial(start, service), methods=["GET"]),
        Route(paths.transaction, partial(show, service), methods=["GET"]),
        *(
            Route(f"{paths.transaction}/{name}", partial(press, service, button), methods=["POST"])
            for name, button in buttons.items()
        ),
    ]


async def _check(service: Service, session: Session, fields: Mapping[str, str], _: str | None) -> Session:
    return await steps.check(service, session, fields)


async def _number(_: Service, session: Session, _fields: Mapping[str, str], _address: str | None) -> Session:
    return steps.change_number(session)


async def _give_up(service: Service, session: Session, _: Mapping[str, str], _address: str | None) -> Session:
    return steps.give_up(service, session)


async def start(service: Service, request: Request) -> Response:
    """The link from the Action: into a cookie, and on to an address without secrets. Sends nothing."""
    try:
        fields = parse_query(request)
        state = _state(fields)
        token = fields.get(service.contract.request.parameter, "")
        asked = open_request(token, service.requests, service.contract, service.stage)
        session = steps.begin(asked, state, service.stage)
        response = _to_page(service, session)
        service.sessions.begin(response, session, request.cookies)
    except LinkExpiredError:
        service.log.info("link_refused", reason="expired")
        return service.pages.expired(None)
    except LinkBrokenError as broken:
        service.log.warning("link_refused", reason=broken.reason, skew=broken.skew)
        raise HTTPException(400) from None
    service.log.info("opened", tx=session.tx, flow=session.flow, step=session.step)
    return response


def _state(fields: Mapping[str, str]) -> str:
    state = fields.get("state", "")
    if not 0 < len(state) <= STATE_LENGTH or not all(" " <= character <= "~" for character in state):
        raise LinkBrokenError("state")
    return state


async def show(service: Service, request: Request) -> Response:
    """The page of the session's step."""
    session = _session(service, request)
    if session is None or session.idle:
        return service.pages.expired(session)
    before = session
    if session.on_arrival and _is_a_person_arriving(request):
        session = await steps.arrive(service, session, service.clients.address(request.scope))
    if session.step == "return":
        return _hand_back(service, request, session)
    response = service.pages.step(session)
    fresh = session.now(problem=session.problem, typed=session.typed)
    # Rarely, because an answer that overtakes a step's answer would put that step's cookie back.
    if session != before or fresh.seen > session.seen + RENEW_SECONDS:
        service.sessions.write(response, fresh)
    return response


def _hand_back(service: Service, request: Request, session: Session) -> Response:
    response = service.pages.back(session, service.results.make(session))
    if not session.viewed and request.method == "GET":
        # Leaves by itself once only: who comes back with the back button isn't sent away again.
        service.sessions.write(response, session.model_copy(update={"viewed": True}))
    return response


def _is_a_person_arriving(request: Request) -> bool:
    headers = request.headers
    ahead_of_time = "sec-purpose" in headers or "purpose" in headers or "x-moz" in headers
    navigates = headers.get("sec-fetch-mode", "navigate") == "navigate"
    in_a_tab = headers.get("sec-fetch-dest", "document") == "document"
    return request.method == "GET" and not ahead_of_time and navigates and in_a_tab


async def press(service: Service, button: Button, request: Request) -> Response:
    """A button of the page: one step, then back to the page, so that a reload repeats nothing."""
    fields = await read_fields(request)
    session = _session(service, request)
    if session is None:
        return service.pages.expired(None)
    _refuse_foreign(service, request, session, fields)
    if session.idle and button is not _give_up:
        return service.pages.expired(session)
    after = await button(service, session, fields, service.clients.address(request.scope))
    response = _to_page(service, session)
    service.sessions.write(response, after)
    return response


def _refuse_foreign(service: Service, request: Request, session: Session, fields: Mapping[str, str]) -> None:
    # `Origin` is no help: with our own `no-referrer` even our own pages send `null`.
    site = request.headers.get("sec-fetch-site", "same-origin")
    token = fields.get("csrf", "")
    if site != "same-origin" or not hmac.compare_digest(token.encode(), session.csrf.encode()):
        service.log.warning("foreign_form_refused", tx=session.tx)
        raise HTTPException(403)


def _session(service: Service, request: Request) -> Session | None:
    tx = request.path_params["transaction"]
    if not TRANSACTION.fullmatch(tx):
        raise HTTPException(404)
    return service.sessions.read(request.cookies, tx)


def _to_page(service: Service, session: Session) -> RedirectResponse:
    page = service.contract.paths.transaction.replace("{transaction}", session.tx)
    return RedirectResponse(page, status_code=303)
