"""Bodies of /custom-domains. Source: auth0.com/docs/api/management/v2, and recorded requests."""

from ..schema import nullable, record, text

TYPES = ("auth0_managed_certs", "self_managed_certs")
_HEADERS = ("true-client-ip", "cf-connecting-ip", "x-forwarded-for", "x-azure-clientip", "")

# A label of letters, digits and hyphens, and at least one dot.
_DOMAIN = text(3, 255, pattern=r"^(?!-)[A-Za-z0-9-]{1,63}(\.(?!-)[A-Za-z0-9-]{1,63})+$", about="Domain name.")
_CHANGEABLE = {
    "tls_policy": text(choices=("recommended", "compatible")),
    "custom_client_ip_header": nullable(
        text(choices=_HEADERS, about="The HTTP header to fetch the client's IP address")
    ),
    "domain_metadata": nullable(record(about="Domain metadata associated with the custom domain")),
    "relying_party_identifier": nullable(
        text(0, 255, about="Relying Party ID (rpId) to be used for Passkeys")
    ),
}
CREATE = record(
    {
        "domain": _DOMAIN,
        "type": text(choices=TYPES, about="Custom domain provisioning type."),
        "verification_method": text(choices=("txt", "cname")),
        **_CHANGEABLE,
    },
    ("domain", "type"),
)
UPDATE = record(_CHANGEABLE)
DEFAULT = record({"domain": text(1, 255)}, ("domain",))
