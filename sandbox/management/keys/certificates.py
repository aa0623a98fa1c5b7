"""The certificate around a signing key, as a tenant's own authority would issue it, and how one is told."""

import hashlib
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID

from ...store import Doc

_YEARS = 13


def described(key: rsa.RSAPrivateKey, name: str, now: float) -> Doc:
    """`cert`, `pkcs7`, `fingerprint` and `thumbprint` of a certificate for this key and the tenant's name."""
    return shown(issued(key, name, now, _YEARS))


def issued(key: rsa.RSAPrivateKey, name: str, now: float, years: int) -> x509.Certificate:
    """A certificate of this key that it signed itself, from now on for so many years."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    start = datetime.fromtimestamp(now, UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=365 * years))
        .sign(key, hashes.SHA256())
    )


def shown(certificate: x509.Certificate) -> Doc:
    """A certificate in PEM and PKCS #7, with its thumbprint in capital hex, bare and with colons."""
    # Auth0's thumbprints are SHA-1, as x5t of RFC 7517 is.
    digest = certificate.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303 - a name, not a signature
    return {
        "cert": certificate.public_bytes(Encoding.PEM).decode(),
        "pkcs7": pkcs7.serialize_certificates([certificate], Encoding.PEM).decode(),
        "fingerprint": ":".join(digest[at : at + 2] for at in range(0, len(digest), 2)),
        "thumbprint": digest,
    }


def thumbprint_sha256(certificate: x509.Certificate) -> str:
    """As x5t#S256 of RFC 7517: the digest of its DER in base64url without padding."""
    digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
