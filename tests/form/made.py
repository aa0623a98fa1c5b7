"""Stages and tokens as the deployment and the Action make them; made here without the form's code."""

import base64
import json
import os
import time
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = ROOT / "action_src" / "contract.json"

REQUEST_KEY = "r" * 21 + "equest-key-of-the-tests-0001"
OLD_REQUEST_KEY = "r" * 21 + "equest-key-of-the-tests-0000"
RESULT_KEY = "r" * 21 + "esult-key-of-the-tests-00001"

HOST = "form.example.com"
LOGIN_HOSTS = ["login.example.com", "tenant.eu.auth0.com"]
SERVICE = "VA" + "0" * 32
MOBILE = "+14155550123"
OTHER_MOBILE = "+12025550177"
OLD_MOBILE = "+447700900123"
STATE = "hKFo2SBfc3RhdGUtb2YtdGhlLWxvZ2luLXRoYXQtd2FpdHM"
SUB = "auth0|65a1b2c3d4e5f60718293a4b"


def contract() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(CONTRACT.read_text())
    return document


def stage(**changes: Any) -> dict[str, Any]:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(CONTRACT.read_bytes())
    base: dict[str, Any] = {
        "stage": "test",
        "contract": "sha256:" + digest.finalize().hex(),
        "publicBaseUrl": f"https://{HOST}",
        "loginHosts": LOGIN_HOSTS,
        "twilioVerifyUrl": "https://verify.example.com",
        "channel": "sms",
        "countries": ["GB", "US"],
        "codeLength": 6,
        "resendSeconds": 30,
        "consent": {
            "mode": "on-form",
            "text": "I agree to get a code by text message. Rates may apply.",
            "version": "2026-11-01",
            "termsUrl": "https://example.com/terms",
            "privacyUrl": "https://example.com/privacy",
        },
        "brand": {"name": "Acme", "color": "#0b5fff"},
    }
    consent = {**base["consent"], **changes.pop("consent", {})}
    return {**base, "consent": consent, **changes}


def environment(stage_file: Path, **changes: str) -> dict[str, str]:
    base = {
        "PHONE_REQUEST_KEY": REQUEST_KEY,
        "PHONE_RESULT_KEY": RESULT_KEY,
        "TWILIO_API_KEY": "SK" + "1" * 32,
        "TWILIO_API_SECRET": "twilio-secret-canary-8a1f",
        "TWILIO_VERIFY_SERVICE": SERVICE,
        "PHONE_STAGE_FILE": str(stage_file),
        "SINGLE_PROCESS": "1",
    }
    return {name: value for name, value in {**base, **changes}.items() if value}


def request_claims(**changes: Any) -> dict[str, Any]:
    """A request's claims; a claim changed to None is left out."""
    now = int(time.time())
    base: dict[str, Any] = {
        "sub": SUB,
        "aud": "auth0-phone/form",
        "iat": now,
        "exp": now + 600,
        "jti": encode(os.urandom(16)),
        "host": 0,
        "flow": "form",
        "phone": MOBILE,
    }
    return {name: value for name, value in {**base, **changes}.items() if value is not None}


def request_token(key: str = REQUEST_KEY, **changes: Any) -> str:
    return seal(request_claims(**changes), key, "auth0-phone/request/v1", "phone-request+jwe")


def seal(claims: Any, key: str, info: str, typ: str, header: dict[str, Any] | None = None) -> str:
    head = encode(json.dumps(header or {"alg": "dir", "enc": "A256GCM", "typ": typ}).encode())
    nonce = os.urandom(12)
    text = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    sealed = AESGCM(derive(key, info)).encrypt(nonce, text, head.encode())
    return ".".join([head, "", encode(nonce), encode(sealed[:-16]), encode(sealed[-16:])])


def open_sealed(token: str, key: str, info: str, typ: str) -> dict[str, Any]:
    head, empty, nonce, text, tag = token.split(".")
    assert json.loads(decode(head)) == {"alg": "dir", "enc": "A256GCM", "typ": typ}
    assert empty == ""
    plain = AESGCM(derive(key, info)).decrypt(decode(nonce), decode(text) + decode(tag), head.encode())
    document: dict[str, Any] = json.loads(plain)
    return document


def open_result(token: str) -> dict[str, Any]:
    """The claims of a result after a check of its signature and header, with `sealed` opened."""
    from cryptography.hazmat.primitives import hmac

    head, body, signature = token.split(".")
    mac = hmac.HMAC(RESULT_KEY.encode(), hashes.SHA256())
    mac.update(f"{head}.{body}".encode())
    mac.verify(decode(signature))
    assert json.loads(decode(head)) == {"alg": "HS256", "typ": "JWT"}
    claims: dict[str, Any] = json.loads(decode(body))
    if "sealed" in claims:
        claims["sealed"] = open_sealed(
            claims["sealed"], RESULT_KEY, "auth0-phone/result/v1", "phone-sealed+jwe"
        )
    return claims


def changed(text: str, place: float, other: list[str]) -> str:
    """The text with the character at a place, a share of its length, replaced by a different one."""
    at = int(place * len(text))
    return text[:at] + next(character for character in other if character != text[at]) + text[at + 1 :]


def derive(key: str, info: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, None, info.encode()).derive(key.encode())


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
