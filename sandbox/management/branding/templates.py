"""/branding/phone/templates: the words of the tenant's messages, one template for each type.

Recorded: shapes and `syntax` added to the content. Documented: statuses. Not documented: whether a template
that isn't valid Liquid is refused; here it is.
"""

from ... import liquid
from ...errors import Auth0Error, conflict, invalid_body, not_found
from ...phone import deliver
from ...phone import templates as phone
from ...store import Doc
from .. import paging
from ..documents import find
from ..routing import Answer, Call, Operation
from . import schema
from .providers import trial

KIND = phone.KIND


def missing() -> Auth0Error:
    return not_found("Phone template does not exist")


def list_templates(call: Call) -> Answer:
    wanted = paging.flag(call, "disabled")
    found = [doc for doc in call.sandbox.store.all(KIND) if wanted in (None, doc["disabled"])]
    return Answer({"templates": found})


def get_template(call: Call) -> Answer:
    return Answer(find(call, KIND, missing()))


def create_template(call: Call) -> Answer:
    message_type = call.body.get("type", "otp_verify")
    if call.sandbox.store.where(KIND, "type", message_type):
        raise conflict("Phone template already configured for tenant")
    now = call.sandbox.clock.iso()
    template: Doc = {
        "id": call.sandbox.ids.prefixed("tem", 22),
        "tenant": call.sandbox.addresses.tenant_name,
        "channel": "phone",
        "type": message_type,
        "disabled": call.body.get("disabled", False),
        "created_at": now,
        "updated_at": now,
        "content": {"syntax": "liquid", **call.body.get("content", {})},
    }
    return Answer(_kept(call, template), 201)


def update_template(call: Call) -> Answer:
    """The members sent replace; of the content, `from` and each of the body's words on its own."""
    template = find(call, KIND, missing())
    content = {**template["content"], **call.body.get("content", {})}
    content["body"] = {**template["content"].get("body", {}), **content.get("body", {})}
    changes = {"content": content, "disabled": call.body.get("disabled", template["disabled"])}
    return Answer(_kept(call, template | changes | {"updated_at": call.sandbox.clock.iso()}))


def delete_template(call: Call) -> Answer:
    template = find(call, KIND, missing())
    call.sandbox.store.delete(KIND, template["id"])
    return Answer(status=204)


def reset_template(call: Call) -> Answer:
    template = find(call, KIND, missing())
    content = phone.default_content(template["type"])
    return Answer(_kept(call, {**template, "content": content, "updated_at": call.sandbox.clock.iso()}))


async def try_template(call: Call) -> Answer:
    """Send a test message in the template's words, if there is a provider to send it."""
    template = find(call, KIND, missing())
    await deliver(call.sandbox, trial(call, template["type"]))
    return Answer({"message": "The phone testing notification for the template was sent"}, 202)


def _kept(call: Call, template: Doc) -> Doc:
    for name, words in template["content"].get("body", {}).items():
        try:
            liquid.check(words)
        except liquid.TemplateError as error:
            raise invalid_body(
                f"Payload validation error: '{error}' on property content.body.{name}."
            ) from error
    call.sandbox.store.put(KIND, template["id"], template)
    return template


_PATH = "/branding/phone/templates"
OPERATIONS = (
    Operation("GET", _PATH, list_templates, ("read:phone_templates",)),
    Operation("POST", _PATH, create_template, ("create:phone_templates",), schema.CREATE_TEMPLATE),
    Operation("GET", f"{_PATH}/{{id}}", get_template, ("read:phone_templates",)),
    Operation(
        "PATCH", f"{_PATH}/{{id}}", update_template, ("update:phone_templates",), schema.UPDATE_TEMPLATE
    ),
    Operation("DELETE", f"{_PATH}/{{id}}", delete_template, ("delete:phone_templates",)),
    Operation("PATCH", f"{_PATH}/{{id}}/reset", reset_template, ("update:phone_templates",)),
    Operation("POST", f"{_PATH}/{{id}}/try", try_template, ("create:phone_templates",), schema.TRY),
)
