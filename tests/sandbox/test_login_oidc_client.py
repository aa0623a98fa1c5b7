"""A whole login as an independent OpenID Connect client does it: authlib."""

from collections.abc import Iterator
from typing import Any

import pytest
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

from sandbox.testing import RunningSandbox

from .login_driver import Browser, create_user, deploy, query, redirecting, user_of


@pytest.fixture
def client(running_sandbox: RunningSandbox) -> Iterator[Any]:
    create_user(running_sandbox.sandbox)
    seeded = running_sandbox.sandbox.store.get("seed", "demo_client") or {}
    session = OAuth2Session(
        seeded["client_id"],
        seeded["client_secret"],
        scope="openid profile email offline_access",
        redirect_uri=f"{running_sandbox.addresses.app}/callback",
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic",
    )
    session.verify = str(running_sandbox.ca)
    session.trust_env = False
    with session:
        yield session


def test_authlib_logs_a_person_in_through_a_redirecting_action(
    running_sandbox: RunningSandbox, client: Any
) -> None:
    code = redirecting(resumed="api.idToken.setCustomClaim('https://acme.example/ok', true)")
    deploy(
        running_sandbox.sandbox,
        code.replace("{ api.redirect", "{ if (api.redirect.canRedirect()) api.redirect", 1),
    )
    metadata = client.get(
        f"{running_sandbox.url}/.well-known/openid-configuration", withhold_token=True
    ).json()
    verifier = "v" * 43
    url, state = client.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=verifier, nonce="n-0S6"
    )

    browser = Browser(running_sandbox)
    left = browser.submit(query(browser.get(url))["state"])
    back = browser.resume(query(left)["state"]).headers["location"]

    token = client.fetch_token(
        metadata["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier
    )
    keys = KeySet.import_key_set(client.get(metadata["jwks_uri"], withhold_token=True).json())
    claims = jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims
    assert (claims["iss"], claims["nonce"]) == (metadata["issuer"], "n-0S6")
    assert claims["sub"] == user_of(running_sandbox.sandbox)["user_id"]
    assert claims["https://acme.example/ok"] is True
    assert client.get(metadata["userinfo_endpoint"]).json()["sub"] == claims["sub"]

    refreshed = client.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
    assert refreshed["access_token"] != token["access_token"]
