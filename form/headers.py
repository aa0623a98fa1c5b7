"""Security headers of every answer, and the Content-Security-Policy of each kind of page."""

import base64
import hashlib
from collections.abc import Sequence

# COOP is `unsafe-none` on purpose. Tried in Chromium: after a page with `same-origin` or
# `same-origin-allow-popups` in the redirect chain, an application that logs in with a popup sees its popup
# as closed and never hears the answer. What COOP would add is small here: no framing, no foreign scripts.
HEADERS: dict[str, str] = {
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow",
    "cross-origin-opener-policy": "unsafe-none",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": ", ".join(
        f"{feature}=()"
        for feature in (
            "accelerometer",
            "camera",
            "display-capture",
            "geolocation",
            "gyroscope",
            "magnetometer",
            "microphone",
            "midi",
            "payment",
            "publickey-credentials-get",
            "screen-wake-lock",
            "usb",
        )
    ),
}

NOTHING_ALLOWED = "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
CSP = "content-security-policy"


def csp(styles: Sequence[str], scripts: Sequence[str] = (), leaves: bool = False) -> str:
    """A policy that runs exactly these inline styles and scripts.

    A page that leaves for the login has no `form-action`: Chromium applies it to the whole chain of
    redirects after a form, and the last of them goes to an application, maybe to a native one's scheme.
    """
    parts = [NOTHING_ALLOWED]
    parts += [f"style-src {_hashes(styles)}"] if styles else []
    parts += [f"script-src {_hashes(scripts)}"] if scripts else []
    parts += [] if leaves else ["form-action 'self'"]
    return "; ".join(parts)


def _hashes(inline: Sequence[str]) -> str:
    digests = (hashlib.sha256(text.encode()).digest() for text in inline)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
