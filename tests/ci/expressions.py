"""GitHub's expressions, as far as the workflows here use them.

docs.github.com/actions/reference/workflows-and-actions/expressions
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|\d+|\|\||&&|==|!=|[!().,\[\]]|[A-Za-z_][\w-]*)")
_HOLE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_STATUS = re.compile(r"\b(always|cancelled|failure|success)\s*\(")
Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Context:
    """What an expression can name, and call."""

    values: Mapping[str, Any]
    functions: Functions

    def evaluate(self, text: str) -> Any:
        """The value of an expression, written without its braces. A name of no context is an error."""
        parser = _Parser(list(_tokens(text)), self)
        value = parser.either()
        assert parser.done, f"cannot read all of {text!r}"
        return value

    def fill(self, value: Any) -> Any:
        """Text with its expressions replaced; a text that is one expression becomes its value."""
        if isinstance(value, Mapping):
            return {name: self.fill(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.fill(inner) for inner in value]
        if not isinstance(value, str):
            return value
        whole = _HOLE.fullmatch(value)
        if whole:
            return self.evaluate(whole.group(1))
        return _HOLE.sub(lambda hole: written(self.evaluate(hole.group(1))), value)

    def holds(self, condition: str | None) -> bool:
        """A step's or a job's `if`; without a status function in it, all before must have gone well."""
        if condition is None:
            return bool(self.functions["success"]())
        text = condition.strip()
        whole = _HOLE.fullmatch(text)
        met = truthy(self.evaluate(whole.group(1) if whole else text))
        return met and (bool(_STATUS.search(text)) or bool(self.functions["success"]()))


def written(value: Any) -> str:
    """A value in a text."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def truthy(value: Any) -> bool:
    return value not in (None, False, 0, "")


def _tokens(text: str) -> Iterator[str]:
    at = 0
    text = text.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        assert found, f"cannot read {text[at:]!r}"
        yield found.group(1)
        at = found.end()


class _Parser:
    """One function for each rank of GitHub's operators."""

    def __init__(self, tokens: list[str], context: Context) -> None:
        self._tokens = tokens
        self._context = context

    @property
    def done(self) -> bool:
        return not self._tokens

    def either(self) -> Any:
        value = self._both()
        while self._take("||"):
            other = self._both()
            value = value if truthy(value) else other
        return value

    def _both(self) -> Any:
        value = self._compared()
        while self._take("&&"):
            other = self._compared()
            value = other if truthy(value) else value
        return value

    def _compared(self) -> Any:
        value = self._negated()
        for sign in ("==", "!="):
            if self._take(sign):
                return _same(value, self._negated()) == (sign == "==")
        return value

    def _negated(self) -> Any:
        if self._take("!"):
            return not truthy(self._negated())
        return self._single()

    def _single(self) -> Any:
        token = self._tokens.pop(0)
        if token == "(":
            value = self.either()
            assert self._take(")")
            return value
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if token.isdigit():
            return int(token)
        if token in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[token]
        if self._take("("):
            return self._context.functions[token](*self._arguments())
        return self._member(self._context.values[token])

    def _arguments(self) -> Iterator[Any]:
        while not self._take(")"):
            yield self.either()
            self._take(",")

    def _member(self, value: Any) -> Any:
        while self._take("."):
            name = self._tokens.pop(0)
            # What nobody has set is empty, as on GitHub.
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    def _take(self, token: str) -> bool:
        if self._tokens and self._tokens[0] == token:
            self._tokens.pop(0)
            return True
        return False


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold()
    return bool((one or "") == (other or ""))
