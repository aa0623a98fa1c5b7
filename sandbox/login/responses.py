"""Answers to the application: a code or an error, in the response mode it asked for."""

from collections.abc import Mapping
from urllib.parse import unquote_plus, urlencode

from starlette.responses import RedirectResponse, Response

from . import pages, urls
from .authorization import Authorization

_NO_STORE = {"Cache-Control": "no-store"}


def success(authorization: Authorization, values: Mapping[str, str]) -> Response:
    """What was asked for: a code, tokens, or both."""
    return _answer(authorization, dict(values))


def error(authorization: Authorization, name: str, description: str) -> Response:
    described = {"error_description": description} if description else {}
    return _answer(authorization, {"error": name, **described})


def redirect(url: str) -> RedirectResponse:
    return RedirectResponse(url, 302, _NO_STORE)


def with_query(url: str, values: Mapping[str, str]) -> str:
    """The URL with these parameters set; all else stays letter by letter, for it may be signed."""
    address, hashed, fragment = url.partition("#")
    base, _, query = address.partition("?")
    kept = [part for part in query.split("&") if part and unquote_plus(part.partition("=")[0]) not in values]
    return f"{base}?{'&'.join([*kept, urlencode(values)])}{hashed}{fragment}"


def _answer(authorization: Authorization, values: dict[str, str]) -> Response:
    if authorization.state is not None:
        values["state"] = authorization.state
    if authorization.response_mode == "form_post":
        return pages.render("form_post", {"action": authorization.redirect_uri, "fields": values})
    if authorization.response_mode == "web_message":
        return pages.message(values, urls.origin(authorization.redirect_uri) or "")
    if authorization.response_mode == "fragment":
        return redirect(f"{authorization.redirect_uri.partition('#')[0]}#{urlencode(values)}")
    return redirect(with_query(authorization.redirect_uri, values))
