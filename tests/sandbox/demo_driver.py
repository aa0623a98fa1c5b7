"""Somebody at the demo application, and what tests do to the tenant behind their back."""

import html
import json
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests

from sandbox.testing import RunningSandbox

from .login_driver import EMAIL, PASSWORD, deploy, text_of, user_of

NUMBER = "+447700900123"


class Person:
    """Somebody with a browser of their own, at the application and at the tenant."""

    def __init__(self, running: RunningSandbox) -> None:
        self.running = running
        self.app = running.addresses.app
        self.http = running.session()

    def get(self, url: str, **options: Any) -> requests.Response:
        """One step, redirects not followed. Names below localhost are the machine, as for browsers."""
        return self.http.get(self.address(url), allow_redirects=False, **options)

    def post(self, url: str, data: dict[str, str], **options: Any) -> requests.Response:
        return self.http.post(self.address(url), data=data, allow_redirects=False, **options)

    def follow(self, response: requests.Response) -> requests.Response:
        """Wherever the redirects lead."""
        for _ in range(10):
            if not response.is_redirect:
                return response
            response = self.get(urljoin(response.url, response.headers["location"]))
        raise AssertionError("too many redirects")

    def answer(self, path: str = "/login", password: str = PASSWORD) -> str:
        """Log in at the tenant; the address at the application it sends the browser back to."""
        form = self.follow(self.get(path))
        state = dict(parse_qsl(urlsplit(form.url).query))["state"]
        fields = {"state": state, "username": EMAIL, "password": password}
        return str(self.post(form.url, fields).headers["location"])

    def log_in(self, path: str = "/login") -> requests.Response:
        return self.follow(self.get(self.answer(path)))

    def profile(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get("/profile.json").json()
        return found

    def address(self, url: str) -> str:
        url = self.app + url if url.startswith("/") else url
        return url.replace("//app.localhost", "//localhost")


def metadata(running: RunningSandbox, **changes: dict[str, Any]) -> None:
    user = user_of(running.sandbox)
    running.sandbox.store.put("users", user["user_id"], user | changes)


def deny(running: RunningSandbox, reason: str) -> None:
    handler = f"async (event, api) => {{ api.access.deny({json.dumps(reason)}); }}"
    deploy(running.sandbox, f"exports.onExecutePostLogin = {handler};")


def shown(page: requests.Response) -> str:
    return html.unescape(text_of(page))
