"""Keys and certificates an application authenticates with: /clients/{id}/credentials."""

import hashlib
from base64 import urlsafe_b64encode

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_public_key
from joserfc.jwk import RSAKey

from ...errors import Auth0Error, invalid_body, not_found
from ...store import Doc
from ..documents import public, without_nulls
from ..routing import Answer, Call, Operation
from . import schema

KIND = "client_credentials"


def missing() -> Auth0Error:
    return not_found("The credential does not exist", "inexistent_credential")


def list_credentials(call: Call) -> Answer:
    """A plain array, whatever paging was asked for (recorded)."""
    return Answer([public(credential) for credential in _of(call)])


def get_credential(call: Call) -> Answer:
    return Answer(public(_find(call)))


def create_credential(call: Call) -> Answer:
    now = call.sandbox.clock.iso()
    credential = without_nulls(
        {
            "id": call.sandbox.ids.credential(),
            "credential_type": call.body["credential_type"],
            **_described(call.body),
            "name": call.body.get("name"),
            "created_at": now,
            "updated_at": now,
        }
    )
    if "expires_at" in call.body:
        credential["expires_at"] = call.body["expires_at"]
    _save(call, [*_of(call), credential])
    return Answer(public(credential), 201)


def update_credential(call: Call) -> Answer:
    changed = {**_find(call), **call.body, "updated_at": call.sandbox.clock.iso()}
    _save(call, [changed if known["id"] == changed["id"] else known for known in _of(call)])
    return Answer(public(changed))


def delete_credential(call: Call) -> Answer:
    gone = call.params["credential"]
    _save(call, [credential for credential in _of(call) if credential["id"] != gone])
    return Answer(status=204)


def _of(call: Call) -> list[Doc]:
    if call.sandbox.store.get("clients", call.params["id"]) is None:
        raise not_found("The client does not exist", "inexistent_client")
    stored = call.sandbox.store.get(KIND, call.params["id"]) or {"credentials": []}
    return list(stored["credentials"])


def _find(call: Call) -> Doc:
    for credential in _of(call):
        if credential["id"] == call.params["credential"]:
            return credential
    raise missing()


def _save(call: Call, credentials: list[Doc]) -> None:
    call.sandbox.store.put(KIND, call.params["id"], {"credentials": credentials})


def _described(body: Doc) -> Doc:
    """What Auth0 derives from the key or certificate; the PEM itself is never shown again."""
    if body["credential_type"] == "cert_subject_dn":
        return _subject(body)
    if "pem" not in body:
        raise invalid_body("Payload validation error: 'Missing required property: pem'.")
    pem = body["pem"].strip().encode()
    if body["credential_type"] == "x509_cert":
        certificate = _certificate(pem)
        return {
            "thumbprint_sha256": _thumbprint(certificate),
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
    raise invalid_body("Payload validation error: 'Missing required property: subject_dn'.")


def _public_key(pem: bytes, body: Doc) -> Doc:
    expiry: Doc = {}
    kid = body.get("kid")
    try:
        if b"BEGIN CERTIFICATE" in pem:
            certificate = x509.load_pem_x509_certificate(pem)
            kid = kid or _thumbprint(certificate)
            if body.get("parse_expiry_from_cert"):
                expiry = {"expires_at": _expiry(certificate)}
        else:
            load_pem_public_key(pem)
            kid = kid or RSAKey.import_key(pem).thumbprint()
    except ValueError as error:
        raise invalid_body("Payload validation error: 'Invalid PEM' on property pem.") from error
    return {"kid": kid, "alg": body.get("alg", "RS256"), **expiry, "_pem": body["pem"]}


def _certificate(pem: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise invalid_body("Payload validation error: 'Invalid PEM' on property pem.") from error


def _thumbprint(certificate: x509.Certificate) -> str:
    digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _distinguished(name: x509.Name) -> str:
    return "\n".join(f"{part.rfc4514_attribute_name}={part.value!s}" for part in name)


def _expiry(certificate: x509.Certificate) -> str:
    return certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%S.000Z")


_READ = ("read:client_credentials",)
_CREATE = ("create:client_credentials",)
_UPDATE = ("update:client_credentials",)
_DELETE = ("delete:client_credentials",)
_ALL = "/clients/{id}/credentials"
_ONE = "/clients/{id}/credentials/{credential}"

OPERATIONS = (
    Operation("GET", _ALL, list_credentials, _READ),
    Operation("POST", _ALL, create_credential, _CREATE, schema.CREATE_CREDENTIAL),
    Operation("GET", _ONE, get_credential, _READ),
    Operation("PATCH", _ONE, update_credential, _UPDATE, schema.UPDATE_CREDENTIAL),
    Operation("DELETE", _ONE, delete_credential, _DELETE),
)
