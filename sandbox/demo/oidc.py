"""The authorization code flow with PKCE, as any application does it: OpenID Connect Core 3.1, RFC 7636."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from .errors import LoginError
from .sessions import Attempt
from .tenant import Tenant

_SCOPE = "openid profile email phone"
_LEEWAY_SECONDS = 5


class OidcClient:
    """One application at one tenant."""

    def __init__(self, tenant: Tenant, client_id: str, client_secret: str, redirect_uri: str) -> None:
        self._tenant = tenant
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri

    async def authorization_url(self, attempt: Attempt, extra: Mapping[str, str]) -> str:
        """Where the browser goes to log in; `extra` are further parameters, such as prompt."""
        parameters = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": _SCOPE,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": _challenge(attempt.verifier),
            "code_challenge_method": "S256",
            **extra,
        }
        configuration = await self._tenant.configuration()
        return f"{configuration['authorization_endpoint']}?{urlencode(parameters)}"

    async def finish(self, code: str, attempt: Attempt, now: float) -> dict[str, Any]:
        """Exchange the code for {"id_token": claims, "userinfo": claims}; LoginError when a check fails."""
        configuration = await self._tenant.configuration()
        tokens = await self._tenant.post(
            configuration["token_endpoint"],
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self._redirect_uri,
                "code_verifier": attempt.verifier,
                "client_id": self._client_id,
                "client_secret": self._client_secret,
            },
        )
        keys = await self._tenant.get(configuration["jwks_uri"])
        claims = self._judge(tokens.get("id_token"), keys, configuration["issuer"], attempt.nonce, now)
        userinfo = await self._tenant.get(configuration["userinfo_endpoint"], tokens.get("access_token"))
        # OpenID Connect Core 5.3.2: without this an answer about somebody else could be slipped in.
        if userinfo.get("sub") != claims["sub"]:
            raise LoginError("invalid_id_token", "userinfo is about another user")
        return {"id_token": claims, "userinfo": userinfo}

    def _judge(self, token: Any, keys: Any, issuer: str, nonce: str, now: float) -> dict[str, Any]:
        """OpenID Connect Core 3.1.3.7."""
        registry = jwt.JWTClaimsRegistry(
            now=int(now),
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": self._client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = jwt.decode(str(token), KeySet.import_key_set(keys), algorithms=["RS256"]).claims
            registry.validate(claims)
        except (JoseError, ValueError) as error:
            raise LoginError("invalid_id_token", str(error)) from error
        if claims.get("azp", self._client_id) != self._client_id:
            raise LoginError("invalid_id_token", "the token is meant for another application")
        return claims


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
