"""Why a recording doesn't match from its first request to its last: one reason for each that misses."""

_TENANT = "the recorded tenant's own name and region stand in a value that the server makes: {}"
_OTHERS = (
    "the list holds the recorded tenant's other databases, whose options nobody here knows; "
    "the recording's own connection is right"
)

EXPLAINED: dict[str, str] = {
    "TestAccConnectionAzureAD": _TENANT.format("`app_domain`"),
    "TestAccConnectionOptionsAttrEmail": _OTHERS,
    "TestAccConnectionOptionsAttrPhoneNumber": _OTHERS,
    "TestAccConnectionOptionsAttrUserName": _OTHERS,
    "TestAccCustomDomain": "the recorded tenant had other domains, so that its new one is not primary",
    "TestAccCustomDomainDefault": "the recorded tenant had a verified domain of that name already",
    "TestAccDataPromptScreenPartials": _TENANT.format("the record to set at the DNS"),
    "TestAccDataSourceBranding": _TENANT.format("the record to set at the DNS")
    + "; an older recording writes the method in small letters",
    "TestAccDataSourceConnection": "the tool breaks off where a recorded list is empty and ours is not",
    "TestAccDataSourceCustomDomain": _TENANT.format("the record to set at the DNS"),
    "TestAccDataSourcePages": "the recorded tenant's global client is older than `oidc_conformant`",
    "TestAccEmailTemplate": "the recorded tenant had the template already",
    "TestAccLogStreamEventGrid": _TENANT.format("`azurePartnerTopic`"),
    "TestAccOrganization": "an older recording: a connection's DELETE answers 204, in all others 202",
    "TestAccPromptPartials": _TENANT.format("the record to set at the DNS"),
    "TestAccPromptScreenPartials": _TENANT.format("the record to set at the DNS"),
}
