"""/activate: a person confirms the code their device shows, logs in, and comes back to a last page.

Source: auth0.com/docs/get-started/authentication-and-authorization-flow/device-authorization-flow/
call-your-api-using-the-device-authorization-flow
"""

from dataclasses import replace
from typing import Any

from starlette.responses import Response

from ..store import Doc
from . import authorize, clients, device_codes, logs, pages, prompt, transactions
from .authorization import Authorization
from .errors import AppError, PageError
from .visit import Visit

_UNKNOWN = "This code is not right, or it has expired."
_CANCELLED = "User cancelled the confirmation prompt."


async def show(visit: Visit) -> Response:
    """The page for the code, or with one in the address the question whether the device shows it too."""
    typed = visit.incoming.text("user_code")
    if typed is None:
        return _ask("", None)
    doc = device_codes.by_user_code(visit.sandbox, typed)
    if doc is None:
        return _ask(typed, _UNKNOWN)
    # A state of this browser's, so that no other site can confirm a device of its own.
    transaction = transactions.begin(visit.sandbox, visit.browser, _authorization(visit, doc), visit.incoming)
    state = transactions.put(visit.sandbox, replace(transaction, step="device"))
    name = clients.find(visit.sandbox, doc["client_id"]).get("name") or "A device"
    return pages.render("device_confirm", {"code": doc["shown"], "application": name, "state": state})


async def confirm(visit: Visit) -> Response:
    transaction = transactions.take(visit.sandbox, visit.request, prompt.state(visit), "device")
    authorization = transaction.authorization
    doc = _waiting(visit, authorization.redirect_uri.rpartition("=")[2])
    if visit.incoming.body.get("action") != "confirm":
        return _denied(visit, doc, _CANCELLED)
    client = clients.find(visit.sandbox, authorization.client_id)
    try:
        return await authorize.proceed(visit, client, authorization)
    except AppError as error:
        return _denied(visit, doc, error.description)


async def done(visit: Visit) -> Response:
    """The way back from the login, with a code of the sandbox's own that stands for the sign-in."""
    doc = _waiting(visit, visit.incoming.text("device") or "")
    if visit.incoming.text("error") is not None:
        return _denied(visit, doc, visit.incoming.text("error_description") or "")
    code = visit.sandbox.store.take("codes", visit.incoming.text("code") or "")
    if code is None or code["redirect_uri"] != _callback(visit, doc):
        raise PageError("invalid_request", _UNKNOWN)
    device_codes.save(visit.sandbox, doc | {"status": "approved", "sign_in": code["sign_in"]})
    return _told("Congratulations, you're all set!", "Your device is now connected.")


def _waiting(visit: Visit, key: str) -> Doc:
    doc = device_codes.by_key(visit.sandbox, key)
    if doc is None:
        raise PageError("invalid_request", _UNKNOWN)
    return doc


def _authorization(visit: Visit, doc: Doc) -> Authorization:
    return Authorization(
        client_id=doc["client_id"],
        redirect_uri=_callback(visit, doc),
        scopes=doc["scopes"],
        audience=doc["audience"],
        response_types=["device_code"],
    )


def _callback(visit: Visit, doc: Doc) -> str:
    return f"{visit.sandbox.addresses.issuer}device/callback?device={doc['key']}"


def _denied(visit: Visit, doc: Doc, reason: str) -> Response:
    device_codes.save(visit.sandbox, doc | {"status": "denied", "reason": reason})
    client = visit.sandbox.store.get("clients", doc["client_id"])
    logs.write(visit.sandbox, "fdecc", visit.incoming, description=reason, client=client)
    return _told("Your device was not connected", "Go back to your device and start again.")


def _ask(typed: str, problem: str | None) -> Response:
    values: dict[str, Any] = {"code": typed, "problem": problem}
    return pages.render("device", values, 400 if problem else 200)


def _told(title: str, text: str) -> Response:
    return pages.render("device_done", {"title": title, "text": text})
