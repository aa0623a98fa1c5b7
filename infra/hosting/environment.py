"""The host's environment by the contract's names. Pure."""

from collections.abc import Mapping

from .. import contract
from ..render import FORM_STAGE, GATEWAY_STAGE
from ..secret import Secret
from ..settings import Settings

# Where the rendered stage files lie beside `asgi.py`, which is where the service is started.
RENDERED = "rendered"
# Vercel sets it over whatever a visitor sends: vercel.com/docs/headers/request-headers
_VERCEL_ADDRESS = "x-vercel-forwarded-for"


def host_environment(settings: Settings) -> dict[str, Secret | str]:
    """What form and gateway are started with, by name: secrets as such, everything else as text.

    What the stage doesn't hold is left out, never empty: a host that isn't ours may have Twilio's account
    from elsewhere.
    """
    held = settings.secrets
    names = contract.load()["environment"]
    told: dict[str, Secret | str | None] = {
        names["requestKey"]: held.request_key,
        names["requestKeyPrevious"]: held.request_key_previous,
        names["resultKey"]: held.result_key,
        names["stageFile"]: f"{RENDERED}/{FORM_STAGE}",
        **_twilio(settings, names),
        **_gateway(settings),
        **_on_vercel(settings, names),
        **held.environment,
    }
    return {name: value for name, value in told.items() if value is not None}


def environment_names(settings: Settings) -> list[str]:
    """The names alone, in alphabetical order."""
    return sorted(host_environment(settings))


def _twilio(settings: Settings, names: Mapping[str, str]) -> dict[str, Secret | str | None]:
    """For the form, or for a gateway that delivers through Twilio."""
    held, sms = settings.secrets, settings.sms
    carriers = {*sms.carriers, *(name for some in sms.carriers_by_country.values() for name in some)}
    sends = settings.verification.flow == "form"
    account = sends or (sms.mode != "off" and "twilio" in carriers)
    return {
        names["twilioApiKey"]: held.twilio_api_key if account else None,
        names["twilioApiSecret"]: held.twilio_api_secret if account else None,
        names["twilioVerifyService"]: held.twilio_verify_service if sends else None,
    }


def _gateway(settings: Settings) -> dict[str, Secret | str | None]:
    if settings.sms.mode == "off":
        return {}
    names = contract.load()["gatewayEnvironment"]
    return {
        names["secret"]: settings.secrets.sms_gateway_secret,
        names["secretPrevious"]: settings.secrets.sms_gateway_secret_previous,
        names["stageFile"]: f"{RENDERED}/{GATEWAY_STAGE}",
    }


def _on_vercel(settings: Settings, names: Mapping[str, str]) -> dict[str, Secret | str | None]:
    """What that platform's way of running things decides; any other host's owner knows it better."""
    if settings.hosting.kind != "vercel":
        return {}
    alone = settings.hosting.is_on_loopback and names["redisUrl"] not in settings.secrets.environment
    return {
        names["clientAddressHeader"]: _VERCEL_ADDRESS,
        names["singleProcess"]: "1" if alone else None,
    }
