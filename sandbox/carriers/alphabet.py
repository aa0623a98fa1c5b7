"""The default alphabet of SMS, and what becomes of a text that was not declared as anything else.

Source: 3GPP TS 23.038, 6.2.1.
"""

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = "\f^{}\\[~]|€"
_KNOWN = frozenset(_BASIC + _EXTENSION)


def as_plain(text: str) -> str:
    """The text as a phone shows it when sent in the default alphabet: what isn't in it is a question mark."""
    return "".join(letter if letter in _KNOWN else "?" for letter in text)
