"""/branding/templates/universal-login: the page around every login prompt.

Recorded: the statuses of PUT (201 and an empty object for the first, 204 after that), GET and DELETE. Public
reports: the words of both refusals (github.com/auth0/terraform-provider-auth0/issues/770) and the largest
template, 102,400 characters (community.auth0.com/t/99188). Documented: that a tenant needs a custom domain
first, though not how Auth0 says so; here it says what it says of partials.
"""

import re

from ...errors import invalid_body, not_found, refusal
from ..custom_domains.documents import require_one
from ..routing import Answer, Call, Operation
from ..schema import anything
from ..singleton import KIND

KEY = "page_template"
LONGEST = 102_400
_PATH = "/branding/templates/universal-login"
_HEAD = re.compile(r"\{%-?\s*auth0:head\s*-?%\}")
_WIDGET = re.compile(r"\{%-?\s*auth0:widget\s*-?%\}")


def get_template(call: Call) -> Answer:
    stored = call.sandbox.store.get(KIND, KEY)
    if stored is None:
        raise not_found("Template does not exist.", "inexistent_templates_universal_login")
    return Answer(stored)


def put_template(call: Call) -> Answer:
    """The body is the template itself as a JSON string, or an object that holds it."""
    template = _template(call.body)
    require_one(call.sandbox)
    if len(_HEAD.findall(template)) != 1 or not _WIDGET.search(template):
        raise refusal(
            400,
            "The template must contain a single auth0:head tag and at least one auth0:widget tag.",
            "invalid_body",
        )
    is_first = call.sandbox.store.get(KIND, KEY) is None
    call.sandbox.store.put(KIND, KEY, {"body": template})
    return Answer({}, 201) if is_first else Answer(status=204)


def delete_template(call: Call) -> Answer:
    call.sandbox.store.delete(KIND, KEY)
    return Answer(status=204)


def _template(body: object) -> str:
    template = body.get("template") if isinstance(body, dict) and set(body) == {"template"} else body
    if not isinstance(template, str) or not 1 <= len(template) <= LONGEST:
        raise invalid_body("Payload validation error: 'Data does not match any schemas from 'oneOf''.")
    return template


OPERATIONS = (
    Operation("GET", _PATH, get_template, ("read:branding",)),
    Operation("PUT", _PATH, put_template, ("update:branding",), anything()),
    Operation("DELETE", _PATH, delete_template, ("delete:branding",)),
)
