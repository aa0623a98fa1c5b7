"""The body of a theme. Source: auth0.com/docs/api/management/v2/branding, and recorded requests.

Every part and every member of a part has to be sent; `displayName`, `identifiers` and a few later additions
may be left out.
"""

from collections.abc import Iterable

from ..schema import Schema, flag, number, record, text

COLOR = r"^#(([0-9a-fA-F]{3}){1,2}|([0-9a-fA-F]{4}){1,2})$"
_SHAPES = ("pill", "rounded", "sharp")
_SIDES = ("center", "left", "right")
_URL = text(0, 2048, pattern=r"^$|^https?://")
_WRITINGS = ("body_text", "buttons_text", "input_labels", "links", "subtitle", "title")
_COLORS = (
    "body_text",
    "error",
    "header",
    "icons",
    "input_background",
    "input_border",
    "input_filled_text",
    "input_labels_placeholders",
    "links_focused_components",
    "primary_button",
    "primary_button_label",
    "secondary_button_border",
    "secondary_button_label",
    "success",
    "widget_background",
    "widget_border",
)
_LATER_COLORS = ("base_focus_color", "base_hover_color", "read_only_background")


def _part(properties: dict[str, Schema], optional: Iterable[str] = ()) -> Schema:
    left_out = set(optional)
    return record(properties, [name for name in properties if name not in left_out])


_BORDERS = _part(
    {
        "button_border_radius": number(1, 10),
        "button_border_weight": number(0, 10),
        "buttons_style": text(choices=_SHAPES),
        "input_border_radius": number(0, 10),
        "input_border_weight": number(0, 3),
        "inputs_style": text(choices=_SHAPES),
        "show_widget_shadow": flag(),
        "widget_border_weight": number(0, 10),
        "widget_corner_radius": number(0, 50),
    }
)
_PAINTS = _part(
    {
        **dict.fromkeys((*_COLORS, *_LATER_COLORS), text(pattern=COLOR)),
        "captcha_widget_theme": text(choices=("auto", "dark", "light")),
    },
    optional=(*_LATER_COLORS, "captcha_widget_theme"),
)
_FONTS = _part(
    {
        **dict.fromkeys(_WRITINGS, _part({"bold": flag(), "size": number(0, 150)})),
        "font_url": _URL,
        "links_style": text(choices=("normal", "underlined")),
        "reference_text_size": number(12, 24),
    }
)
_BACKGROUND = _part(
    {
        "background_color": text(pattern=COLOR),
        "background_image_url": _URL,
        "page_layout": text(choices=_SIDES),
    }
)
_WIDGET = _part(
    {
        "header_text_alignment": text(choices=_SIDES),
        "logo_height": number(1, 100),
        "logo_position": text(choices=(*_SIDES, "none")),
        "logo_url": _URL,
        "social_buttons_layout": text(choices=("bottom", "top")),
    }
)
_IDENTIFIERS = _part(
    {
        "login_display": text(choices=("separate", "unified")),
        "otp_autocomplete": flag(),
        "phone_display": _part(
            {
                "formatting": text(choices=("international", "regional")),
                "masking": text(choices=("hide_country_code", "mask_digits", "show_all")),
            }
        ),
    }
)
THEME = _part(
    {
        "borders": _BORDERS,
        "colors": _PAINTS,
        "displayName": text(0, 2048, pattern="^[^<>]*$"),
        "fonts": _FONTS,
        "identifiers": _IDENTIFIERS,
        "page_background": _BACKGROUND,
        "widget": _WIDGET,
    },
    optional=("displayName", "identifiers"),
)
