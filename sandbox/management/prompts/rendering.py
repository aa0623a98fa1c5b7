"""Renderers: /prompts/{prompt}/screen/{screen}/rendering, and /prompts/rendering for several screens at once.

Recorded: a PATCH is answered with the members it sent and nothing else, a GET with the whole renderer and
`default_head_tags_disabled`. A null is kept: it is how filters are taken away. Documented: the bulk operation
and the list's filters (auth0.com/docs/api/management/v2/prompts). Not documented: what a screen nobody
configured answers (here the standard renderer), and whether the list has those too (here it hasn't).
"""

from ...errors import not_found
from ...store import Doc
from .. import paging
from ..documents import public
from ..routing import Answer, Call, Operation
from ..schema import Schema, anything, array, flag, nullable, record, text
from .names import ALL_SCREENS, PROMPTS, SCREENS, known

KIND = "renderers"
_ONE, _ALL = "/prompts/{prompt}/screen/{screen}/rendering", "/prompts/rendering"
_READ, _UPDATE = ("read:prompts",), ("update:prompts",)
_FILTER = array(anything(), 0, 25)
_MEMBERS: dict[str, Schema] = {
    "rendering_mode": text(choices=("standard", "advanced"), about="Rendering mode"),
    "context_configuration": nullable(array(text(), about="Context values to make available")),
    "default_head_tags_disabled": nullable(flag("Override Universal Login default head tags")),
    "use_page_template": nullable(flag("Use page template with ACUL")),
    "head_tags": nullable(array(record(), 0, 25, about="An array of head tags")),
    "filters": nullable(
        record(
            {
                "match_type": text(choices=("includes_any", "excludes_any"), about="Type of match to apply"),
                "clients": _FILTER,
                "organizations": _FILTER,
                "domains": _FILTER,
            },
            ("match_type",),
        )
    ),
}
_SCREEN = record(_MEMBERS)
_BULK = record(
    {
        "configs": array(
            record(
                {"prompt": text(choices=PROMPTS), "screen": text(choices=ALL_SCREENS), **_MEMBERS},
                ("prompt", "screen"),
            ),
            1,
            20,
            about="Array of screen configurations to update",
        )
    },
    ("configs",),
)


def get_rendering(call: Call) -> Answer:
    prompt, screen = _named(call)
    return Answer(_shown(call, _stored(call, prompt, screen)))


def update_rendering(call: Call) -> Answer:
    prompt, screen = _named(call)
    _change(call, prompt, screen, call.body)
    return Answer(call.body)


def list_rendering(call: Call) -> Answer:
    filters = [name for name in ("prompt", "screen", "rendering_mode") if name in call.query]
    found = [
        _shown(call, renderer)
        for renderer in call.sandbox.store.all(KIND)
        if all(renderer[name] == call.query[name] for name in filters)
    ]
    return paging.answer(call, "configs", [paging.selected(call, renderer) for renderer in found])


def update_all(call: Call) -> Answer:
    """All of them or none."""
    with call.sandbox.store.atomic():
        for config in call.body["configs"]:
            prompt, screen = config["prompt"], config["screen"]
            _check(prompt, screen)
            members = {name: value for name, value in config.items() if name in _MEMBERS}
            _change(call, prompt, screen, members)
    return Answer(call.body)


def _named(call: Call) -> tuple[str, str]:
    prompt = known(call.params["prompt"], PROMPTS, "prompt", "Name of the prompt")
    screen = known(call.params["screen"], ALL_SCREENS, "screen", "Name of the screen")
    _check(prompt, screen)
    return prompt, screen


def _check(prompt: str, screen: str) -> None:
    if screen not in SCREENS[prompt]:
        raise not_found(f"Screen {screen} does not exist in prompt {prompt}.")


def _stored(call: Call, prompt: str, screen: str) -> Doc:
    return call.sandbox.store.get(KIND, f"{prompt} {screen}") or {
        "prompt": prompt,
        "screen": screen,
        "rendering_mode": "standard",
        "context_configuration": [],
        "default_head_tags_disabled": False,
        "head_tags": [],
    }


def _shown(call: Call, renderer: Doc) -> Doc:
    return {"tenant": call.sandbox.addresses.tenant_name, **public(renderer)}


def _change(call: Call, prompt: str, screen: str, members: Doc) -> None:
    call.sandbox.store.put(KIND, f"{prompt} {screen}", {**_stored(call, prompt, screen), **members})


OPERATIONS = (
    Operation("GET", _ALL, list_rendering, _READ),
    Operation("PATCH", _ALL, update_all, _UPDATE, _BULK),
    Operation("GET", _ONE, get_rendering, _READ),
    Operation("PATCH", _ONE, update_rendering, _UPDATE, _SCREEN),
)
