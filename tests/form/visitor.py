"""A small browser that talks to an ASGI application in this process: cookies, redirects, forms."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from starlette.types import ASGIApp, Message

from . import made

NAVIGATION = {
    "sec-fetch-site": "cross-site",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
    "sec-fetch-user": "?1",
}


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def page(self) -> "Page":
        page = Page()
        page.feed(self.text)
        return page

    def header(self, name: str) -> str:
        (value,) = self.all(name)
        return value

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]


@dataclass
class HtmlForm:
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """What a reader of the page gets: words, forms, what role=alert says, and everything that could run."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[HtmlForm] = []
        self.words: list[str] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.alert = ""
        self._inside: list[str] = []
        self._alert_depth: int | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append((tag, values))
        if tag not in ("input", "meta", "path", "circle", "link", "br"):
            self._inside.append(tag)
        if values.get("role") == "alert":
            self._alert_depth = len(self._inside)
        if tag == "form":
            self.forms.append(HtmlForm(values.get("action", ""), values.get("method", "get")))
        if tag == "input" and self.forms and "name" in values:
            self.forms[-1].fields[values["name"]] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            if self._alert_depth == len(self._inside):
                self._alert_depth = None
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        inside = self._inside[-1] if self._inside else ""
        if inside in ("script", "style"):
            (self.scripts if inside == "script" else self.styles).append(data)
        elif data.strip():
            self.words.append(" ".join(data.replace("\u2019", "'").split()))
            if self._alert_depth is not None:
                self.alert += self.words[-1]

    @property
    def said(self) -> str:
        return " ".join(self.words)

    def form(self, end: str) -> HtmlForm:
        (found,) = [form for form in self.forms if form.action.split("?")[0].endswith(end)]
        return found

    def has_form(self, end: str) -> bool:
        return any(form.action.endswith(end) for form in self.forms)


class Visitor:
    """One person's browser. `address` is where its connections come from."""

    def __init__(self, app: ASGIApp, address: str = "127.0.0.1", host: str = made.HOST) -> None:
        self.app = app
        self.address = address
        self.host = host
        self.cookies: dict[str, str] = {}
        self.at = ""
        self.answer = Answer(0, [], b"")

    @property
    def page(self) -> Page:
        return self.answer.page

    async def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | list[bytes] = b"",
        raw_headers: list[tuple[bytes, bytes]] | None = None,
    ) -> Answer:
        """One request, no redirect followed."""
        where, _, query = path.partition("?")
        chunks = body if isinstance(body, list) else [body]
        sent: list[Message] = []
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": where,
            "raw_path": where.encode(),
            "root_path": "",
            "query_string": query.encode("latin-1"),
            "headers": self._headers(headers or {}, chunks) + (raw_headers or []),
            "client": (self.address, 50000),
            "server": (self.host, 443),
            "state": {},
        }
        messages: list[Message] = [
            {"type": "http.request", "body": chunk, "more_body": index < len(chunks) - 1}
            for index, chunk in enumerate(chunks)
        ]

        async def receive() -> Message:
            return messages.pop(0) if messages else {"type": "http.disconnect"}

        async def collect(message: Message) -> None:
            sent.append(message)

        await self.app(scope, receive, collect)
        answer = self._answer(sent)
        self._keep_cookies(answer)
        return answer

    def _headers(self, headers: Mapping[str, str], chunks: list[bytes]) -> list[tuple[bytes, bytes]]:
        merged = {"host": self.host, **{name.lower(): value for name, value in headers.items()}}
        if self.cookies and "cookie" not in merged:
            merged["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if any(chunks) and len(chunks) == 1:
            merged.setdefault("content-length", str(len(chunks[0])))
        return [(n.encode(), v.encode("latin-1")) for n, v in merged.items() if v]

    @staticmethod
    def _answer(sent: list[Message]) -> Answer:
        start, *rest = sent
        headers = [(name.decode(), value.decode()) for name, value in start["headers"]]
        return Answer(start["status"], headers, b"".join(message.get("body", b"") for message in rest))

    def _keep_cookies(self, answer: Answer) -> None:
        for cookie in answer.all("set-cookie"):
            name, value = cookie.split(";")[0].split("=", 1)
            age = re.search(r"Max-Age=(\d+)", cookie)
            assert age is not None
            if age.group(1) == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value

    async def get(self, path: str, **headers: str) -> Answer:
        """Open a page as a person does, following redirects."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = await self.send("GET", path, {**NAVIGATION, **names})
        self.at = path
        if self.answer.status == 303:
            await self.get(self.answer.header("location"), **headers)
        return self.answer

    async def open(self, token: str | None = None, state: str = made.STATE, **claims: Any) -> Answer:
        """Arrive from the login."""
        token = token or made.request_token(**claims)
        return await self.get("/verify?" + urlencode({"phone_request": token, "state": state}))

    async def press(self, button: str, follow: bool = True, **fields: str) -> Answer:
        """Submit the page's form whose action ends so, with its hidden fields and these."""
        form = self.page.form("/" + button)
        assert form.method == "post"
        answer = await self.post(form.action, {**form.fields, **fields})
        if answer.status == 303 and follow:
            return await self.get(answer.header("location"), sec_fetch_site="same-origin")
        self.answer = answer
        return answer

    async def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Answer:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.send(
            "POST",
            path,
            {
                "content-type": "application/x-www-form-urlencoded",
                "origin": "null",
                **NAVIGATION,
                "sec-fetch-site": "same-origin",
                **names,
            },
            urlencode(fields).encode(),
        )

    async def reload(self) -> Answer:
        return await self.get(self.at)

    @property
    def result(self) -> dict[str, Any]:
        """The claims that the return page carries to the login."""
        return made.open_result(self.page.form("/continue").fields["phone_result"])
