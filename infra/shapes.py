"""What a message can look like: the shapes of a template and of a pattern, and whether they can meet. Pure.

A shape is a sequence of literal text, CODE (the one-time password) and TEXT (anything, or nothing). Templates
are Auth0's: auth0.com/docs/authenticate/passwordless/authentication-methods/use-sms-gateway-passwordless .
"""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from enum import Enum


class Hole(Enum):
    """What a shape leaves open."""

    CODE = "{code}"
    TEXT = "{text}"


Shape = tuple[str | Hole, ...]

_LIQUID = re.compile(r"(\{\{.*?\}\}|\{%.*?%\})", re.DOTALL)
_MACRO = re.compile(r"@@([\w.]+)@@")
_PATTERN = re.compile(r"(\{code\}|\{text\})")
_CODE_NAMES = frozenset({"code", "password"})
# A template with more branches than this is no message that anybody reviews.
_MOST_SHAPES = 64
# As the gateway reads a pattern (gateway/texts.py).
_MOST_TEXTS = 3
_LONGEST_TEXT = 60


def of_template(template: str, syntax: str) -> list[Shape]:
    """Every shape that a template can take, one for each way through its branches. Raises ValueError."""
    if syntax == "liquid":
        return _Liquid(template).shapes()
    parts = _MACRO.split(template)
    return [tuple(_hole(part) if place % 2 else part for place, part in enumerate(parts) if part)]


def of_pattern(pattern: str) -> Shape:
    """The shape of a pattern: literal text with {code} and {text}. Raises ValueError."""
    parts = [part for part in _PATTERN.split(pattern) if part]
    shape = tuple(Hole(part) if _PATTERN.fullmatch(part) else part for part in parts)
    literals = [part for part in shape if isinstance(part, str)]
    if any(brace in part for part in literals for brace in "{}"):
        raise ValueError("has a brace that belongs neither to {code} nor to {text}")
    if shape.count(Hole.TEXT) > _MOST_TEXTS:
        raise ValueError(f"has {{text}} more than {_MOST_TEXTS} times")
    if Hole.CODE not in shape and not "".join(literals).strip():
        raise ValueError("fits every message; leave sms.patterns empty if that is meant")
    return shape


def variables(template: str) -> set[str]:
    """The names that a Liquid template prints or compares."""
    inside = " ".join(part for part in _LIQUID.findall(template))
    return set(re.findall(r"[A-Za-z_][\w.]*", re.sub(r"'[^']*'|\"[^\"]*\"", "", inside)))


def as_liquid(template: str, syntax: str) -> str:
    """The template in Liquid, whatever it is written in."""
    if syntax == "liquid":
        return template
    return _MACRO.sub(lambda macro: "{{ " + macro[1].replace("password", "code") + " }}", template)


def can_meet(template: Shape, pattern: Shape, code_length: int) -> bool:
    """Whether some message of the template's shape has the pattern's: what the gateway lets pass.

    What a template fills in may be anything; the pattern's {text} is short and makes no link.
    """
    units, against = _units(template, code_length), _units(pattern, code_length)
    # Where in the pattern a message may be, and how much the {text} there has taken.
    places = _past_text({(0, 0)}, against)
    for position, unit in enumerate(units):
        if unit is Hole.TEXT:
            first = min((place for place, _ in places), default=len(against) + 1)
            places |= {(place, 0) for place in range(first + 1, len(against) + 1)}
        else:
            following = units[position + 1] if position + 1 < len(units) else None
            places = {place for each in places for place in _taking(unit, following, each, against)}
        places = _past_text(places, against)
    return any(place == len(against) for place, _ in places)


def fixed(shape: Shape, code_length: int) -> str:
    """The text of a shape when nothing but its code is filled in."""
    parts = (part if isinstance(part, str) else "0" * code_length for part in shape if part is not Hole.TEXT)
    return "".join(parts)


def _taking(
    unit: str | Hole, following: str | Hole | None, place: tuple[int, int], against: Sequence[str | Hole]
) -> Iterator[tuple[int, int]]:
    """Where one character of a message leads from a place in the pattern."""
    at, taken = place
    if at == len(against):
        return
    if against[at] is Hole.TEXT:
        if taken < _LONGEST_TEXT and _harmless(unit, following):
            yield at, taken + 1
    elif _agree(unit, against[at]):
        yield at + 1, 0


