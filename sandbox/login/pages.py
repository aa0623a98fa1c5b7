"""The pages people see at the tenant: they work without JavaScript."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from starlette.responses import HTMLResponse

from ..pages import HEADERS, Pages


def render(name: str, values: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """The page `name` of `templates/`; every value is escaped."""
    return _pages().render(name, status, **values)


@cache
def _pages() -> Pages:
    # No form-action: Chromium applies it to every redirect that follows a form, the application's too.
    return Pages(Path(__file__).parent / "templates", HEADERS)
