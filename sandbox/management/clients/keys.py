"""What Auth0 reads from the key or certificate of a credential, and when that expires."""

from datetime import datetime

from cryptography import x509
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from ...errors import invalid_body
from ...store import Doc
from ..keys.certificates import thumbprint_sha256
from ..schema import lacking

_INVALID = "Payload validation error: 'Invalid PEM' on property pem."


def check_expiry(body: Doc) -> None:
    """Raise Auth0Error 400 for an expiry that is no RFC 3339 moment, or that is told twice."""
    told = body.get("expires_at")
    if told is None:
        return
    if body.get("parse_expiry_from_cert"):
        problem = "expires_at and parse_expiry_from_cert exclude each other"
        raise invalid_body(f"Payload validation error: '{problem}'.")
    try:
        known = datetime.fromisoformat(told).tzinfo is not None
    except ValueError:
        known = False
    if not known:
        problem = f"Object didn't pass validation for format date-time: {told}"
        raise invalid_body(f"Payload validation error: '{problem}' on property expires_at.")


def described(body: Doc) -> Doc:
    """What Auth0 derives from the key or certificate; the PEM itself is never shown again."""
    if body["credential_type"] == "cert_subject_dn":
        return _subject(body)
    if "pem" not in body:
        raise lacking("pem")
    pem = body["pem"].strip().encode()
    if body["credential_type"] == "x509_cert":
        certificate = _certificate(pem)
        return {
            "thumbprint_sha256": thumbprint_sha256(certificate),
            "subject_dn": _distinguished(certificate.subject),
            "expires_at": _expiry(certificate),
            "_pem": body["pem"],
        }
    return _public_key(pem, body)


def _subject(body: Doc) -> Doc:
    if "subject_dn" in body:
        return {"subject_dn": body["subject_dn"]}
    if "pem" in body:
        return {"subject_dn": _distinguished(_certificate(body["pem"].strip().encode()).subject)}
    raise lacking("subject_dn")


def _public_key(pem: bytes, body: Doc) -> Doc:
    """Known by its key's thumbprint (RFC 7638), in a certificate too (recorded)."""
    if b"PRIVATE KEY" in pem:
        raise invalid_body(_INVALID)
    try:
        kid = RSAKey.import_key(pem).thumbprint()
    except (JoseError, ValueError) as error:
        raise invalid_body(_INVALID) from error
    expiry = {"expires_at": _expiry(_certificate(pem))} if body.get("parse_expiry_from_cert") else {}
    return {"kid": body.get("kid", kid), "alg": body.get("alg", "RS256"), **expiry, "_pem": body["pem"]}


def _certificate(pem: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise invalid_body(_INVALID) from error


def _distinguished(name: x509.Name) -> str:
    return "\n".join(f"{part.rfc4514_attribute_name}={part.value!s}" for part in name)


def _expiry(certificate: x509.Certificate) -> str:
    return certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%S.000Z")
