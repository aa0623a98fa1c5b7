"""The pages people see at the tenant: they work without JavaScript."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from starlette.responses import HTMLResponse

from ..pages import HEADERS, Pages


def render(name: str, values: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """The page `name` of `templates/`; every value is escaped."""
    return _pages().render(name, status, **values)


def message(values: Mapping[str, str], listener: str) -> HTMLResponse:
    """A page that hands `values` to the page around it or behind it, if that is of the origin `listener`.

    Source: draft-sakimura-oauth-wmrm; auth0.com/docs/authenticate/login/configure-silent-authentication.
    """
    told = {"type": "authorization_response", "response": dict(values)}
    response = _messages().render("web_message", told=json.dumps(told), listener=listener)
    # It exists to be framed by the application, whose origin is the only one that hears anything.
    del response.headers["X-Frame-Options"]
    return response


@cache
def _messages() -> Pages:
    """The pages of response_mode=web_message, with a script of their own."""
    return Pages(Path(__file__).parent / "messages", HEADERS, framed=True)


@cache
def _pages() -> Pages:
    # No form-action: Chromium applies it to every redirect that follows a form, the application's too.
    return Pages(Path(__file__).parent / "templates", HEADERS)
