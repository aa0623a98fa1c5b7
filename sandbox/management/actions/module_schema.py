"""Bodies of /actions/modules. Limits: https://auth0.com/docs/customize/actions/limitations and
https://auth0.com/docs/troubleshoot/customer-support/operational-policies/entity-limit-policy."""

from ..schema import array, flag, nullable, record, text
from .schema import DEPENDENCIES, SECRET_VALUE, SECRETS

_CONTENT = {
    "code": text(),
    "secrets": array(
        record({"name": text(1, 128), "value": nullable(text(0, SECRET_VALUE))}, ("name",), open_ended=True),
        0,
        SECRETS,
    ),
    "dependencies": array(
        record({"name": text(1), "version": text(1)}, ("name", "version"), open_ended=True), 0, DEPENDENCIES
    ),
}
CREATE = record(
    {"name": text(1, 255), "api_version": text(), "publish": flag(), **_CONTENT}, required=("name", "code")
)
UPDATE = record(_CONTENT)
ROLLBACK = record({"module_version_id": text(1)}, required=("module_version_id",))
