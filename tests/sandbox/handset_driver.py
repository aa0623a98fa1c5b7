"""The running handset, and what is sent to it."""

from typing import Any

import requests

from sandbox.testing import RunningSandbox

NUMBER = "+447700900123"
OTHER_NUMBER = "+14155550123"


class Handset:
    """The running handset, and what is sent to it."""

    def __init__(self, running: RunningSandbox) -> None:
        self.running = running
        self.sandbox = running.sandbox
        self.url = running.addresses.handset
        self.http = running.session()
        # The browser's name for it is no name the test's resolver needs to know.
        self.local = self.url.replace("handset.localhost", "localhost")

    def send(self, code: str = "482913", to: str = NUMBER, /, **fields: Any) -> int:
        message = {
            "to": to,
            "from": "Acme",
            "body": f"Your Acme verification code is: {code}. Don't share it with anyone.",
            "channel": "sms",
            "at": self.sandbox.clock.iso(),
        }
        return self.sandbox.store.append("messages", message | fields)

    def get(self, path: str = "/", **options: Any) -> requests.Response:
        return self.http.get(self.local + path, **options)

    def messages(self, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"/messages{query}").json()["messages"]
        return found
