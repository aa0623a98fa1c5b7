"""Browsers without a window, Actions without the Management API: what the login's tests drive with."""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from sandbox import users
from sandbox.actions import execution
from sandbox.context import Sandbox
from sandbox.seed import CONNECTION
from sandbox.testing import RunningSandbox

PASSWORD = "Correct-Horse-9"
EMAIL = "ada@example.com"
NOTHING = "exports.onExecutePostLogin = async (event, api) => {};"
FORM = "https://form.localhost:8447/verify"


def redirecting(url: str = FORM, resumed: str = "") -> str:
    """An Action that sends people to `url` and, when they are back, runs `resumed`."""
    return (
        f"exports.onExecutePostLogin = async (event, api) => {{ api.redirect.sendUserTo('{url}'); }};\n"
        f"exports.onContinuePostLogin = async (event, api) => {{ {resumed} }};"
    )


def deploy(sandbox: Sandbox, *codes: str, secrets: Mapping[str, str] | None = None) -> list[str]:
    """Deploy these Actions and bind them, and only them, in this order; returns their ids."""
    ids = [_store(sandbox, code, number, dict(secrets or {})) for number, code in enumerate(codes, 1)]
    bindings = [{"id": sandbox.ids.uuid(), "trigger_id": "post-login", "action_id": one} for one in ids]
    sandbox.store.put("bindings", "post-login", {"bindings": bindings})
    return ids


def redeploy(sandbox: Sandbox, action_id: str, code: str) -> None:
    action = sandbox.store.get("actions", action_id) or {}
    action["_deployed"] |= {"id": sandbox.ids.uuid(), "code": code}
    sandbox.store.put("actions", action_id, action)


def _store(sandbox: Sandbox, code: str, number: int, values: dict[str, str]) -> str:
    action_id = sandbox.ids.uuid()
    action = {
        "id": action_id,
        "name": f"Action {number}",
        "supported_triggers": [{"id": "post-login", "version": "v3"}],
        "code": "exports.onExecutePostLogin = async (event, api) => { api.access.deny('draft') };",
        "_secrets": [],
        "_deployed": {
            "id": sandbox.ids.uuid(),
            "number": 1,
            "code": code,
            "secrets": [{"name": name, "value": value} for name, value in values.items()],
            "dependencies": [],
            "runtime": "node22",
            "trigger": "post-login",
        },
    }
    sandbox.store.put("actions", action_id, action)
    return action_id


def create_user(sandbox: Sandbox, email: str = EMAIL, **profile: Any) -> dict[str, Any]:
    return users.create(sandbox, CONNECTION, email, PASSWORD, **profile)


def user_of(sandbox: Sandbox, email: str = EMAIL) -> dict[str, Any]:
    user = users.find_by_email(sandbox, CONNECTION, email)
    assert user is not None
    return user


def last_log(sandbox: Sandbox) -> dict[str, Any]:
    return sandbox.store.all("tenant_logs")[-1]


def runs_of(sandbox: Sandbox, entry: dict[str, Any]) -> list[dict[str, Any]]:
    """What ran for an entry of the tenant's log, with its whole console."""
    return execution.runs(sandbox, execution.of_entry(entry))


def executions(sandbox: Sandbox) -> list[dict[str, Any]]:
    """What the last log entry says about the Actions that ran."""
    return runs_of(sandbox, last_log(sandbox))


def console(sandbox: Sandbox) -> list[str]:
    return [line["text"] for execution in executions(sandbox) for line in execution["console"]]


def query(response_or_url: requests.Response | str) -> dict[str, str]:
    """The parameters a redirect carries."""
    url = response_or_url if isinstance(response_or_url, str) else response_or_url.headers["location"]
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


