"""What may be sent: how long a text is on the air, and which shapes a stage allows.

Segments: 3GPP TS 23.038 (GSM 7-bit default alphabet and its extension; UCS-2) and 23.040 (concatenation).
"""

import re
from collections.abc import Sequence

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
# What no message needs: controls but tab and line ends, and halves of characters.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
MOST_TEXTS = 3  # {text} in one pattern: each multiplies the ways in which a text may match
# A name or two, and nothing that a telephone would make a link of.
TEXT = r"(?:[^\x00-\x1f\x7f/:@.\\]|\.(?=\s|$)){0,60}"
PLACE = re.compile(r"\{([^{}]*)\}")


def segments(text: str) -> int:
    """How many SMS the text takes."""
    if GSM.issuperset(text):
        length, single, part = len(text), 160, 153
    elif all(character in GSM or character in GSM_EXTENSION for character in text):
        length = sum(2 if character in GSM_EXTENSION else 1 for character in text)
        single, part = 160, 153
    else:
        length, single, part = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if length <= single else -(-length // part)


def compile_pattern(pattern: str, code_length: int) -> re.Pattern[str]:
    """A message's shape as an expression: {code} is the code's digits, {text} up to 60 characters without
    a link; the rest stands for itself. ValueError says what is wrong with it."""
    pieces = PLACE.split(pattern)
    places = {"code": f"[0-9]{{{code_length}}}", "text": TEXT}
    unknown = sorted(set(pieces[1::2]) - set(places))
    if unknown:
        raise ValueError(f"knows {{code}} and {{text}}, not {{{unknown[0]}}}")
    if pieces[1::2].count("text") > MOST_TEXTS:
        raise ValueError(f"may have {{text}} {MOST_TEXTS} times at most")
    parts = [places[piece] if at % 2 else re.escape(piece) for at, piece in enumerate(pieces)]
    return re.compile("".join(parts))


class Texts:
    """Judges texts for one stage: at most so many segments, and one of the shapes if there are any."""

    def __init__(self, patterns: Sequence[re.Pattern[str]], most_segments: int) -> None:
        self._patterns = patterns
        self._most_segments = most_segments

    def fault(self, text: str) -> str | None:
        """Why the text can't be sent, in a word for the log; None when it can."""
        if not text.strip():
            return "empty"
        if CONTROL.search(text):
            return "control"
        if segments(text) > self._most_segments:
            return "long"
        if self._patterns and not any(pattern.fullmatch(text) for pattern in self._patterns):
            return "pattern"
        return None
