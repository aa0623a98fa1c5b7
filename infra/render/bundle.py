"""A stage's settings as deployed text: the Actions' code, the form's and the gateway's constants."""

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
PROVIDER_ACTION = "actions/phone-provider.js"
FORM_STAGE = "form/stage.json"
GATEWAY_STAGE = "gateway/stage.json"
# Auth0 refuses more than 100 kB of code: auth0.com/docs/customize/actions/limitations
ACTION_LIMIT = 100_000
# Twilio keeps a verification for ten minutes: twilio.com/docs/verify/api/verification
CODE_SECONDS = 600
# The gateway takes the same message again for this long without a second SMS. What a phone provider couldn't
# hand over, Auth0 repeats "in the next minutes":
# auth0.com/docs/actions/reference/custom-phone-provider/custom-phone-provider-api-object
REPLAY_SECONDS = {"gateway": 60, "provider": 600}
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
    files = {
        ACTION: _code("phone_verification.js.j2", action_constants(settings)),
        FORM_STAGE: form_constants(settings),
    }
    if settings.sms.mode != "off":
        files[GATEWAY_STAGE] = gateway_constants(settings)
    if settings.sms.mode == "provider":
        files[PROVIDER_ACTION] = _code("phone_provider.js.j2", provider_constants(settings))
    return files


def form_digest(rendered: Mapping[str, str]) -> str:
    """What the form is deployed with, `sha256:<hex>` of its stage.json: what its `/healthz` says."""
    return _digest(rendered[FORM_STAGE])


def gateway_digest(rendered: Mapping[str, str]) -> str:
    """The same of the gateway, which says it at its `/readyz`."""
    return _digest(rendered[GATEWAY_STAGE])


def _digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _code(template: str, stage: Mapping[str, Any]) -> str:
    """An Action's code. Raises RenderError when it is more than Auth0 takes."""
    code = render_template(template, {"stage": stage})
    size = len(code.encode())
    if size > ACTION_LIMIT:
        raise RenderError(
            f"an Action's code has {size} bytes; Auth0 takes {ACTION_LIMIT}: shorten the stage's lists"
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
        "smsConnection": settings.sms.connection_name,
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
    return _json(constants, "form")


def gateway_constants(settings: Settings) -> str:
    """What the gateway knows of its stage, as JSON."""
    sms = settings.sms
    constants = {
        "stage": settings.stage,
        "contract": contract.digest(),
        "publicBaseUrl": settings.public_base_url,
        "audience": sms.audience,
        "subject": sms.subject,
        "secretEncoding": sms.secret_encoding,
        "countries": sms.countries,
        "senders": [sms.sender] if sms.sender else [],
        "carriers": sms.carriers,
        "carriersByCountry": sms.carriers_by_country,
        "carrierUrls": sms.carrier_urls,
        "delivery": sms.delivery,
        "patterns": sms.patterns,
        "codeLength": sms.code_length,
        "limits": sms.limits,
        "replaySeconds": REPLAY_SECONDS[sms.mode],
    }
    return _json(constants, "gateway")


def provider_constants(settings: Settings) -> dict[str, Any]:
    """The one constant in the phone provider's Action."""
    agreed, sms = contract.load(), settings.sms
    return {
        "gatewayUrl": sms.gateway_url,
        "algorithm": agreed["gateway"]["algorithm"],
        "secret": agreed["gatewayEnvironment"]["secret"],
        "secretEncoding": sms.secret_encoding,
        "subject": sms.subject,
        "audience": sms.audience,
        "from": sms.sender,
        "forwardRequestInfo": sms.forward_request_info,
        "northAmerica": any(country_code_for_region(name) == 1 for name in sms.countries),
    }


def _json(constants: Mapping[str, Any], name: str) -> str:
    # Through literal(), so that a secret or a type without a JSON form is refused here too.
    return (
        json.dumps(json.loads(literal(constants, name)), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    )