class Browser:
    """One browser with its own cookies, and the demo application's side of the conversation."""

    def __init__(self, running: RunningSandbox) -> None:
        self.running = running
        self.http = running.session()
        self.url = running.url
        client = running.sandbox.store.get("seed", "demo_client")
        assert client is not None
        self.client: dict[str, Any] = client
        self.callback = f"{running.addresses.app}/callback"
        self.verifier = secrets.token_urlsafe(48)

    def authorize(self, **parameters: str) -> requests.Response:
        """GET /authorize as the demo application asks for it, redirects not followed."""
        return self.get("/authorize", self.parameters(**parameters))

    def parameters(self, **parameters: str) -> dict[str, str]:
        challenge = hashlib.sha256(self.verifier.encode()).digest()
        return {
            "response_type": "code",
            "client_id": self.client["client_id"],
            "redirect_uri": self.callback,
            "scope": "openid profile email",
            "state": "app-state",
            "nonce": "app-nonce",
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **parameters,
        }

    def get(self, path: str, params: Mapping[str, str] | None = None) -> requests.Response:
        return self.http.get(self._absolute(path), params=params, allow_redirects=False)

    def post(self, path: str, data: Mapping[str, str]) -> requests.Response:
        return self.http.post(self._absolute(path), data=data, allow_redirects=False)

    def begin(self, **parameters: str) -> str:
        """Go to the login page; returns its state."""
        response = self.authorize(**parameters)
        assert response.status_code == 302, response.text
        return query(response)["state"]

    def submit(self, state: str, email: str = EMAIL, password: str = PASSWORD) -> requests.Response:
        return self.post(f"/u/login?state={state}", {"state": state, "username": email, "password": password})

    def log_in(self, email: str = EMAIL, password: str = PASSWORD, **parameters: str) -> requests.Response:
        """From /authorize to the answer to the password."""
        return self.submit(self.begin(**parameters), email, password)

    def resume(self, state: str, **fields: str) -> requests.Response:
        """The form's POST to /continue."""
        return self.post(f"/continue?state={state}", fields)

    def exchange(self, code: str, **changes: str | None) -> requests.Response:
        """The application's back-channel call; not this browser's cookies."""
        given = {
            "grant_type": "authorization_code",
            "client_id": self.client["client_id"],
            "client_secret": self.client["client_secret"],
            "code": code,
            "redirect_uri": self.callback,
            "code_verifier": self.verifier,
            **changes,
        }
        return self.token({name: value for name, value in given.items() if value is not None})

    def token(self, data: Mapping[str, str], **options: Any) -> requests.Response:
        with self.running.session() as back_channel:
            return back_channel.post(f"{self.url}/oauth/token", data=data, **options)

    def tokens(self, **parameters: str) -> dict[str, Any]:
        """A whole login; what /oauth/token answered."""
        answer = query(self.log_in(**parameters))
        assert "code" in answer, answer
        body: dict[str, Any] = self.exchange(answer["code"]).json()
        return body

    def _absolute(self, path: str) -> str:
        return path if path.startswith("https://") else f"{self.url}{path}"


def change_client(browser: Browser, **changes: Any) -> None:
    """Change the demo application's settings."""
    store = browser.running.sandbox.store
    client = store.get("clients", browser.client["client_id"]) or {}
    store.put("clients", client["client_id"], client | changes)


def text_of(response: requests.Response) -> str:
    """A page's visible text, roughly."""
    body = re.sub(r"(?s)<(style|script|title)>.*?</\1>", " ", response.text)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def leave(browser: Browser, **parameters: str) -> str:
    """Log in as far as the redirect; returns the state the form gets."""
    response = browser.log_in(**parameters)
    assert response.headers["location"].startswith(FORM), response.headers["location"]
    return query(response)["state"]


def action(body: str) -> str:
    """An Action whose login handler has this body."""
    return f"exports.onExecutePostLogin = async (event, api) => {{ {body} }};"


def shown(browser: Browser) -> dict[str, Any]:
    """The object that the last login's Action printed."""
    event: dict[str, Any] = json.loads(console(browser.running.sandbox)[-1])
    return event
