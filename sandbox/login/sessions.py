"""Sessions: a browser that has signed in stays signed in, whatever the Actions said afterwards."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ..context import Sandbox
from ..store import Doc
from . import browser
from .incoming import Incoming

# Hours, unless the tenant's settings differ (auth0.com/docs/manage-users/sessions/session-lifetime-limits).
_IDLE_HOURS = 72
_LIFE_HOURS = 168
_KIND = "sessions"
# What Actions see of how the person signed in (auth0.com/docs/customize/rules/context-object).
_METHODS = {"auth0": "pwd", "sms": "sms", "email": "email"}


def start(sandbox: Sandbox, user: Doc, connection: Doc, incoming: Incoming) -> tuple[str, Doc]:
    """A new session and the secret its cookie carries; only the secret's digest is stored."""
    secret, now = sandbox.ids.token(), sandbox.clock.now()
    session: Doc = {
        "id": sandbox.ids.alphanumeric(32),
        "key": browser.digest(secret),
        "user_id": user["user_id"],
        "connection": connection["name"],
        "created_at": now,
        "authenticated_at": now,
        "updated_at": now,
        "last_interacted_at": now,
        "expires_at": now + _seconds(sandbox, "session_lifetime", _LIFE_HOURS),
        "idle_expires_at": now + _idle_seconds(sandbox),
        "clients": [],
        "methods": [
            {"name": _METHODS.get(connection["strategy"], "federated"), "timestamp": sandbox.clock.iso(now)}
        ],
        "metadata": {},
        "cookie": {"mode": "persistent"},
        "device": _device(incoming),
    }
    save(sandbox, session)
    return secret, session


def of(sandbox: Sandbox, request: Request) -> Doc | None:
    """The live session of this browser, if any."""
    secret = request.cookies.get(browser.SESSION)
    session = sandbox.store.get(_KIND, browser.digest(secret)) if secret else None
    return session if session and is_live(sandbox, session) else None


def find(sandbox: Sandbox, key: str | None) -> Doc | None:
    session = sandbox.store.get(_KIND, key) if key else None
    return session if session and is_live(sandbox, session) else None


def is_live(sandbox: Sandbox, session: Doc) -> bool:
    return sandbox.clock.now() < min(float(session["expires_at"]), float(session["idle_expires_at"]))


def touch(sandbox: Sandbox, session: Doc, client_id: str, incoming: Incoming) -> Doc:
    """Note that a client used the session, which starts its idle time again."""
    now = sandbox.clock.now()
    clients = dict.fromkeys([*(one["client_id"] for one in session["clients"]), client_id])
    session |= {
        "last_interacted_at": now,
        "updated_at": now,
        "idle_expires_at": now + _idle_seconds(sandbox),
        "clients": [{"client_id": known} for known in clients],
    }
    session["device"] |= {"last_ip": incoming.ip, "last_user_agent": incoming.user_agent}
    save(sandbox, session)
    return session


def save(sandbox: Sandbox, session: Doc) -> None:
    sandbox.store.put(_KIND, session["key"], session)


def end(sandbox: Sandbox, session: Doc) -> None:
    sandbox.store.delete(_KIND, session["key"])


def end_all(sandbox: Sandbox, user_id: str) -> None:
    """End every session of a person."""
    for session in sandbox.store.where(_KIND, "user_id", user_id):
        end(sandbox, session)


def give(sandbox: Sandbox, response: Response, secret: str, session: Doc) -> None:
    """Hand the session to the browser; a non-persistent one is forgotten when the browser closes."""
    persistent = session["cookie"]["mode"] == "persistent"
    browser.set_cookie(response, browser.SESSION, secret, _idle_seconds(sandbox) if persistent else None)


def event_view(sandbox: Sandbox, session: Doc) -> dict[str, Any]:
    """The session as `event.session`."""
    moments = (
        "created_at",
        "authenticated_at",
        "updated_at",
        "last_interacted_at",
        "expires_at",
        "idle_expires_at",
    )
    return {
        **{name: session[name] for name in ("id", "user_id", "clients", "device", "metadata", "cookie")},
        **{name: sandbox.clock.iso(session[name]) for name in moments},
    }


def _idle_seconds(sandbox: Sandbox) -> int:
    return _seconds(sandbox, "idle_session_lifetime", _IDLE_HOURS)


def _seconds(sandbox: Sandbox, setting: str, default: int) -> int:
    settings = sandbox.store.get("settings", "tenant") or {}
    return int(float(settings.get(setting) or default) * 3600)


def _device(incoming: Incoming) -> Doc:
    return {
        "initial_ip": incoming.ip,
        "initial_user_agent": incoming.user_agent,
        "last_ip": incoming.ip,
        "last_user_agent": incoming.user_agent,
    }
