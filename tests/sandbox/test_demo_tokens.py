"""The demo application believes an ID token only after every check."""

from typing import Any

import pytest

from sandbox.demo.errors import LoginError
from sandbox.demo.oidc import OidcClient
from sandbox.demo.sessions import Attempt
from sandbox.demo.tenant import Tenant
from sandbox.testing import RunningSandbox


class FakeTenant(Tenant):
    """A tenant that answers with one set of tokens."""

    def __init__(self, running: RunningSandbox, claims: dict[str, Any], subject: str = "auth0|1") -> None:
        self.issuer = running.addresses.issuer
        self._running = running
        self._claims = claims
        self._subject = subject

    async def configuration(self) -> dict[str, Any]:
        return {"issuer": self.issuer, "token_endpoint": "t", "jwks_uri": "keys", "userinfo_endpoint": "u"}

    async def get(self, url: str, token: str | None = None) -> dict[str, Any]:
        return self._running.sandbox.keys.jwks() if url == "keys" else {"sub": self._subject}

    async def post(self, url: str, form: dict[str, str]) -> dict[str, Any]:
        return {"access_token": "a", "id_token": self.token()}

    def token(self) -> str:
        return self._running.sandbox.keys.sign(self._claims)


def good_claims(running: RunningSandbox) -> dict[str, Any]:
    now = int(running.sandbox.clock.now())
    issuer = running.addresses.issuer
    return {"iss": issuer, "aud": "app", "sub": "auth0|1", "iat": now, "exp": now + 60, "nonce": "n"}


def finish(running: RunningSandbox, tenant: Tenant) -> dict[str, Any]:
    client = OidcClient(tenant, "app", "secret", "https://app/callback")
    now = running.sandbox.clock.now()
    return running.call(lambda: client.finish("code", Attempt("s", "n", "v"), now))


def test_a_good_id_token_is_accepted(running_sandbox: RunningSandbox) -> None:
    claims = good_claims(running_sandbox)
    assert finish(running_sandbox, FakeTenant(running_sandbox, claims))["id_token"] == claims


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": None},
        {"iss": "https://evil.example/"},
        {"iss": None},
        {"sub": None},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"azp": "another"},
    ],
)
def test_t06_an_id_token_that_fails_one_check_is_refused(
    running_sandbox: RunningSandbox, changes: dict[str, Any]
) -> None:
    claims = {
        name: value for name, value in (good_claims(running_sandbox) | changes).items() if value is not None
    }
    with pytest.raises(LoginError) as refusal:
        finish(running_sandbox, FakeTenant(running_sandbox, claims))
    assert refusal.value.error == "invalid_id_token"


@pytest.mark.parametrize("token", ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", None])
def test_t03_an_id_token_nobody_signed_is_refused(running_sandbox: RunningSandbox, token: str | None) -> None:
    class Unsigned(FakeTenant):
        async def post(self, url: str, form: dict[str, str]) -> dict[str, Any]:
            return {"access_token": "a", "id_token": token}

    with pytest.raises(LoginError) as refusal:
        finish(running_sandbox, Unsigned(running_sandbox, {}))
    assert refusal.value.error == "invalid_id_token"


def test_an_id_token_by_another_key_is_refused(running_sandbox: RunningSandbox, sandbox: Any) -> None:
    class Forged(FakeTenant):
        def token(self) -> str:
            forged: str = sandbox.keys.sign(good_claims(running_sandbox))
            return forged

    with pytest.raises(LoginError) as refusal:
        finish(running_sandbox, Forged(running_sandbox, {}))
    assert refusal.value.error == "invalid_id_token"


def test_userinfo_about_somebody_else_is_refused(running_sandbox: RunningSandbox) -> None:
    tenant = FakeTenant(running_sandbox, good_claims(running_sandbox), subject="auth0|2")
    with pytest.raises(LoginError, match="another user"):
        finish(running_sandbox, tenant)
