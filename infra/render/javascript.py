"""Values as JavaScript literals: the only way from a stage into an Action's code."""

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from ..errors import RenderError
from ..secret import Secret

_DEPTH = 20
# JSON is JavaScript; what remains is text that a page or an old parser would read as something else.
_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


class Literal(Markup):
    """Text made by `literal`; anything else that a template prints is refused."""


def literal(value: object, name: str = "value") -> Literal:
    """`value` as JSON that is also a JavaScript literal: ASCII, keys sorted, one a line for a readable diff.

    Raises RenderError, naming the place, for a secret or anything that is not JSON.
    """
    text = json.dumps(
        _checked(value, name, _DEPTH),
        sort_keys=True,
        ensure_ascii=True,
        allow_nan=False,
        indent=0,
        separators=(",", ":"),
    )
    return Literal(text.translate(_ESCAPES))


def _checked(value: Any, place: str, depth: int) -> Any:
    if isinstance(value, Secret):
        raise RenderError(f"{place} is a secret; secrets travel as Action secrets, never in code")
    if depth == 0:
        raise RenderError(f"{place} is nested too deeply")
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise RenderError(f"{place} has the key {key!r}, which is not text")
        return {key: _checked(inner, f"{place}.{key}", depth - 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_checked(inner, f"{place}[{index}]", depth - 1) for index, inner in enumerate(value)]
    if value is None or type(value) in (str, bool, int):
        return value
    if type(value) is float and value == value and abs(value) != float("inf"):
        return value
    raise RenderError(f"{place} is a {type(value).__name__}, which JSON cannot carry")
