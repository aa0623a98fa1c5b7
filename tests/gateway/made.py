"""Stages, environments, tokens and orders as the deployment and Auth0 make them, without the room's code."""

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = ROOT / "action_src" / "contract.json"

SECRET = "g" * 21 + "ateway-secret-of-the-tests-0001"
OLD_SECRET = "g" * 21 + "ateway-secret-of-the-tests-0000"
METRICS_TOKEN = "metrics-token-of-the-tests"
AUDIENCE = "https://phone.example.com/sms"
SUBJECT = "auth0-phone/sms"
MOBILE = "+14155550123"
OTHER_MOBILE = "+12025550177"
BRITISH = "+447700900123"
TEXT = "Your code is 482913"
ADDRESS = "93.184.216.34"
CARRIER_KEYS = {
    "CLICKATELL_API_KEY": "clickatell-canary-key",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_API_KEY": "SK" + "1" * 32,
    "TWILIO_API_SECRET": "twilio-canary-secret-0001",
    "SMS_WEBHOOK_SECRET": "webhook-canary-secret-of-the-tests-01",
}
LIMITS = {
    "number": "3/10minute;5/hour;10/day",
    "prefix": "100/hour",
    "country": "1000/hour",
    "address": "20/hour",
    "total": "10000/hour",
}


def stage(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "stage": "test",
        "contract": "sha256:" + hashlib.sha256(CONTRACT.read_bytes()).hexdigest(),
        "publicBaseUrl": "https://phone.example.com",
        "audience": AUDIENCE,
        "subject": SUBJECT,
        "secretEncoding": "text",
        "countries": ["GB", "US"],
        "senders": [],
        "carriers": ["clickatell", "webhook"],
        "carriersByCountry": {},
        "carrierUrls": {"webhook": "https://hook.example.com/sms"},
        "delivery": "at-least-once",
        "patterns": [],
        "codeLength": 6,
        "limits": LIMITS,
        "replaySeconds": 60,
    }
    limits = {**base["limits"], **changes.pop("limits", {})}
    return {**base, "limits": limits, **changes}


def environment(stage_file: Path, **changes: str) -> dict[str, str]:
    base = {
        "SMS_STAGE_FILE": str(stage_file),
        "SMS_GATEWAY_SECRET": SECRET,
        "METRICS_TOKEN": METRICS_TOKEN,
        "SINGLE_PROCESS": "1",
    }
    return {**base, **CARRIER_KEYS, **changes}


def encode(part: object) -> str:
    content = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def claims(**changes: Any) -> dict[str, Any]:
    """What Auth0 promises, with changes; a claim that is None is left out."""
    found = {"sub": SUBJECT, "aud": AUDIENCE, **changes}
    return {name: value for name, value in found.items() if value is not None}


def token(
    key: str | bytes = SECRET, header: dict[str, Any] | None = None, hash_name: str = "sha256", **changes: Any
) -> str:
    """A JWT signed by hand, so that no library keeps a test from making a bad one."""
    signed = f"{encode(header or {'alg': 'HS256', 'typ': 'JWT'})}.{encode(claims(**changes))}"
    secret = key.encode() if isinstance(key, str) else key
    return f"{signed}.{encode(hmac.new(secret, signed.encode(), hash_name).digest())}"


def fresh(**changes: Any) -> str:
    """A token with all the claims that a careful sender adds."""
    now = int(time.time())
    return token(**{"iat": now, "exp": now + 60, "jti": f"j{time.monotonic_ns()}", **changes})


def order(**changes: Any) -> dict[str, Any]:
    found = {"recipient": MOBILE, "body": TEXT, "sender": "", **changes}
    return {name: value for name, value in found.items() if value is not None}
