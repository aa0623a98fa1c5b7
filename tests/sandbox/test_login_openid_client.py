"""npm's openid-client, a certified OpenID Connect client, in Node: its flows, with all of its checks."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from sandbox.testing import RunningSandbox
from tests.clients.install import FOLDER, modules

from .login_driver import Browser, change_client, create_user, query, user_of

_SECONDS = 30.0


class Application:
    """The Node process: it says where to go, hears where that led, and says how it ended."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def heard(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self._process.communicate(timeout=_SECONDS)[1]
        told: dict[str, Any] = json.loads(line)
        return told

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()


@contextmanager
def application(browser: Browser, flow: str, **more: str) -> Iterator[Application]:
    modules()
    given = {
        "issuer": f"{browser.url}/",
        "redirect_uri": browser.callback,
        "flow": flow,
        "client_id": browser.client["client_id"],
        "client_secret": browser.client["client_secret"],
        **more,
    }
    environment = {"PATH": os.environ["PATH"], "NODE_EXTRA_CA_CERTS": str(browser.running.ca)}
    with subprocess.Popen(
        ["node", str(FOLDER / "openid.mjs"), json.dumps(given)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        try:
            yield Application(process)
        finally:
            process.kill()


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    create_user(running_sandbox.sandbox)
    browser = Browser(running_sandbox)
    change_client(
        browser,
        grant_types=["authorization_code", "implicit", "refresh_token", "client_credentials"],
        refresh_token={"rotation_type": "rotating", "expiration_type": "non-expiring", "leeway": 0},
    )
    return browser


def logged_in(browser: Browser, app: Application) -> dict[str, Any]:
    state = query(browser.get(app.heard()["url"]))["state"]
    app.tell(browser.submit(state).headers["location"])
    return app.heard()


@pytest.mark.parametrize("flow", ["code", "par"])
def test_code_refresh_revocation_and_logout(browser: Browser, flow: str) -> None:
    with application(browser, flow) as app:
        told = logged_in(browser, app)
    user = user_of(browser.running.sandbox)
    assert told["claims"]["sub"] == told["userinfo"]["sub"] == user["user_id"]
    assert told["userinfo"]["email"] == user["email"]
    assert told["refreshed"] is True
    assert told["reused"] == "invalid_grant"
    away = browser.get(told["logout"])
    assert away.headers["location"] == browser.running.addresses.app
    assert query(browser.authorize(prompt="none"))["error"] == "login_required"


def test_an_application_that_has_to_push_is_told_so(browser: Browser) -> None:
    change_client(browser, require_pushed_authorization_requests=True)
    answer = query(browser.authorize())
    assert answer["error"] == "invalid_request"
    with application(browser, "par") as app:
        assert "claims" in logged_in(browser, app)


def test_the_hybrid_flow(browser: Browser) -> None:
    with application(browser, "hybrid") as app:
        told = logged_in(browser, app)
    assert told["claims"]["sub"] == user_of(browser.running.sandbox)["user_id"]


def test_the_implicit_flow_for_an_id_token(browser: Browser) -> None:
    with application(browser, "implicit") as app:
        told = logged_in(browser, app)
    assert told["claims"]["sub"] == user_of(browser.running.sandbox)["user_id"]


def test_a_machine_s_token(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    api = {"id": "rs_1", "identifier": "https://api.example", "scopes": [{"value": "read:x"}]}
    grant = {"id": "cgr_1", "audience": api["identifier"], "scope": ["read:x"]}
    sandbox.store.put("resource_servers", "rs_1", api)
    sandbox.store.put("client_grants", "cgr_1", {**grant, "client_id": browser.client["client_id"]})
    with application(browser, "machine", audience="https://api.example") as app:
        assert app.heard() == {"token_type": "bearer", "scope": "read:x"}


def test_a_wrong_secret_is_an_error_that_the_client_can_read(browser: Browser) -> None:
    with application(browser, "refused", client_secret="wrong", audience="https://api.example") as app:
        assert app.heard() == {"kind": "ResponseBodyError", "error": "access_denied", "status": 401}
