"""The browser's two cookies: which browser this is, and which session it holds.

Both are host-only, Secure, HttpOnly and SameSite=None: the form sends people back by a cross-site POST.
"""

import hashlib

from starlette.requests import Request
from starlette.responses import Response

from ..context import Sandbox

SESSION = "auth0"
BROWSER = "auth0_browser"


def identify(sandbox: Sandbox, request: Request) -> tuple[str, bool]:
    """This browser's secret, and whether it is new and has to be set."""
    known = request.cookies.get(BROWSER)
    return (known, False) if known else (sandbox.ids.token(), True)


def digest(secret: str) -> str:
    """What the store keeps of a cookie: enough to recognise it, not enough to forge it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def set_cookie(response: Response, name: str, value: str, max_age: int | None = None) -> None:
    response.set_cookie(name, value, max_age=max_age, path="/", secure=True, httponly=True, samesite="none")


def delete_cookie(response: Response, name: str) -> None:
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="none")
