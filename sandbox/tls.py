"""Certificates of the sandbox's own CA: made once, kept in the data directory, renewed before they expire."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509

from .files import write_private

NAMES = ("localhost", "form.localhost", "app.localhost", "handset.localhost", "127.0.0.1", "::1")
_ORGANIZATION = "auth0-phone sandbox: never trust outside a laptop"
_LIFE = timedelta(days=365)
_RENEW_BEFORE = timedelta(days=30)


@dataclass(frozen=True)
class Certificates:
    """PEM files: the CA to trust, and the server's chain with its key."""

    ca: Path
    cert: Path
    key: Path


def prepare(directory: Path) -> Certificates:
    """The certificates in `directory`, issued or renewed where needed."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = Certificates(directory / "ca.pem", directory / "server.pem", directory / "server.key")
    ca = _authority(files.ca, directory / "ca.key")
    if not _is_current(files, ca):
        leaf = ca.issue_cert(
            *NAMES, organization_name=_ORGANIZATION, not_after=datetime.now(UTC).replace(tzinfo=None) + _LIFE
        )
        write_private(files.key, leaf.private_key_pem.bytes())
        write_private(files.cert, b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    return files


def _authority(cert: Path, key: Path) -> trustme.CA:
    if cert.exists() and key.exists():
        return trustme.CA.from_pem(cert.read_bytes(), key.read_bytes())
    ca = trustme.CA(organization_name=_ORGANIZATION)
    write_private(key, ca.private_key_pem.bytes())
    write_private(cert, ca.cert_pem.bytes())
    return ca


def _is_current(files: Certificates, ca: trustme.CA) -> bool:
    """Whether the leaf is there, is this CA's, names every address, and lives long enough."""
    if not (files.cert.exists() and files.key.exists()):
        return False
    leaf = x509.load_pem_x509_certificate(files.cert.read_bytes())
    authority = x509.load_pem_x509_certificate(ca.cert_pem.bytes())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    listed = {str(name.value) for name in names}
    return (
        leaf.issuer == authority.subject
        and listed.issuperset(NAMES)
        and leaf.not_valid_after_utc - datetime.now(UTC) > _RENEW_BEFORE
    )
