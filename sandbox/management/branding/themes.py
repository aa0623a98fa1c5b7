"""/branding/themes: the look of the login pages' widget.

Recorded: shapes, statuses, the answer where there is no theme, and that a PATCH replaces what it sends. A
tenant has one theme. Not documented: the words that refuse a second one.
"""

from ...errors import Auth0Error, conflict, not_found
from ...store import Doc
from ..documents import find, patched
from ..routing import Answer, Call, Operation
from .theme_schema import THEME

KIND = "themes"
_PATH = "/branding/themes"
_READ, _DELETE = ("read:branding",), ("delete:branding",)


def missing() -> Auth0Error:
    return not_found("There was an error retrieving branding settings: invalid theme ID", "theme_not_found")


def get_default(call: Call) -> Answer:
    for theme in call.sandbox.store.all(KIND):
        return Answer(theme)
    raise missing()


def get_theme(call: Call) -> Answer:
    return Answer(find(call, KIND, missing()))


def create_theme(call: Call) -> Answer:
    if call.sandbox.store.all(KIND):
        raise conflict("There was an error creating the theme: theme already exists", "theme_conflict")
    return Answer(_kept(call, {**call.body, "themeId": call.sandbox.ids.alphanumeric(32)}))


def update_theme(call: Call) -> Answer:
    return Answer(_kept(call, patched(find(call, KIND, missing()), call.body)))


def delete_theme(call: Call) -> Answer:
    theme = find(call, KIND, missing())
    call.sandbox.store.delete(KIND, theme["themeId"])
    return Answer(status=204)


def _kept(call: Call, theme: Doc) -> Doc:
    call.sandbox.store.put(KIND, theme["themeId"], theme)
    return theme


OPERATIONS = (
    Operation("GET", f"{_PATH}/default", get_default, _READ),
    Operation("GET", f"{_PATH}/{{id}}", get_theme, _READ),
    Operation("POST", _PATH, create_theme, ("create:branding",), THEME),
    Operation("PATCH", f"{_PATH}/{{id}}", update_theme, ("update:branding",), THEME),
    Operation("DELETE", f"{_PATH}/{{id}}", delete_theme, _DELETE),
)
