"""Server-rendered pages: a template, its inline style and script, and a policy that allows exactly those."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

# No Strict-Transport-Security: browsers keep it per name, whatever the port, and laptops share these names.
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# For what no other site opens or embeds: the handset and the demo app, not the tenant's pages.
PRIVATE = HEADERS | {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Pages:
    """The templates of one folder, with its `style.css` and, when there is one, `script.js` inline."""

    def __init__(
        self,
        folder: Path,
        headers: Mapping[str, str],
        *,
        directives: Iterable[str] = (),
        permissions: Iterable[str] = (),
        framed: bool = False,
    ) -> None:
        """Read the folder's style and script.

        `directives` go into the Content-Security-Policy, which else allows the inline texts and nothing
        more; `permissions` are browser features (Permissions-Policy) the pages use themselves; `framed`
        pages may be shown inside those of other sites.
        """
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        style = (folder / "style.css").read_text("utf-8")
        script_file = folder / "script.js"
        script = script_file.read_text("utf-8") if script_file.exists() else ""
        # Both files are ours and hold nothing of a request, so they go into the page as they are.
        self._environment.globals.update(style=Markup(style), script=Markup(script))  # noqa: S704
        self._headers = {
            **headers,
            "Content-Security-Policy": _policy(style, script, framed, directives),
            "Permissions-Policy": ", ".join(
                ["camera=()", "geolocation=()", "microphone=()", *(f"{name}=(self)" for name in permissions)]
            ),
        }

    def render(self, name: str, status: int = 200, /, **values: Any) -> HTMLResponse:
        """The template `name` (without .html), values escaped; one it names and isn't given is an error."""
        text = self._environment.get_template(f"{name}.html").render(values)
        return HTMLResponse(text, status, headers=self._headers)


def _policy(style: str, script: str, framed: bool, directives: Iterable[str]) -> str:
    allowed = ["default-src 'none'", f"style-src {_hash(style)}", "img-src data:"]
    if script:
        allowed.append(f"script-src {_hash(script)}")
    if not framed:
        allowed.append("frame-ancestors 'none'")
    return "; ".join([*allowed, "base-uri 'none'", *directives])


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"
