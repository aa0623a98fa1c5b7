"""/branding/phone/providers: the one provider that sends a tenant's messages.

Recorded: shapes, that credentials are never answered, and a change from twilio to custom in a tenant whose
Actions are not in the recording, for which reason a change needs none here. Documented: most statuses, and
the odd error code of making a custom provider without a deployed Action, though not its status and words
(auth0.com/docs/customize/phone-messages/configure-phone-messaging-providers/configure-a-custom-phone-provider).
"""

from typing import Any

from ...errors import Auth0Error, conflict, not_found, refusal
from ...login.incoming import Incoming
from ...phone import Notification, deliver
from ...phone import provider as phone
from ...store import Doc
from .. import paging
from ..documents import find, public
from ..routing import Answer, Call, Operation
from ..schema import record, validate
from . import schema

KIND = phone.KIND
_CUSTOM = "custom"


def missing() -> Auth0Error:
    return not_found("Phone provider has not been configured.")


def list_providers(call: Call) -> Answer:
    wanted = paging.flag(call, "disabled")
    found = [doc for doc in call.sandbox.store.all(KIND) if wanted in (None, doc["disabled"])]
    return Answer({"providers": [public(doc) for doc in found]})


def get_provider(call: Call) -> Answer:
    return Answer(public(find(call, KIND, missing())))


def create_provider(call: Call) -> Answer:
    if call.sandbox.store.all(KIND):
        raise conflict("Phone provider has already been configured.")
    now = call.sandbox.clock.iso()
    provider: Doc = {
        "id": call.sandbox.ids.prefixed("pro", 22),
        "tenant": call.sandbox.addresses.tenant_name,
        "name": call.body["name"],
        "channel": "phone",
        "disabled": call.body.get("disabled", False),
        "configuration": call.body.get("configuration", {}),
        "created_at": now,
        "updated_at": now,
        "_credentials": call.body["credentials"],
    }
    if provider["name"] == _CUSTOM:
        _check_action(call)
    return Answer(public(_kept(call, provider)), 201)


def update_provider(call: Call) -> Answer:
    provider = find(call, KIND, missing())
    changes = {name: call.body[name] for name in ("name", "disabled", "configuration") if name in call.body}
    provider |= changes | {"updated_at": call.sandbox.clock.iso()}
    if "credentials" in call.body:
        provider["_credentials"] = call.body["credentials"]
    return Answer(public(_kept(call, provider)))


def delete_provider(call: Call) -> Answer:
    provider = find(call, KIND, missing())
    call.sandbox.store.delete(KIND, provider["id"])
    return Answer(status=204)


async def try_provider(call: Call) -> Answer:
    """Send a test message through the provider; what becomes of it is in the tenant's log alone."""
    provider = find(call, KIND, missing())
    if provider["name"] == _CUSTOM:
        _check_action(call)
    await deliver(call.sandbox, trial(call, "otp_verify"))
    return Answer({"code": 202, "message": "Phone notification sent."}, 202)


def trial(call: Call, message_type: Any) -> Notification:
    """A test message of this type to the number the body names."""
    return Notification(
        recipient=call.body["to"],
        client={"client_id": "", "name": call.sandbox.addresses.tenant_name},
        incoming=Incoming("POST", call.sandbox.addresses.auth0, "127.0.0.1", "", ""),
        code=None if message_type == "blocked_account" else call.sandbox.ids.digits(6),
        message_type=message_type,
        delivery_method=call.body.get("delivery_method", "text"),
        locale="en",
    )


def _kept(call: Call, provider: Doc) -> Doc:
    """Check the provider as a whole, and store it."""
    name = provider["name"]
    parts = {"configuration": schema.CONFIGURATION[name], "credentials": schema.CREDENTIALS[name]}
    whole = {"configuration": provider["configuration"], "credentials": provider["_credentials"]}
    validate(whole, record(parts))
    configuration = provider["configuration"]
    if name != _CUSTOM and not (configuration.get("default_from") or configuration.get("mssid")):
        # The words are recorded: github.com/auth0/terraform-provider-auth0
        raise refusal(400, "Bad Operation on Notification Resource")
    call.sandbox.store.put(KIND, provider["id"], provider)
    return provider


def _check_action(call: Call) -> None:
    if phone.deployed_action(call.sandbox) is None:
        # Auth0 says "email" here too.
        code = "custom_email_provider_deployed_action_not_found"
        raise refusal(400, "A custom phone provider needs a deployed Action.", code)


_PATH = "/branding/phone/providers"
OPERATIONS = (
    Operation("GET", _PATH, list_providers, ("read:phone_providers",)),
    Operation("POST", _PATH, create_provider, ("create:phone_providers",), schema.CREATE_PROVIDER),
    Operation("GET", f"{_PATH}/{{id}}", get_provider, ("read:phone_providers",)),
    Operation(
        "PATCH", f"{_PATH}/{{id}}", update_provider, ("update:phone_providers",), schema.UPDATE_PROVIDER
    ),
    Operation("DELETE", f"{_PATH}/{{id}}", delete_provider, ("delete:phone_providers",)),
    Operation("POST", f"{_PATH}/{{id}}/try", try_provider, ("create:phone_providers",), schema.TRY),
)
