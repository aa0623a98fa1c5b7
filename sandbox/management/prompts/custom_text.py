"""/prompts/{prompt}/custom-text/{language}: a tenant's own words on its pages, by screen.

Documented: a PUT replaces a language's texts of a prompt; the prompts, the languages. Provider's code: the
PUT is answered with what was sent, and texts nobody set are {}. Which words a screen has is not checked.
"""

from ..routing import Answer, Call, Operation
from ..schema import record
from .names import LANGUAGES, PROMPTS, known

KIND = "custom_texts"
_PATH = "/prompts/{prompt}/custom-text/{language}"


def get_text(call: Call) -> Answer:
    return Answer(call.sandbox.store.get(KIND, _key(call)) or {})


def put_text(call: Call) -> Answer:
    key = _key(call)
    call.sandbox.store.put(KIND, key, call.body)
    return Answer(call.body)


def _key(call: Call) -> str:
    prompt = known(call.params["prompt"], PROMPTS, "prompt", "Name of the prompt")
    language = known(call.params["language"], LANGUAGES, "language", "Language to retrieve texts for")
    return f"{prompt} {language}"


OPERATIONS = (
    Operation("GET", _PATH, get_text, ("read:prompts",)),
    Operation("PUT", _PATH, put_text, ("update:prompts",), record()),
)
