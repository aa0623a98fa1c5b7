"""The REST API of Twilio Verify v2: start, check, fetch and update a verification.

Shapes: twilio/twilio-oai, spec/json/twilio_verify_v2.json.
"""

import asyncio
import base64
import hmac

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ..context import Sandbox
from . import errors, messages, parameters
from .verifications import Service, Verifications, public, public_check

# Handing a message to a carrier takes a moment; a second start for the number within it is refused (60212).
# Without any duration no two starts could overlap here, and nobody would meet that before production.
HANDOVER_SECONDS = 0.01
_FRIENDLY_NAME = "Acme"
_CODE_LENGTH = 6


class VerifyApi:
    """The endpoints. The store holds what must survive a restart, this only messages being handed over."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._sending: set[str] = set()

    async def start(self, request: Request) -> JSONResponse:
        service = self._service(request)
        wanted = parameters.start(await parameters.form(request))
        if wanted.to in self._sending:
            raise errors.concurrent()
        self._sending.add(wanted.to)
        try:
            with self._sandbox.store.atomic():
                doc = self._verifications(service, request).start(wanted)
                self._send(wanted, wanted.friendly_name or service.friendly_name, doc["code"])
            await asyncio.sleep(HANDOVER_SECONDS)
        finally:
            self._sending.discard(wanted.to)
        return JSONResponse(public(doc, service, self._sandbox.addresses.twilio), 201)

    async def check(self, request: Request) -> JSONResponse:
        """A wrong code is no error: 200 with status pending. (Twilio documents 200 and 201.)"""
        service = self._service(request)
        given = parameters.check(await parameters.form(request))
        return JSONResponse(public_check(self._verifications(service, request).check(given), service))

    async def fetch(self, request: Request) -> JSONResponse:
        service = self._service(request)
        doc = self._verifications(service, request).fetch(request.path_params["target"])
        return JSONResponse(public(doc, service, self._sandbox.addresses.twilio))

    async def update(self, request: Request) -> JSONResponse:
        service = self._service(request)
        status = parameters.status(await parameters.form(request))
        doc = self._verifications(service, request).update(request.path_params["target"], status)
        return JSONResponse(public(doc, service, self._sandbox.addresses.twilio))

    async def unknown(self, request: Request) -> JSONResponse:
        raise errors.unknown_to_sandbox(f"{request.method} {request.url.path} of Twilio")

    def _service(self, request: Request) -> Service:
        """The service in the path, for who may use it: 401 comes before 404, as at Twilio."""
        account = self._sandbox.store.get("seed", "twilio") or {}
        if not _is_account(request, account.get("api_key", ""), account.get("api_secret", "")):
            raise errors.unauthenticated()
        if request.path_params["service"] != account["verify_service"]:
            raise errors.not_found(request.url.path)
        return Service(
            sid=account["verify_service"],
            account_sid=account["api_key"],
            friendly_name=_FRIENDLY_NAME,
            code_length=_CODE_LENGTH,
        )

    def _verifications(self, service: Service, request: Request) -> Verifications:
        return Verifications(self._sandbox, service.code_length, request.url.path)

    def _send(self, wanted: parameters.Start, name: str, code: str) -> None:
        message = {
            "to": wanted.to,
            "from": name,
            "body": messages.text(wanted.channel, name, code, wanted.locale),
            "channel": wanted.channel,
            "code": code,
            "at": self._sandbox.clock.iso(),
        }
        self._sandbox.store.append("messages", message)


def _is_account(request: Request, key: str, secret: str) -> bool:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic" or not secret:
        return False
    try:
        given = base64.b64decode(credentials.strip(), validate=True)
    except ValueError:
        return False
    return hmac.compare_digest(given, f"{key}:{secret}".encode())


def create_app(sandbox: Sandbox) -> Starlette:
    """Twilio Verify on `addresses.twilio`; every path it doesn't know is a 501 that names it."""
    api = VerifyApi(sandbox)
    base = "/v2/Services/{service}"
    return Starlette(
        routes=[
            Route(f"{base}/Verifications", api.start, methods=["POST"]),
            Route(f"{base}/VerificationCheck", api.check, methods=["POST"]),
            Route(f"{base}/Verifications/{{target}}", api.fetch, methods=["GET"]),
            Route(f"{base}/Verifications/{{target}}", api.update, methods=["POST"]),
            Route("/{path:path}", api.unknown, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
        ],
        exception_handlers={errors.TwilioError: errors.handle, HTTPException: errors.handle},
    )
