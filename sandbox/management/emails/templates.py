"""/email-templates: the words of a tenant's e-mails, one template for each kind.

Recorded: shapes, and that a PATCH merges. Documented: statuses; a template that nobody made isn't there
(github.com/auth0/terraform-provider-auth0/issues/438). No template is ever removed: clients disable it. Not
documented: the words and codes of the refusals, and what a PUT to a missing one does (here it makes it).
"""

from ...errors import Auth0Error, conflict, not_found
from ...store import Doc
from ..documents import find, without_nulls
from ..prompts.names import known
from ..routing import Answer, Call, Operation
from .schema import CREATE_TEMPLATE, PUT_TEMPLATE, TEMPLATES, UPDATE_TEMPLATE

KIND = "email_templates"
_PATH = "/email-templates"
_READ, _CREATE, _UPDATE = (f"{verb}:email_templates" for verb in ("read", "create", "update"))


def missing() -> Auth0Error:
    return not_found("The template does not exist.", "inexistent_email_template")


def get_template(call: Call) -> Answer:
    _name(call)
    return Answer(find(call, KIND, missing()))


def create_template(call: Call) -> Answer:
    if call.sandbox.store.get(KIND, call.body["template"]) is not None:
        raise conflict("The template already exists.", "email_template_conflict")
    return Answer(_kept(call, _whole(call.body)), 201)


def put_template(call: Call) -> Answer:
    return Answer(_kept(call, _whole({**call.body, "template": _name(call)})))


def update_template(call: Call) -> Answer:
    """Members replace members; a null stays, as an empty text does."""
    _name(call)
    current = find(call, KIND, missing())
    return Answer(_kept(call, {**current, **call.body, "template": current["template"]}))


def _name(call: Call) -> str:
    return known(call.params["id"], TEMPLATES, "templateName", "Template name")


def _whole(body: Doc) -> Doc:
    return {"syntax": "liquid", "includeEmailInRedirect": False, "enabled": False, **without_nulls(body)}


def _kept(call: Call, template: Doc) -> Doc:
    call.sandbox.store.put(KIND, template["template"], template)
    return template


OPERATIONS = (
    Operation("POST", _PATH, create_template, (_CREATE,), CREATE_TEMPLATE),
    Operation("GET", f"{_PATH}/{{id}}", get_template, (_READ,)),
    Operation("PUT", f"{_PATH}/{{id}}", put_template, (_UPDATE,), PUT_TEMPLATE),
    Operation("PATCH", f"{_PATH}/{{id}}", update_template, (_UPDATE,), UPDATE_TEMPLATE),
)
