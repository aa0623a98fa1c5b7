"""A code on its way: who may get one, the code, the text, and the regime that delivers it."""

from dataclasses import dataclass

from ... import liquid, phone
from ...context import Sandbox
from ...store import Doc
from .. import logs, mail
from ..incoming import Incoming
from . import codes, gateway, magic_link, message, people
from .connection import EMAIL, Options


class RefusedError(Exception):
    """No code goes out: `error` and `description` as /passwordless/start answers them, with this status."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True)
class Order:
    """Who wants a code sent where, and in which language; by e-mail, what a `link` asks of /authorize."""

    connection: Doc
    client: Doc
    number: str
    language: str | None
    incoming: Incoming
    link: Doc | None = None


async def send(sandbox: Sandbox, order: Order) -> Doc:
    """Send a new code, which ends the one before: what /passwordless/start answers."""
    user = people.find(sandbox, order.connection, order.number)
    try:
        _admit(sandbox, order, user)
        identity = people.identity_of(order.connection, user) if user else sandbox.ids.hex(24)
        if not (user and user.get("blocked")):
            await _issue(sandbox, order, user, identity)
    except RefusedError as error:
        _log(sandbox, "fn" if error.error == "sms_provider_error" else "f", order, user, error.description)
        raise
    if order.connection["strategy"] == EMAIL:
        verified = bool(user and user.get("email_verified"))
        return {"_id": identity, "email": order.number, "email_verified": verified}
    return {
        "_id": identity,
        "phone_number": order.number,
        "request_language": order.language,
        "phone_verified": bool(user and user.get("phone_verified")),
    }


def _admit(sandbox: Sandbox, order: Order, user: Doc | None) -> None:
    """Documented is that blocked people are sent nothing; what their request is answered is a switch."""
    if user is None and not Options.of(order.connection).sign_up:
        raise RefusedError("bad.connection", people.SIGN_UP_DISABLED)
    if user and user.get("blocked") and sandbox.switches.passwordless_blocked_user == "refused":
        raise RefusedError("unauthorized", "user is blocked", 401)


async def _issue(sandbox: Sandbox, order: Order, user: Doc | None, identity: str) -> None:
    code = codes.issue(sandbox, order.connection, order.number, identity)
    if order.connection["strategy"] == EMAIL:
        _mail(sandbox, order, code)
    elif phone.active(sandbox, order.connection) is not None:
        await _notify(sandbox, order, user, code)
    else:
        await _call_gateway(sandbox, order, code)
    _log(sandbox, "cls", order, user, None)


def _mail(sandbox: Sandbox, order: Order, code: str) -> None:
    """By the tenant's e-mail, with a link where one was asked for."""
    options = Options.of(order.connection)
    link = ""
    if order.link is not None:
        link = magic_link.address(sandbox, order.client, order.connection, order.number, code, order.link)
    application = str(order.client.get("name") or "")
    values = {"code": code, "link": link, "application": {"name": application}, "operation": None}
    values["request_language"] = order.language or ""
    try:
        subject, body = (liquid.render(one, values) for one in (options.subject, options.template))
    except liquid.TemplateError as error:
        raise RefusedError("bad.template", f"The template can't be rendered: {error}") from error
    mail.send(sandbox, order.number, subject, body, code)


async def _notify(sandbox: Sandbox, order: Order, user: Doc | None, code: str) -> None:
    """By the tenant's phone provider; whoever asked never learns what becomes of the message."""
    try:
        text = _text(order, code)
    except liquid.TemplateError:
        # The provider has a template of its own, and says so in the tenant's log when that one fails too.
        text = None
    notification = phone.Notification(
        recipient=order.number,
        client=order.client,
        incoming=order.incoming,
        code=code,
        connection=order.connection,
        user=user or {},
        locale=order.incoming.language.partition("-")[0] or None,
        text=text,
    )
    await phone.deliver(sandbox, notification)


async def _call_gateway(sandbox: Sandbox, order: Order, code: str) -> None:
    options = Options.of(order.connection)
    if options.provider != "sms_gateway":
        raise RefusedError(
            "sms_provider_error",
            "This sandbox sends by a gateway (provider sms_gateway) or by the tenant's phone provider, "
            "and by no Twilio account of the connection's own.",
        )
    try:
        await gateway.send(sandbox, options, order.number, _text(order, code), order.incoming)
    except liquid.TemplateError as error:
        raise RefusedError("sms_provider_error", f"The template can't be rendered: {error}") from error
    except gateway.GatewayError as error:
        raise RefusedError("sms_provider_error", str(error)) from error


def _text(order: Order, code: str) -> str:
    application = str(order.client.get("name") or "")
    return message.text(Options.of(order.connection), code, order.number, application, order.language)


def _log(sandbox: Sandbox, kind: str, order: Order, user: Doc | None, description: str | None) -> None:
    logs.write(
        sandbox,
        kind,
        order.incoming,
        description=description,
        client=order.client,
        connection=order.connection,
        user=user,
    )
