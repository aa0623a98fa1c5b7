"""The token that a tenant's SMS connection or phone provider sends to the gateway (docs/protocol.md)."""

import base64
import secrets
import time
from typing import cast

from joserfc import jwt
from joserfc.jwk import OctKey

from infra import contract
from infra.secret import Secret
from infra.settings import Settings

_LIFETIME_SECONDS = 60


def gateway_token(settings: Settings) -> str:
    """A token such as the stage's own tenant makes; good for a minute."""
    sms, now = settings.sms, int(time.time())
    claims = {
        "sub": sms.subject,
        "aud": sms.audience,
        "iat": now,
        "exp": now + _LIFETIME_SECONDS,
        "jti": secrets.token_urlsafe(16),
    }
    algorithm = contract.load()["gateway"]["algorithm"]
    header = {"alg": algorithm, "typ": "JWT"}
    return jwt.encode(header, claims, OctKey.import_key(_key(settings)), algorithms=[algorithm])


def _key(settings: Settings) -> bytes:
    # A stage whose gateway has no secret did not become settings.
    text = cast(Secret, settings.secrets.sms_gateway_secret).reveal()
    match settings.sms.secret_encoding:
        case "base64":
            return base64.b64decode(text)
        case _:
            return text.encode()
