"""The pages people see: server-rendered, autoescaped, working without JavaScript."""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

_TEMPLATES = Path(__file__).parent / "templates"
_SUBMIT = "document.forms[0].submit();"


def render(template: str, values: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """A page of `templates/`; every value is escaped."""
    environment, style = _environment()
    html = environment.get_template(template).render(style=Markup(style), submit=Markup(_SUBMIT), **values)  # noqa: S704 - both are our own constants
    return HTMLResponse(html, status, _headers(style))


@cache
def _environment() -> tuple[Environment, str]:
    loader = FileSystemLoader(_TEMPLATES)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment, (_TEMPLATES / "style.css").read_text()


@cache
def _headers(style: str) -> dict[str, str]:
    # No form-action: Chromium applies it to every redirect that follows a form, the application's too.
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(_SUBMIT)}; img-src data:; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
