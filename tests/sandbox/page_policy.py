"""What a page's Content-Security-Policy must allow: its own inline texts, by their digests."""

import base64
import hashlib
import re

import requests


def assert_allows_inline(response: requests.Response, *tags: str) -> None:
    """Each of these elements stands in the page once, and the policy names its digest."""
    policy = response.headers["content-security-policy"]
    for tag in tags:
        (inline,) = re.findall(rf"<{tag}>(.*?)</{tag}>", response.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
