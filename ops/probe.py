"""Probes for a host to prove its keys by, and the proofs that it answers with (docs/protocol.md)."""

import json
import secrets
import time
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwe, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from infra import contract
from infra.secret import Secret

_ALGORITHM, _ENCRYPTION, _SIGNATURE = "dir", "A256GCM", "HS256"
_LEEWAY_SECONDS = 60


class ProofBrokenError(Exception):
    """No proof under this key, or not of this probe."""


@dataclass(frozen=True)
class Probe:
    """One probe: what is posted, and the nonce that has to come back."""

    token: str
    nonce: str


def probe(request_key: Secret) -> Probe:
    """A probe that a host with this request key can open, for two minutes."""
    terms = contract.load()["probe"]
    nonce, now = secrets.token_urlsafe(16), int(time.time())
    claims = {"aud": terms["audience"], "iat": now, "exp": now + terms["lifetimeSeconds"], "nonce": nonce}
    header = {"alg": _ALGORITHM, "enc": _ENCRYPTION, "typ": terms["typ"]}
    registry = jwe.JWERegistry(algorithms=[_ALGORITHM, _ENCRYPTION])
    key = _derived(request_key, terms["keyInfo"])
    return Probe(jwe.encrypt_compact(header, json.dumps(claims), key, registry=registry), nonce)


def proven(proof: str, nonce: str, result_key: Secret) -> dict[str, Any]:
    """The claims of a proof; ProofBrokenError unless it is of now, for this nonce, under this result key."""
    terms = contract.load()["probe"]
    try:
        token = jwt.decode(proof, _derived(result_key, terms["proofKeyInfo"]), algorithms=[_SIGNATURE])
    except (JoseError, ValueError) as error:
        raise ProofBrokenError from error
    claims, now = token.claims, time.time()
    of_now = isinstance(claims.get("exp"), int) and claims["exp"] > now - _LEEWAY_SECONDS
    ours = claims.get("aud") == terms["proofAudience"] and claims.get("nonce") == nonce
    if token.header.get("typ") != terms["proofTyp"] or not ours or not of_now:
        raise ProofBrokenError
    return claims


def _derived(key: Secret, info: str) -> OctKey:
    """HKDF-SHA256 (RFC 5869): 32 bytes for one purpose only, named by `info`."""
    made = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info.encode())
    return OctKey.import_key(made.derive(key.reveal().encode()))
