"""Bodies of /emails/provider and /email-templates.

Source: auth0.com/docs/api/management/v2/emails, the provider's schema, and recorded requests.
"""

from ..schema import Schema, flag, integer, nullable, number, record, text

_KEY = text(1)
# What each provider is given; of these, SECRETS are never answered.
CREDENTIALS: dict[str, Schema] = {
    "mandrill": record({"api_key": _KEY}, ("api_key",)),
    "sendgrid": record({"api_key": _KEY}, ("api_key",)),
    "resend": record({"api_key": _KEY}, ("api_key",)),
    "sparkpost": record({"api_key": _KEY, "region": nullable(text(choices=("eu",)))}, ("api_key",)),
    "mailgun": record(
        {"api_key": _KEY, "domain": text(1), "region": nullable(text(choices=("eu",)))}, ("api_key", "domain")
    ),
    "ses": record(
        {"accessKeyId": text(1), "secretAccessKey": text(1), "region": text(1)},
        ("accessKeyId", "secretAccessKey", "region"),
    ),
    "smtp": record(
        {"smtp_host": text(1), "smtp_port": integer(1, 65_535), "smtp_user": text(), "smtp_pass": text()},
        ("smtp_host", "smtp_port"),
    ),
    "azure_cs": record({"connectionString": text(1)}, ("connectionString",)),
    "ms365": record(
        {"tenantId": text(1), "clientId": text(1), "clientSecret": text(1)},
        ("tenantId", "clientId", "clientSecret"),
    ),
    "custom": record({}),
}
SECRETS = ("api_key", "accessKeyId", "secretAccessKey", "smtp_pass", "connectionString", "clientSecret")

_PROVIDER = {
    "name": text(choices=CREDENTIALS, about="Name of the email provider."),
    "enabled": flag("Whether the provider is enabled (true) or disabled (false)."),
    "default_from_address": nullable(text(about="Email address to use as 'from'.")),
    "credentials": record(about="Credentials required to use the provider."),
    "settings": nullable(record(about="Specific provider setting.")),
}
CREATE_PROVIDER = record(_PROVIDER, ("name", "credentials"))
UPDATE_PROVIDER = record(_PROVIDER)

TEMPLATES = (
    "verify_email",
    "verify_email_by_code",
    "auth_email_by_code",
    "reset_email",
    "reset_email_by_code",
    "welcome_email",
    "blocked_account",
    "stolen_credentials",
    "enrollment_email",
    "mfa_oob_code",
    "user_invitation",
    "change_password",
    "password_reset",
    "async_approval",
)
_TEMPLATE = {
    "template": text(choices=TEMPLATES, about="Template name."),
    "body": nullable(text(about="Body of the email template.")),
    "from": nullable(text(about="Senders `from` email address.")),
    "resultUrl": nullable(text(about="URL to redirect the user to after a successful action.")),
    "subject": nullable(text(about="Subject line of the email.")),
    "syntax": nullable(text(about="Syntax of the template body.")),
    "urlLifetimeInSeconds": nullable(number(0, about="Lifetime in seconds that the link is valid for.")),
    "includeEmailInRedirect": flag(),
    "enabled": nullable(flag("Whether the template is enabled (true) or disabled (false).")),
}
CREATE_TEMPLATE = record(_TEMPLATE, ("template",))
PUT_TEMPLATE = CREATE_TEMPLATE
UPDATE_TEMPLATE = record(_TEMPLATE)
