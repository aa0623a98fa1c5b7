"""Texts encrypted as Pulumi's passphrase provider does it: one key for all of them.

`pulumi config set` derives the key anew for every value, which takes half a second each, and its sibling for
many values wants them on the command line, where everybody on the machine can read them.

The format is Pulumi's, version 1: PBKDF2-SHA256 of the passphrase, AES-256-GCM, each part in base64.
https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/config/crypt.go
"""

import base64
import contextlib
import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_ITERATIONS = 1_000_000
_SALT_BYTES, _NONCE_BYTES = 8, 12
_PROOF = "pulumi"


class Seal:
    """One stack's key. `state` is what `encryptionsalt` of its stage file holds."""

    def __init__(self, passphrase: str, salt: bytes) -> None:
        key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, _ITERATIONS, 32)
        self._cipher = AESGCM(key)
        self._salt = salt

    @classmethod
    def of(cls, passphrase: str, state: object) -> tuple["Seal", bool]:
        """The key of a stack, True; a new one, False, when there is none or it is another passphrase's."""
        if isinstance(state, str):
            with contextlib.suppress(ValueError, InvalidTag):
                _, salt, proof = state.split(":", 2)
                found = cls(passphrase, base64.b64decode(salt, validate=True))
                if found.open(proof) == _PROOF:
                    return found, True
        return cls(passphrase, secrets.token_bytes(_SALT_BYTES)), False

    @property
    def state(self) -> str:
        return f"v1:{_text(self._salt)}:{self.seal(_PROOF)}"

    def seal(self, text: str) -> str:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return f"v1:{_text(nonce)}:{_text(self._cipher.encrypt(nonce, text.encode(), None))}"

    def open(self, sealed: str) -> str:
        """Raises ValueError or InvalidTag for what this key did not seal."""
        _, nonce, text = sealed.split(":")
        return self._cipher.decrypt(base64.b64decode(nonce), base64.b64decode(text), None).decode()


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
