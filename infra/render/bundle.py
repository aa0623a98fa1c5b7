"""A stage's settings as the text that is deployed: the Action's code and the form's constants."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from phonenumbers import country_code_for_region

from .. import contract
from ..errors import RenderError
from ..settings import Settings
from .environment import render_template
from .javascript import literal

ACTION = "actions/phone-verification.js"
FORM_STAGE = "form/stage.json"
# Auth0 refuses more than 100 kB of code: auth0.com/docs/customize/actions/limitations
ACTION_LIMIT = 100_000
# Twilio keeps a verification for ten minutes: twilio.com/docs/verify/api/verification
CODE_SECONDS = 600
_CONTRACT_PARTS = (
    "request",
    "result",
    "secrets",
    "userMetadata",
    "appMetadata",
    "claims",
    "denyCodes",
)


def render(settings: Settings) -> dict[str, str]:
    """Everything rendered for a stage, path to text, the same for the same settings. Raises RenderError."""
    return {
        ACTION: _bounded(render_template("phone_verification.js.j2", {"stage": action_constants(settings)})),
        FORM_STAGE: form_constants(settings),
    }


def form_digest(rendered: Mapping[str, str]) -> str:
    """What the form is deployed with, `sha256:<hex>`: changes when anything rendered for the form changes."""
    summed = hashlib.sha256()
    for path in sorted(path for path in rendered if path.startswith("form/")):
        summed.update(f"{path}\0{len(rendered[path].encode())}\0{rendered[path]}".encode())
    return f"sha256:{summed.hexdigest()}"


def _bounded(code: str) -> str:
    size = len(code.encode())
    if size > ACTION_LIMIT:
        raise RenderError(
            f"the Action's code has {size} bytes; Auth0 takes {ACTION_LIMIT}: shorten the stage's lists"
        )
    return code


def action_constants(settings: Settings) -> dict[str, Any]:
    """The one constant in the Action's code."""
    agreed = contract.load()
    verification = settings.verification
    starts = verification.starts_at
    return {
        "contract": {part: agreed[part] for part in _CONTRACT_PARTS},
        "formUrl": settings.public_base_url + agreed["paths"]["start"],
        "loginHosts": settings.auth0.login_hosts,
        "flow": verification.flow,
        "enforcement": verification.enforcement,
        "scope": {
            "applications": verification.applications,
            "connections": verification.connections,
            "organizations": verification.organizations,
            "percentage": verification.percentage,
            "startsAt": starts.isoformat().replace("+00:00", "Z") if starts else None,
        },
        "allowWithoutRedirect": verification.allow_without_redirect,
        "trustedConnections": verification.trusted_connections,
        "smsConnection": verification.sms_connection,
        "twilioVerifyUrl": settings.twilio.verify_url,
        "channel": settings.phone.channel,
        "dialPrefixes": sorted({f"+{country_code_for_region(name)}" for name in settings.phone.countries}),
        "resendSeconds": settings.phone.resend_seconds,
        "codeSeconds": CODE_SECONDS,
        "claimNamespace": settings.claim_namespace,
    }


def form_constants(settings: Settings) -> str:
    """What the form knows of its stage, as JSON."""
    consent, brand = settings.consent, settings.brand
    constants = {
        "stage": settings.stage,
        "flow": settings.verification.flow,
        "contract": contract.digest(),
        "publicBaseUrl": settings.public_base_url,
        "loginHosts": settings.auth0.login_hosts,
        "twilioVerifyUrl": settings.twilio.verify_url,
        "channel": settings.phone.channel,
        "countries": settings.phone.countries,
        "codeLength": settings.phone.code_length,
        "resendSeconds": settings.phone.resend_seconds,
        "consent": {
            "mode": consent.mode,
            "text": consent.text,
            "version": consent.version,
            "termsUrl": consent.terms_url,
            "privacyUrl": consent.privacy_url,
        },
        "brand": {"name": brand.name, "color": brand.color},
    }
    # Through literal(), so that a secret or a type without a JSON form is refused here too.
    return (
        json.dumps(json.loads(literal(constants, "form")), indent=2, sort_keys=True, ensure_ascii=False)
        + "\n"
    )
