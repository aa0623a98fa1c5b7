"""/branding: the colours, logo and font of a tenant's pages.

Recorded: shapes, and that a PATCH replaces the members it sends. Provider's schema: that null removes. A new
tenant has none of them.
"""

from ..routing import Operation
from ..schema import Schema, anything, nullable, record, text
from ..singleton import Singleton
from .theme_schema import COLOR

_URL = r"^$|^https://"


def _url(about: str) -> Schema:
    return nullable(text(0, 2048, pattern=_URL, about=about))


BRANDING = Singleton(
    path="/branding",
    key="branding",
    scope="branding",
    update=record(
        {
            "colors": nullable(
                record(
                    {
                        "primary": nullable(text(pattern=COLOR, about="Accent color")),
                        # A colour, or an object that describes a gradient.
                        "page_background": anything(),
                    },
                    about="Custom color settings",
                )
            ),
            "favicon_url": _url("URL for the favicon. Must use HTTPS."),
            "logo_url": _url("URL for the logo. Must use HTTPS."),
            "font": nullable(record({"url": _url("URL for the custom font.")}, about="Custom font settings")),
        }
    ),
    default=dict,
    merged=("colors",),
)
OPERATIONS: tuple[Operation, ...] = BRANDING.operations()
