"""Liquid, the template language of the tenant's messages (https://shopify.github.io/liquid)."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from liquid import Environment


class TemplateError(ValueError):
    """A template that can't be rendered; the text says what is wrong with it."""


def render(template: str, values: Mapping[str, Any]) -> str:
    """The template with these values; names it doesn't know are empty, as in Liquid everywhere."""
    from liquid.exceptions import LiquidError

    try:
        return _environment().from_string(template).render(**values)
    except LiquidError as error:
        raise TemplateError(str(error)) from error


def check(template: str) -> None:
    """Raise TemplateError unless the template is well-formed."""
    from liquid.exceptions import LiquidError

    try:
        _environment().from_string(template)
    except LiquidError as error:
        raise TemplateError(str(error)) from error


@cache
def _environment() -> "Environment":
    # Imported late: it takes a sixth of a second, and a login with a password needs none of it.
    from liquid import Environment

    class Limited(Environment):
        """Templates come from whoever configures the tenant: none may keep the process busy."""

        loop_iteration_limit = 1000
        output_stream_limit = 100_000
        context_depth_limit = 10

    return Limited()
