"""Applications with keys, and the assertions they sign."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

import requests
from joserfc import jws
from joserfc.jwk import OctKey, RSAKey

from sandbox.login.client_assertion import TYPE
from sandbox.testing import RunningSandbox

from .api import Api

# Made once: a key takes longer than a test.
KEY, OTHER_KEY = RSAKey.generate_key(2048), RSAKey.generate_key(2048)


def public(key: RSAKey) -> str:
    return key.as_pem(private=False).decode()


def sign(claims: Mapping[str, Any], key: RSAKey | OctKey, header: Mapping[str, Any]) -> str:
    """A compact JWT of any claims, of characters too that only JSON can spell and JWT libraries refuse."""
    return jws.serialize_compact(dict(header), json.dumps(claims), key, [header["alg"]])


class Deployer:
    """An application without a secret: it has the keys it was made with, and may read applications."""

    def __init__(self, running: RunningSandbox, api: Api, *keys: Mapping[str, Any]) -> None:
        self.running, self.api = running, api
        credentials = [{"credential_type": "public_key", "pem": public(KEY), **key} for key in keys or ({},)]
        body = {
            "name": "CI",
            "app_type": "non_interactive",
            "grant_types": ["client_credentials"],
            "client_authentication_methods": {"private_key_jwt": {"credentials": credentials}},
        }
        self.id: str = api.post("/clients", body)["client_id"]
        self.path = f"/clients/{self.id}"
        self.audience = running.addresses.management_audience
        grant = {"client_id": self.id, "audience": self.audience, "scope": ["read:clients"]}
        api.post("/client-grants", grant)

    @property
    def credentials(self) -> list[dict[str, Any]]:
        return list(self.api.get(f"{self.path}/credentials"))

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Those Auth0 wants, with changes; None leaves one out."""
        now = int(self.running.sandbox.clock.now())
        claims: dict[str, Any] = {"iss": self.id, "sub": self.id, "aud": self.running.addresses.issuer}
        claims |= {"iat": now, "exp": now + 60, "jti": str(uuid.uuid4()), **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def signed(
        self,
        key: RSAKey | OctKey = KEY,
        *,
        alg: str = "RS256",
        header: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> str:
        return sign(self.claims(**changes), key, {"alg": alg, **(header or {})})

    def ask(self, assertion: str, **changes: Any) -> requests.Response:
        """A token for the Management API; a parameter that is None is left out."""
        form = {
            "grant_type": "client_credentials",
            "audience": self.audience,
            "client_assertion_type": TYPE,
            "client_assertion": assertion,
            **changes,
        }
        with self.running.session() as session:
            given = {name: value for name, value in form.items() if value is not None}
            return session.post(f"{self.running.url}/oauth/token", json=given)

    def last_log(self) -> dict[str, Any]:
        return self.running.sandbox.store.all("tenant_logs")[-1]

    def reason(self, response: requests.Response) -> str:
        """Why it was refused, as the tenant's log tells; the caller learns nothing of it."""
        body = response.json()
        assert (response.status_code, body["error"]) == (401, "invalid_client"), response.text
        assert body["error_description"] == "Failed client authentication"
        log = self.last_log()
        assert (log["type"], log["description"]) == ("feccft", "Failed client authentication")
        return str(log["details"]["client_authentication_error"])
