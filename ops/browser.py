"""A browser small enough for a smoke login: cookies, redirects and HTML forms, no JavaScript."""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

_REDIRECTS = 20


@dataclass
class Form:
    """One HTML form: where it goes, how, and what its fields hold."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass
class Page:
    """What the browser shows: its address, status, forms and JSON or text."""

    url: str
    status: int
    text: str
    forms: list[Form]

    def has(self, name: str) -> bool:
        """Whether some form has this field."""
        return any(name in form.fields for form in self.forms)

    def form(self, *, having: str | None = None, to: str | None = None) -> Form:
        """The first form with the field `having`, or whose address ends with `to`."""
        for form in self.forms:
            path = urlsplit(form.action).path
            if (having is None or having in form.fields) and (to is None or path.endswith(to)):
                return form
        raise LookupError(f"no form with {having or to} on {urlsplit(self.url).path} (status {self.status})")


class _Forms(HTMLParser):
    def __init__(self, base: str) -> None:
        super().__init__()
        self.base, self.found = base, list[Form]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self.base, given.get("action", ""))
            self.found.append(Form(action, given.get("method", "get").upper()))
        elif tag == "input" and self.found and _is_sent(given):
            self.found[-1].fields[given["name"]] = given.get("value", "")


def _is_sent(given: Mapping[str, str]) -> bool:
    return bool(given.get("name")) and (given.get("type") != "checkbox" or "checked" in given)


class _Loopback(AbstractResolver):
    """Every `*.localhost` name is this machine (RFC 6761 §6.3); most system resolvers don't say so."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host != "localhost" and not host.endswith(".localhost"):
            raise OSError(f"{host} is not on this machine")
        return [
            ResolveResult(
                hostname=host,
                host="127.0.0.1",
                port=port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        return None


def local_session(ca: Path, seconds: float = 20) -> aiohttp.ClientSession:
    """An HTTP session that trusts this CA alone and reaches nothing but this machine."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=ca), resolver=_Loopback()),
        cookie_jar=aiohttp.CookieJar(unsafe=True),
        timeout=aiohttp.ClientTimeout(total=seconds),
    )


class Browser:
    """One person's browser: its cookies are its own.

    It follows redirects as Chromium does (a POST answered by 302 or 303 becomes a GET), sends
    `Sec-Fetch-Site` like it, and reaches nothing but this machine.
    """

    def __init__(self, ca: Path, seconds: float = 20) -> None:
        self._page = ""
        self._session = local_session(ca, seconds)

    async def __aenter__(self) -> "Browser":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()
        await asyncio.sleep(0)  # lets the closed TLS connections go before the loop does

    async def open(self, url: str) -> Page:
        """Type an address."""
        return await self._go("GET", url, None, "none")

    async def submit(self, form: Form, values: Mapping[str, str] | None = None) -> Page:
        """Press the form's button, with `values` typed over what its fields hold."""
        site = "same-origin" if origin(form.action) == origin(self._page) else "cross-site"
        return await self._go(form.method, form.action, {**form.fields, **(values or {})}, site)

    async def json(self, url: str) -> Any:
        """The JSON that an address answers; raises on any status above 399."""
        async with self._session.get(url) as response:
            response.raise_for_status()
            return await response.json()

    async def _go(self, method: str, url: str, fields: Mapping[str, str] | None, site: str) -> Page:
        for _ in range(_REDIRECTS):
            headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}
            body = {"params": fields} if fields and method == "GET" else {"data": fields}
            async with self._session.request(
                method,
                url,
                headers=headers,
                allow_redirects=False,
                **body,
            ) as response:
                text = await response.text()
                if response.status not in (301, 302, 303, 307, 308):
                    forms = _Forms(url)
                    forms.feed(text)
                    self._page = url
                    return Page(url, response.status, text, forms.found)
                if response.status not in (307, 308):
                    method, fields = "GET", None
                url = urljoin(url, response.headers["Location"])
        raise LookupError(f"more than {_REDIRECTS} redirects, the last to {urlsplit(url).path}")


def origin(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
