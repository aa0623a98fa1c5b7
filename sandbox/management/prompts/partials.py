"""/prompts/{prompt}/partials: what a tenant adds to its login and sign-up pages.

Recorded: a PUT replaces all of a prompt's partials and is answered with them; a prompt without any is {}.
Documented: the prompts, and the places where content goes. Nothing is added without a custom domain
(auth0.com/docs/customize/login-pages/universal-login/customize-signup-and-login-prompts).
"""

from ...store import Doc
from ..custom_domains.documents import require_one
from ..routing import Answer, Call, Operation
from ..schema import record, text, validate
from .names import SCREENS, WITH_PARTIALS, known

KIND = "partials"
_PATH = "/prompts/{prompt}/partials"
_PLACES = (
    "form-content",
    "form-content-start",
    "form-content-end",
    "form-footer-start",
    "form-footer-end",
    "secondary-actions-start",
    "secondary-actions-end",
)
_SCREEN = record(dict.fromkeys(_PLACES, text(0, 10_000)))


def get_partials(call: Call) -> Answer:
    return Answer(call.sandbox.store.get(KIND, _prompt(call)) or {})


def put_partials(call: Call) -> Answer:
    """The empty ones go: `{}` takes all away, a screen's `{}` that screen's."""
    prompt, body = _prompt(call), call.body
    validate(body, record(dict.fromkeys(SCREENS[prompt], _SCREEN)))
    if body:
        require_one(call.sandbox)
    partials: Doc = {screen: places for screen, places in body.items() if places}
    call.sandbox.store.put(KIND, prompt, partials)
    return Answer(partials)


def _prompt(call: Call) -> str:
    return known(call.params["prompt"], WITH_PARTIALS, "prompt", "Name of the prompt")


OPERATIONS = (
    Operation("GET", _PATH, get_partials, ("read:prompts",)),
    Operation("PUT", _PATH, put_partials, ("update:prompts",), record()),
)
