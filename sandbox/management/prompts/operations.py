"""Everything below /prompts."""

from ..routing import Operation
from . import custom_text, partials, rendering, settings

OPERATIONS: tuple[Operation, ...] = (
    *settings.OPERATIONS,
    *rendering.OPERATIONS,
    *partials.OPERATIONS,
    *custom_text.OPERATIONS,
)
