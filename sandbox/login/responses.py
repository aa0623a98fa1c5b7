"""Answers to the application: a code or an error, in the response mode it asked for."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.responses import RedirectResponse, Response

from . import pages
from .authorization import Authorization

_NO_STORE = {"Cache-Control": "no-store"}


def success(authorization: Authorization, code: str) -> Response:
    return _answer(authorization, {"code": code})


def error(authorization: Authorization, name: str, description: str) -> Response:
    described = {"error_description": description} if description else {}
    return _answer(authorization, {"error": name, **described})


def redirect(url: str) -> RedirectResponse:
    return RedirectResponse(url, 302, _NO_STORE)


def with_query(url: str, values: Mapping[str, str]) -> str:
    """The URL with these parameters set; others stay as they are."""
    parts = urlsplit(url)
    kept = [
        (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in values
    ]
    return urlunsplit(parts._replace(query=urlencode([*kept, *values.items()])))


def _answer(authorization: Authorization, values: dict[str, str]) -> Response:
    if authorization.state is not None:
        values["state"] = authorization.state
    if authorization.response_mode == "form_post":
        return pages.render("form_post", {"action": authorization.redirect_uri, "fields": values})
    if authorization.response_mode == "fragment":
        return redirect(urlunsplit(urlsplit(authorization.redirect_uri)._replace(fragment=urlencode(values))))
    return redirect(with_query(authorization.redirect_uri, values))
