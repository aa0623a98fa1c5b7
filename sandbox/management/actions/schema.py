"""Bodies of /actions. Limits: https://auth0.com/docs/customize/actions/limitations and
https://auth0.com/docs/troubleshoot/customer-support/operational-policies/entity-limit-policy."""

from ..schema import array, flag, nullable, number, record, text
from .triggers import RUNTIMES, TRIGGERS

CODE_BYTES = 100_000
SECRETS = 30
SECRET_VALUE = 4096
DEPENDENCIES = 10
MODULES = 3

_MODULE = record(
    {
        "module_id": text(1),
        "module_version_id": text(1),
        "module_name": text(),
        "module_version_number": number(),
    },
    required=("module_id", "module_version_id"),
)

_CHANGEABLE = {
    "name": text(1, 255, about="The name of an action."),
    "supported_triggers": array(
        record({"id": text(choices=TRIGGERS), "version": text(1)}, required=("id",), open_ended=True), 1, 1
    ),
    "code": text(),
    "dependencies": array(
        record({"name": text(1), "version": text(1), "registry_url": nullable(text())}, open_ended=True),
        0,
        DEPENDENCIES,
    ),
    "runtime": text(choices=RUNTIMES),
    "secrets": array(
        record({"name": text(1, 128), "value": nullable(text(0, SECRET_VALUE))}, ("name",), open_ended=True),
        0,
        SECRETS,
    ),
    "modules": array(_MODULE, 0, MODULES),
}
CREATE = record({**_CHANGEABLE, "deploy": flag()}, required=("name", "supported_triggers"))
UPDATE = record(_CHANGEABLE)

BINDINGS = record(
    {
        "bindings": array(
            record(
                {
                    "ref": record(
                        {
                            "type": text(choices=("binding_id", "action_id", "action_name")),
                            "value": text(1),
                        },
                        required=("type", "value"),
                    ),
                    "display_name": text(1, 255),
                    "secrets": array(record()),
                },
                required=("ref",),
            ),
            0,
            20,
        )
    },
    required=("bindings",),
)
