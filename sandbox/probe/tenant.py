"""A tenant by its Management API: what a probe makes there goes away again, whatever happens."""

import secrets
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import requests

from .recording import Recording

_SECONDS = 30
TRIGGER = "post-login"


class ProbeError(Exception):
    """A probe can't be made or says nothing; the text says why."""


class Tenant:
    """One tenant, one application's credentials; use as a context manager: its end removes what was made."""

    def __init__(self, domain: str, client_id: str, client_secret: str, ca: str | None = None) -> None:
        self.domain = domain
        self.url = f"https://{domain}"
        # Everything made here has it in its name, so that it is found should the removal fail.
        self.name = f"probe-{secrets.token_hex(4)}"
        self.recording = Recording()
        self.left: list[str] = []
        self._undo: list[tuple[str, Callable[[], None]]] = []
        self._ca = ca
        self._http = self._session()
        self._credentials = {"client_id": client_id, "client_secret": client_secret}
        self._token: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clean()
        self._http.close()

    def clean(self) -> None:
        """Undo everything, the latest first; what could not be undone is in `left`."""
        while self._undo:
            meaning, undo = self._undo.pop()
            try:
                undo()
            except (ProbeError, requests.RequestException):
                self.left.append(meaning)

    def make(self, path: str, body: dict[str, Any], key: str = "id") -> dict[str, Any]:
        """Create something and remember to delete it."""
        made = self.api("POST", path, body)
        gone = f"{path}/{quote(str(made[key]), safe='')}"
        self.later(f"DELETE /api/v2{gone}", lambda: self._delete(gone))
        return made

    def api(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """A call of the Management API. Raises ProbeError where it is refused."""
        answer = self._call(method, path, body)
        if not answer.ok:
            raise ProbeError(f"{method} /api/v2{path} was refused: {answer.status_code} {_words(answer)}")
        read = answer.json() if answer.content else {}
        return read if isinstance(read, dict) else {"items": read}

    def later(self, meaning: str, undo: Callable[[], None]) -> None:
        """Remember how to put something back; `meaning` is what a person does should that fail."""
        self._undo.append((meaning, undo))

    def _delete(self, path: str) -> None:
        answer = self._call("DELETE", path, None)
        if not answer.ok and answer.status_code != 404:
            raise ProbeError(_words(answer))

    def post(self, path: str, body: dict[str, Any]) -> requests.Response:
        """A call of the Authentication API, answered whatever its status."""
        return self._send("POST", f"{self.url}{path}", body)

    def get(self, path: str) -> requests.Response:
        """A page, its redirect not followed, without cookies."""
        with self._session() as http:
            answer = http.get(f"{self.url}{path}", allow_redirects=False, timeout=_SECONDS)
        self.recording.add("GET", answer.url, None, answer.status_code, answer.headers.get("location", ""))
        return answer

    def _session(self) -> requests.Session:
        session = requests.Session()
        session.verify = self._ca or True
        # A bundle of authorities in the environment would win over the one that was named.
        session.trust_env = self._ca is None
        return session

    def _call(self, method: str, path: str, body: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self._access()}"}
        return self._send(method, f"{self.url}/api/v2{path}", body, headers)

    def _send(
        self, method: str, url: str, body: Any, headers: dict[str, str] | None = None
    ) -> requests.Response:
        answer = self._http.request(method, url, json=body, headers=headers, timeout=_SECONDS)
        self.recording.add(method, url, body, answer.status_code, answer.text)
        return answer

    def _access(self) -> str:
        if self._token is None:
            wish = {"grant_type": "client_credentials", "audience": f"{self.url}/api/v2/"}
            answer = self.post("/oauth/token", {**wish, **self._credentials})
            if not answer.ok:
                raise ProbeError(f"{self.domain} gives no token to this application: {_words(answer)}")
            self._token = str(answer.json()["access_token"])
        return self._token


def _words(answer: requests.Response) -> str:
    try:
        read = answer.json()
    except ValueError:
        return answer.text[:200]
    return str(read.get("error_description") or read.get("message") or read)