def _past_text(places: set[tuple[int, int]], against: Sequence[str | Hole]) -> set[tuple[int, int]]:
    """The places, and those behind each {text} that may end here."""
    reached, new = set(places), places
    while new := {(at + 1, 0) for at, _ in new if at < len(against) and against[at] is Hole.TEXT} - reached:
        reached |= new
    return reached


def _harmless(unit: str | Hole, following: str | Hole | None) -> bool:
    """Whether the gateway lets {text} hold it: nothing that a telephone would make a link of."""
    if unit == ".":
        return not isinstance(following, str) or following.isspace()
    return not isinstance(unit, str) or not (unit in "/:@\\" or unit < " " or unit == "\x7f")


def _units(shape: Shape, code_length: int) -> list[str | Hole]:
    """Single characters, a CODE for each digit of the code, and TEXT."""
    units: list[str | Hole] = []
    for part in shape:
        units += part if isinstance(part, str) else [part] * (code_length if part is Hole.CODE else 1)
    return units


def _agree(one: str | Hole, other: str | Hole) -> bool:
    digits = [unit for unit in (one, other) if isinstance(unit, str)]
    return one == other or (len(digits) == 1 and digits[0] in "0123456789")


def _hole(name: str) -> Hole:
    return Hole.CODE if name in _CODE_NAMES else Hole.TEXT


class _Liquid:
    """As much of Liquid as a message needs: output, if, unless, case, assign and comment."""

    def __init__(self, template: str) -> None:
        self._left = deque(_trimmed(_LIQUID.split(template)))

    def shapes(self) -> list[Shape]:
        found, _ = self._sequence(())
        return found

    def _sequence(self, ends: Sequence[str]) -> tuple[list[Shape], str]:
        """The shapes up to one of the tags in `ends`, and that tag."""
        shapes: list[Shape] = [()]
        while self._left:
            part = self._left.popleft()
            if part.startswith("{%"):
                word = (part[2:-2].strip("- \t\r\n").split() or [""])[0]
                if word in ends:
                    return shapes, word
                shapes = _joined(shapes, self._tag(word))
            elif part.startswith("{{"):
                name = re.split(r"[|\s]", part[2:-2].strip("- \t\r\n"), maxsplit=1)[0]
                shapes = _joined(shapes, [(_hole(name),)])
            else:
                shapes = _joined(shapes, [(part,)])
        if ends:
            raise ValueError(f"lacks {{% {ends[-1]} %}}")
        return shapes, ""

    def _tag(self, word: str) -> list[Shape]:
        match word:
            case "assign":
                return [()]
            case "comment":
                self._sequence(("endcomment",))
                return [()]
            case "if" | "unless":
                return self._branches(("elsif", "else", f"end{word}"))
            case "case":
                _, word = self._sequence(("when", "endcase"))
                return self._branches(("when", "else", "endcase")) if word == "when" else [()]
            case _:
                raise ValueError(
                    f"has the tag {{% {word} %}}; a message knows if, unless, case, assign and comment"
                )

    def _branches(self, ends: Sequence[str]) -> list[Shape]:
        shapes: list[Shape] = []
        otherwise = False
        word = ""
        while word != ends[-1]:
            otherwise = otherwise or word == "else"
            branch, word = self._sequence(ends)
            shapes += branch
        return shapes if otherwise else [*shapes, ()]


def _joined(shapes: list[Shape], more: list[Shape]) -> list[Shape]:
    joined = [(*shape, *addition) for shape in shapes for addition in more]
    if len(joined) > _MOST_SHAPES:
        raise ValueError(f"has more than {_MOST_SHAPES} ways through its branches")
    return joined


def _trimmed(parts: list[str]) -> Iterator[str]:
    """The parts, white space taken off where a tag's dash asks for it. Raises ValueError for half a tag."""
    for place, part in enumerate(parts):
        if place % 2:
            yield part
            continue
        if any(mark in part for mark in ("{{", "}}", "{%", "%}")):
            raise ValueError("has a tag that is not closed, or not opened")
        if place and parts[place - 1][-3] == "-":
            part = part.lstrip()
        if place + 1 < len(parts) and parts[place + 1][2] == "-":
            part = part.rstrip()
        if part:
            yield part
