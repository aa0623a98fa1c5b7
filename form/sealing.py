"""Sealed messages: compact JWE, `dir` with A256GCM (RFC 7516), each kind under a key of its own."""

import json
import re
from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

ALGORITHM, ENCRYPTION = "dir", "A256GCM"
SHAPE = re.compile(r"[A-Za-z0-9_-]{1,200}\.\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{1,8192}\.[A-Za-z0-9_-]{22}")


class SealBrokenError(Exception):
    """Not one of ours: wrong key, kind, shape or content. Carries no detail, so that none can leak."""


def derive_key(secret: str, info: str) -> bytes:
    """HKDF-SHA256 (RFC 5869) of a configured key: 32 bytes for one purpose only, named by `info`."""
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info.encode()).derive(secret.encode())


class Sealer:
    """Seals and opens JSON objects of one `typ`; opens with the current secret, then the previous one."""

    def __init__(self, secrets: Sequence[str], info: str, typ: str) -> None:
        self._keys = [OctKey.import_key(derive_key(secret, info)) for secret in secrets]
        self._header = {"alg": ALGORITHM, "enc": ENCRYPTION, "typ": typ}
        self._registry = jwe.JWERegistry(algorithms=[ALGORITHM, ENCRYPTION])

    def seal(self, document: dict[str, Any]) -> str:
        text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
        return jwe.encrypt_compact(dict(self._header), text, self._keys[0], registry=self._registry)

    def open(self, token: str) -> dict[str, Any]:
        """The sealed object; SealBrokenError for anything that isn't exactly a message of this kind."""
        if not SHAPE.fullmatch(token):
            raise SealBrokenError
        for key in self._keys:
            try:
                opened = jwe.decrypt_compact(token, key, registry=self._registry)
            except (JoseError, ValueError):
                continue
            return self._content(opened.protected, opened.plaintext)
        raise SealBrokenError

    def _content(self, header: dict[str, Any], plaintext: bytes | None) -> dict[str, Any]:
        if header != self._header or plaintext is None:
            raise SealBrokenError
        try:
            document = json.loads(plaintext)
        except (ValueError, RecursionError):
            raise SealBrokenError from None
        if not isinstance(document, dict):
            raise SealBrokenError
        return document
