"""Who may ask: one bearer token, a JWT under HS256 with the stage's audience and subject (RFC 7519, 6750).

Auth0 promises the signature, `sub` and `aud`; the other claims count when they are there.
"""

import hmac
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic_core import from_json

from serving.values import value

TOKEN_BYTES = 4 * 1024
SKEW_SECONDS = 60
JTI_LENGTH = 200
KEPT = 16
DIGESTS = {"HS256": "sha256"}  # RFC 7518 §3.2
LATEST = 253402300799  # the end of year 9999: later dates are mistakes or tricks


class UnauthorizedError(Exception):
    """No token, or not a good one. The reason is for the log alone."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@value
class Bearer:
    """A token that was good. `jti` when it has one, `seconds` that it is good for still, None for always."""

    jti: str | None
    seconds: float | None


class Judge:
    """Judges tokens with the current key, then the previous one."""

    def __init__(
        self,
        keys: Sequence[bytes],
        algorithm: str,
        audience: str,
        subject: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._keys = [(key, OctKey.import_key(key)) for key in keys]
        self._registry = jws.JWSRegistry(algorithms=[algorithm])
        self._digest = DIGESTS[algorithm]
        self._audience = audience
        self._subject = subject
        self._now = now
        self._heads: set[bytes] = set()  # of tokens whose signature was good

    def bearer(self, headers: Iterable[tuple[bytes, bytes]]) -> Bearer:
        """The request's token; UnauthorizedError unless there is exactly one and it is good."""
        return self._judge(self._verify(_token(headers)))

    def _verify(self, token: bytes) -> Mapping[str, Any]:
        for key in self._keys:
            try:
                claims = from_json(self._opened(token, *key), cache_strings="keys")
            except (JoseError, ValueError, RecursionError, TypeError, AttributeError, LookupError):
                # Whatever a stranger's header makes the library stumble over is no token of ours.
                continue
            if not isinstance(claims, dict):
                raise UnauthorizedError("claims")
            return claims
        raise UnauthorizedError("signature")

    def _opened(self, token: bytes, secret: bytes, key: OctKey) -> bytes:
        """The payload, once its signature is verified. A sender's tokens all have the same header: what the
        library has once found good in it needn't be judged again, the signature always is."""
        signed, _, signature = token.rpartition(b".")
        head, _, payload = signed.partition(b".")
        if head in self._heads:
            expected = urlsafe_b64encode(hmac.digest(secret, signed, self._digest)).rstrip(b"=")
            if hmac.compare_digest(expected, signature):
                return urlsafe_b64decode(payload + b"==")
        opened = jws.deserialize_compact(token, key, registry=self._registry)
        if len(self._heads) < KEPT:
            self._heads.add(head)
        return opened.payload

    def _judge(self, claims: Mapping[str, Any]) -> Bearer:
        audience = claims.get("aud")
        named = audience if isinstance(audience, list) else [audience]
        if self._audience not in named:
            raise UnauthorizedError("audience")
        if claims.get("sub") != self._subject:
            raise UnauthorizedError("subject")
        now = self._now()
        expires = _date(claims, "exp")
        if expires is not None and now >= expires + SKEW_SECONDS:
            raise UnauthorizedError("expired")
        for name in ("nbf", "iat"):
            date = _date(claims, name)
            if date is not None and date > now + SKEW_SECONDS:
                raise UnauthorizedError(name)
        jti = claims.get("jti")
        if "jti" in claims and not (isinstance(jti, str) and 0 < len(jti) <= JTI_LENGTH):
            raise UnauthorizedError("jti")
        return Bearer(jti, None if expires is None else expires + SKEW_SECONDS - now)


def _token(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    found = [value for name, value in headers if name == b"authorization"]
    if len(found) != 1:
        raise UnauthorizedError("several headers" if found else "no header")
    scheme, _, token = found[0].partition(b" ")
    if scheme.lower() != b"bearer":
        raise UnauthorizedError("scheme")
    if len(token) > TOKEN_BYTES:
        raise UnauthorizedError("too long")
    return token.strip(b" ")


def _date(claims: Mapping[str, Any], name: str) -> float | None:
    """A NumericDate; a claim that is there and is none is no reason to be lenient."""
    if name not in claims:
        return None
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LATEST:
        raise UnauthorizedError(name)
    return float(value)
