"""What Auth0 reads from an identity provider's metadata and certificate. Source: recorded (samlp).

SAML metadata: https://docs.oasis-open.org/security/saml/v2.0/saml-metadata-2.0-os.pdf
"""

import base64
import binascii
import hashlib

# What is parsed has no document type, hence no entities: see _parsed.
from xml.etree import ElementTree as Xml

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ...store import Doc

_METADATA = "{urn:oasis:names:tc:SAML:2.0:metadata}"
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}"
_PEM = "-----BEGIN CERTIFICATE-----"
_MEMBERS = (
    "cert",
    "expires",
    "subject",
    "thumbprints",
    "signingCert",
    "signInEndpoint",
    "signOutEndpoint",
    "bindingMethod",
    "entityId",
)


def completed(options: Doc, current: Doc) -> Doc:
    """Options with what the metadata or the certificate says, which is then not kept itself.

    A metadata address is not fetched, the sandbox calls nobody: what was known before stays.
    """
    given = {name: value for name, value in options.items() if name != "metadataXml"}
    if options.get("metadataXml"):
        return {**from_metadata(options["metadataXml"]), **given}
    if options.get("metadataUrl"):
        known = {name: current[name] for name in _MEMBERS if name in current}
        return {**known, **given}
    return {**from_certificate(given.get("signingCert")), **given}


def from_metadata(text: str) -> Doc:
    """What an EntityDescriptor says of its identity provider; nothing, for text that is no metadata."""
    root = _parsed(text)
    provider = None if root is None else root.find(f".//{_METADATA}IDPSSODescriptor")
    if provider is None:
        return {}
    said: Doc = {}
    sign_in = provider.find(f"{_METADATA}SingleSignOnService")
    sign_out = provider.find(f"{_METADATA}SingleLogoutService")
    if sign_in is not None:
        said |= {"signInEndpoint": sign_in.get("Location"), "bindingMethod": sign_in.get("Binding")}
    if sign_out is not None:
        said["signOutEndpoint"] = sign_out.get("Location")
    return said | from_certificate(_signing_certificate(provider), signing=True)


def from_certificate(text: str | None, *, signing: bool = False) -> Doc:
    """A certificate's own facts. `text` is PEM, or PEM or DER in base64; `signing` adds signingCert."""
    certificate = _certificate(text)
    if certificate is None:
        return {}
    pem = certificate.public_bytes(Encoding.PEM)
    return {
        "cert": pem.decode(),
        "expires": certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        # SHA-1 is how Auth0 names a certificate, not how it trusts one.
        "thumbprints": [
            hashlib.sha1(certificate.public_bytes(Encoding.DER), usedforsecurity=False).hexdigest()
        ],
        "subject": {part.oid._name: part.value for part in certificate.subject},
    } | ({"signingCert": base64.b64encode(pem).decode()} if signing else {})


def _signing_certificate(provider: Xml.Element) -> str | None:
    for key in provider.findall(f"{_METADATA}KeyDescriptor"):
        found = key.find(f".//{_SIGNATURE}X509Certificate")
        if key.get("use") != "encryption" and found is not None:
            return found.text
    return None


def _parsed(text: str) -> Xml.Element | None:
    if "<!" in text.replace("<!--", ""):
        return None
    try:
        return Xml.fromstring(text.strip())  # noqa: S314 - without a document type nothing can expand
    except (Xml.ParseError, ValueError):
        return None


def _certificate(text: str | None) -> x509.Certificate | None:
    if not text:
        return None
    try:
        if _PEM in text:
            return x509.load_pem_x509_certificate(text.strip().encode())
        raw = base64.b64decode("".join(text.split()), validate=True)
        if _PEM.encode() in raw:
            return x509.load_pem_x509_certificate(raw)
        return x509.load_der_x509_certificate(raw)
    except (ValueError, binascii.Error):
        return None
