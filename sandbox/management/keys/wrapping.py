"""Keys that a customer wraps for the tenant: PKCS #11's CKM_RSA_AES_KEY_WRAP.

An AES key, encrypted with the tenant's RSA key (OAEP, SHA-256), and behind it the customer's own key, wrapped
with that AES key (RFC 5649), all in base64. Source: the provider's acceptance tests make one so.
"""

import binascii
from base64 import b64decode

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap_with_padding
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

ALGORITHM = "CKM_RSA_AES_KEY_WRAP"
_BITS = 2048
_OAEP = padding.OAEP(mgf=padding.MGF1(SHA256()), algorithm=SHA256(), label=None)


def new_pair() -> tuple[str, str]:
    """A private key and the public one to wrap for it, both as PEM."""
    private = rsa.generate_private_key(65_537, _BITS)
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return (
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        public.decode(),
    )


def unwraps(wrapped: str, private_pem: str) -> bool:
    """Whether `wrapped` holds a key that was wrapped for this private key."""
    private = load_pem_private_key(private_pem.encode(), None)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise TypeError("The wrapping key is not an RSA key.")
    try:
        raw = b64decode(wrapped, validate=True)
        ephemeral = private.decrypt(raw[: _BITS // 8], _OAEP)
        return bool(aes_key_unwrap_with_padding(ephemeral, raw[_BITS // 8 :]))
    except (binascii.Error, ValueError, InvalidUnwrap):
        return False
