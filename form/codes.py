"""What counts as a code."""

import re

SEPARATORS = re.compile(r"[ \-]+")


def clean_code(text: str, length: int) -> str | None:
    """The code in ASCII digits, or None. People paste `123 456` and `123-456`; other scripts' digits and
    signs are refused, not converted: what Twilio compares is what the person typed."""
    if len(text) > 64:
        return None
    digits = SEPARATORS.sub("", text)
    return digits if re.fullmatch(rf"[0-9]{{{length}}}", digits) else None
