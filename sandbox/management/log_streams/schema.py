"""Bodies of /log-streams, which differ by the stream's type.

Sources: recorded answers (datadog, eventgrid, segment, sumo); for the other types the members that the
provider and the SDKs send, auth0.com/docs/api/management/v2/log-streams/post-log-streams.
"""

from ..schema import Schema, array, flag, nullable, record, text

_FILTERS = (
    "auth.login.fail", "auth.login.notification", "auth.login.success", "auth.logout.fail",
    "auth.logout.success", "auth.signup.fail", "auth.signup.success", "auth.silent_auth.fail",
    "auth.silent_auth.success", "auth.token_exchange.fail", "auth.token_exchange.success", "management.fail",
    "management.success", "scim.event", "system.notification", "user.fail", "user.notification",
    "user.success", "actions", "other",
)  # fmt: skip
_PII_FIELDS = ("first_name", "last_name", "username", "email", "phone", "address")
_GRID_REGIONS = (
    "australiacentral", "australiaeast", "australiasoutheast", "brazilsouth", "canadacentral", "canadaeast",
    "centralindia", "centralus", "eastasia", "eastus", "eastus2", "francecentral", "germanywestcentral",
    "japaneast", "japanwest", "koreacentral", "koreasouth", "northcentralus", "northeurope", "norwayeast",
    "southafricanorth", "southcentralus", "southeastasia", "southindia", "swedencentral", "switzerlandnorth",
    "uaenorth", "uksouth", "ukwest", "westcentralus", "westeurope", "westindia", "westus", "westus2",
)  # fmt: skip
# AWS adds regions; the shape is what can be told wrong for certain.
AWS_REGION = text(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")
AWS_ACCOUNT = text(pattern=r"^\d{12}$")

_HEADER = record({"header": text(1), "value": text()}, ("header", "value"))


def _strings(*names: str) -> dict[str, Schema]:
    return {name: text(1) for name in names}


SINKS: dict[str, Schema] = {
    "http": record(
        {
            "httpEndpoint": text(1),
            "httpAuthorization": nullable(text()),
            "httpContentFormat": text(choices=("JSONARRAY", "JSONLINES", "JSONOBJECT")),
            "httpContentType": text(),
            "httpCustomHeaders": array(_HEADER),
        },
        ("httpEndpoint",),
    ),
    "eventbridge": record(
        {"awsAccountId": AWS_ACCOUNT, "awsRegion": AWS_REGION, "awsPartnerEventSource": text()},
        ("awsAccountId", "awsRegion"),
    ),
    "eventgrid": record(
        {
            **_strings("azureSubscriptionId", "azureResourceGroup"),
            "azureRegion": text(choices=_GRID_REGIONS),
            "azurePartnerTopic": text(),
        },
        ("azureSubscriptionId", "azureRegion", "azureResourceGroup"),
    ),
    "datadog": record(
        {"datadogApiKey": text(1), "datadogRegion": text(choices=("us", "eu", "us3", "us5"))},
        ("datadogApiKey", "datadogRegion"),
    ),
    "splunk": record(
        {**_strings("splunkDomain", "splunkPort", "splunkToken"), "splunkSecure": flag()},
        ("splunkDomain", "splunkPort", "splunkToken", "splunkSecure"),
    ),
    "sumo": record(_strings("sumoSourceAddress"), ("sumoSourceAddress",)),
    "segment": record(_strings("segmentWriteKey"), ("segmentWriteKey",)),
    "mixpanel": record(
        {
            **_strings(
                "mixpanelProjectId", "mixpanelServiceAccountUsername", "mixpanelServiceAccountPassword"
            ),
            "mixpanelRegion": text(choices=("us", "eu")),
        },
        ("mixpanelRegion", "mixpanelProjectId", "mixpanelServiceAccountUsername"),
    ),
}
# What a sink can't be changed to once the partner's side of it exists.
FIXED = ("eventbridge", "eventgrid")

_COMMON: dict[str, Schema] = {
    "name": text(1, about="log stream name"),
    "isPriority": nullable(flag()),
    "filters": nullable(
        array(record({"type": text(choices=("category",)), "name": text(choices=_FILTERS)}, ("type", "name")))
    ),
    "pii_config": nullable(
        record(
            {
                "log_fields": array(text(choices=_PII_FIELDS), unique=True),
                "method": text(choices=("mask", "hash")),
                "algorithm": text(choices=("xxhash",)),
            },
            ("log_fields",),
        )
    ),
}


def creation(sink: Schema) -> Schema:
    """The body of a POST, with the schema of its type's sink."""
    members = {**_COMMON, "type": text(choices=SINKS), "sink": sink, "startFrom": text()}
    return record(members, ("type", "sink"))


CREATE = creation(record())
UPDATE = record({**_COMMON, "status": text(choices=("active", "paused", "suspended")), "sink": record()})
