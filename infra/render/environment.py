"""One strict template environment: undefined names are errors, and a template prints literals only."""

import re

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from jinja2.ext import Extension

from ..contract import ACTION_SOURCES
from ..errors import RenderError
from .javascript import Literal, literal

_FOR_READERS = re.compile(r"^[ \t]*//#.*\n", re.MULTILINE)


class _DeployedSmall(Extension):
    """Leaves out the comment lines that begin with //#: they are for the template's readers."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return _FOR_READERS.sub("", source)


def _js(value: object) -> Literal:
    _defined(value)
    return literal(value)


def _only_literals(value: object) -> Literal:
    if isinstance(value, Literal):
        return value
    _defined(value)
    raise RenderError(f"a template prints a {type(value).__name__} without the js filter")


def _defined(value: object) -> None:
    # An undefined name explains itself, by raising, when it is turned into text.
    if isinstance(value, StrictUndefined):
        str(value)


def render_template(name: str, context: dict[str, object]) -> str:
    """The template `name` of action_src/ with `context`. Raises RenderError."""
    environment = Environment(
        loader=FileSystemLoader(ACTION_SOURCES),
        extensions=[_DeployedSmall],
        undefined=StrictUndefined,
        autoescape=True,
        finalize=_only_literals,
        keep_trailing_newline=True,
    )
    environment.filters["js"] = _js
    try:
        return environment.get_template(name).render(context)
    except TemplateError as error:
        raise RenderError(f"{name}: {error}") from error
