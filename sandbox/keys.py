"""The tenant's signing keys: RS256, kept in the store, published as a JWKS. One of them signs."""

from collections.abc import Collection
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from .clock import Clock
from .store import Store

_KIND = "keys"
_CURRENT = "signing"
_OTHERS = "signing_others"
_BITS = 2048
_ALGORITHMS = ("RS256", "RS512", "PS256")
# What reading a hostile token raises: a header's `crit` may hold anything.
MALFORMED = (JoseError, ValueError, TypeError)


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


def new_key() -> RSAKey:
    """A key to sign with. Making one takes up to a second, which no event loop should wait for."""
    return RSAKey.generate_key(_BITS, auto_kid=True)


class Keys:
    """Signs and verifies the tenant's tokens."""

    def __init__(self, store: Store, clock: Clock, issuer: str) -> None:
        self._store = store
        self._clock = clock
        self.issuer = issuer
        self._loaded: RSAKey | None = None
        self._set: KeySet | None = None

    def sign(self, claims: dict[str, Any], typ: str = "JWT", alg: str = "RS256") -> str:
        """A compact JWT of exactly these claims, with `kid` in its header; `alg` is one of RSA's."""
        header = {"alg": alg, "typ": typ, "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=list(_ALGORITHMS))

    def opened(self, token: str) -> dict[str, Any] | None:
        """The claims of any token of this tenant, expired or not; None for another's."""
        try:
            claims = jwt.decode(token, self._trusted, algorithms=list(_ALGORITHMS)).claims
        except MALFORMED:
            return None
        return dict(claims) if claims.get("iss") == self.issuer else None

    def verify(self, token: str, audience: str, algorithms: Collection[str] = _ALGORITHMS) -> dict[str, Any]:
        """The claims of a token this tenant issued for `audience`, signed by one of these, or TokenError."""
        try:
            claims = jwt.decode(token, self._trusted, algorithms=list(algorithms)).claims
        except MALFORMED as error:
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
        keys = [key for key in self._trusted.keys if isinstance(key, RSAKey)]
        return {"keys": [key.as_dict(private=False) | {"alg": "RS256", "use": "sig"} for key in keys]}

    def private_key(self, kid: str) -> RSAPrivateKey:
        """One of the keys that tokens may be signed with, or KeyError."""
        for key in self._trusted.keys:
            if key.kid == kid and isinstance(key, RSAKey) and key.private_key is not None:
                return key.private_key
        raise KeyError(kid)

    @property
    def current(self) -> str:
        """The id of the key that signs."""
        return str(self._key.kid)

    def add(self, key: RSAKey) -> str:
        """Publish one more key, made by `new_key`, whose tokens are accepted; its id."""
        self._keep(self._key, [*self._others(), dict(key.as_dict(private=True))])
        return str(key.kid)

    def promote(self, kid: str) -> None:
        """Sign with another published key; the one before stays published."""
        key = next(RSAKey.import_key(other) for other in self._others() if other["kid"] == kid)
        kept = [other for other in self._others() if other["kid"] != kid]
        self._keep(key, [*kept, dict(self._key.as_dict(private=True))])

    def drop(self, kid: str) -> None:
        """Accept no more token of a key that isn't the current one."""
        self._keep(self._key, [other for other in self._others() if other["kid"] != kid])

    def prepare(self) -> None:
        """Make or load the key now instead of on first use."""
        _ = self._key

    def forget(self) -> None:
        """Read the key from the store again: another state was loaded into it."""
        self._loaded = self._set = None

    @property
    def _trusted(self) -> KeySet:
        """Every key that a token may be signed with, the current one first."""
        if self._set is None:
            self._set = KeySet([self._key, *map(RSAKey.import_key, self._others())])
        return self._set

    def _others(self) -> list[dict[str, Any]]:
        return list((self._store.get(_KIND, _OTHERS) or {}).get("keys", []))

    def _keep(self, current: RSAKey, others: list[dict[str, Any]]) -> None:
        with self._store.atomic():
            self._store.put(_KIND, _CURRENT, dict(current.as_dict(private=True)))
            self._store.put(_KIND, _OTHERS, {"keys": others})
        self.forget()

    @property
    def _key(self) -> RSAKey:
        if self._loaded is None:
            self._loaded = self._load() or self._make()
        return self._loaded

    def _load(self) -> RSAKey | None:
        stored = self._store.get(_KIND, _CURRENT)
        return RSAKey.import_key(stored) if stored else None

    def _make(self) -> RSAKey:
        key = new_key()
        self._store.put(_KIND, _CURRENT, dict(key.as_dict(private=True)))
        return key
