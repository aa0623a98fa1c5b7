"""The tenant's signing key: RS256, kept in the store, published as a JWKS."""

from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from .clock import Clock
from .store import Store

_KIND = "keys"
_CURRENT = "signing"
_BITS = 2048


class TokenError(Exception):
    """A token that can't be accepted; the text says why."""


class ForeignTokenError(TokenError):
    """Not signed by this tenant, or issued by another one."""


class AudienceError(TokenError):
    """Issued for another audience: `audience` is the one it has."""

    def __init__(self, audience: str) -> None:
        super().__init__("the audience is another one")
        self.audience = audience


class ExpiredTokenError(TokenError):
    """No longer valid."""


class Keys:
    """Signs and verifies the tenant's tokens."""

    def __init__(self, store: Store, clock: Clock, issuer: str) -> None:
        self._store = store
        self._clock = clock
        self.issuer = issuer
        self._loaded: RSAKey | None = None

    def sign(self, claims: dict[str, Any], typ: str = "JWT") -> str:
        """A compact RS256 JWT of exactly these claims, with `kid` in its header."""
        return jwt.encode({"alg": "RS256", "typ": typ, "kid": self._key.kid}, claims, self._key)

    def verify(self, token: str, audience: str) -> dict[str, Any]:
        """The claims of a token this tenant issued for `audience`, or TokenError."""
        try:
            claims = jwt.decode(token, self._key, algorithms=["RS256"]).claims
        except (JoseError, ValueError) as error:
            raise ForeignTokenError("the signature is not this tenant's") from error
        if claims.get("iss") != self.issuer:
            raise ForeignTokenError("the issuer is another one")
        expires = claims.get("exp")
        if not isinstance(expires, int | float) or expires <= self._clock.now():
            raise ExpiredTokenError("the token has expired")
        audiences = claims["aud"] if isinstance(claims.get("aud"), list) else [claims.get("aud")]
        if audience not in audiences:
            raise AudienceError(",".join(str(given) for given in audiences))
        return claims

    def jwks(self) -> dict[str, Any]:
        """The public half, as /.well-known/jwks.json serves it."""
        return {"keys": [self._key.as_dict(private=False) | {"alg": "RS256", "use": "sig"}]}

    def prepare(self) -> None:
        """Make or load the key now instead of on first use."""
        _ = self._key

    def forget(self) -> None:
        """Read the key from the store again: another state was loaded into it."""
        self._loaded = None

    @property
    def _key(self) -> RSAKey:
        if self._loaded is None:
            self._loaded = self._load() or self._make()
        return self._loaded

    def _load(self) -> RSAKey | None:
        stored = self._store.get(_KIND, _CURRENT)
        return RSAKey.import_key(stored) if stored else None

    def _make(self) -> RSAKey:
        key = RSAKey.generate_key(_BITS, auto_kid=True)
        self._store.put(_KIND, _CURRENT, dict(key.as_dict(private=True)))
        return key
