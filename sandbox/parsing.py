"""JSON as a JavaScript server reads it: no NaN, and no half characters that can't be written again.

There is one kind of number: 86400.0 is 86400, and one too large for a double is written again as null.
"""

import json
import math
import re
from decimal import Decimal
from typing import Any, NoReturn

# One half of a character beyond U+FFFF (RFC 8259 §8.2); most that match are whole pairs.
_HALVES = re.compile(r"\\ud[89a-f]", re.IGNORECASE)
# From here on a JavaScript server writes 1e+21.
_FIRST_WITH_EXPONENT = 1e21
# A double holds every whole number of so many digits.
_EXACT_DIGITS = 15


def parsed(raw: bytes) -> Any:
    """The value of a body in UTF-8; ValueError when it isn't JSON or is nested without end.

    Half a character becomes U+FFFD, as it does wherever text is encoded."""
    try:
        text = raw.decode()
        value = json.loads(text, parse_constant=_refuse, parse_float=_number, parse_int=_whole)
        if _HALVES.search(text) is None:
            return value
        whole = json.dumps(value, ensure_ascii=False).encode("utf-16-le", "surrogatepass")
        return json.loads(whole.decode("utf-16-le", "replace"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _number(text: str) -> int | float | None:
    value = float(text)
    if math.isinf(value):
        return None
    # The shortest digits that mean this double, as JavaScript writes them.
    return int(Decimal(repr(value))) if value.is_integer() and abs(value) < _FIRST_WITH_EXPONENT else value


def _whole(text: str) -> int | float | None:
    return int(text) if len(text) <= _EXACT_DIGITS else _number(text)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
