"""The carriers by name. A module is loaded when a stage names its carrier, not before."""

from importlib import import_module
from typing import Any

REGISTRY: dict[str, str] = {
    "clickatell": "clickatell:Clickatell",
    "twilio": "twilio:Twilio",
    "webhook": "webhook:Webhook",
    "log": "log:Log",
    "vonage": "vonage:Vonage",
    "infobip": "infobip:Infobip",
    "aws": "aws:Aws",
    "plivo": "plivo:Plivo",
    "telnyx": "telnyx:Telnyx",
    "sinch": "sinch:Sinch",
    "messagebird": "messagebird:MessageBird",
    "bird": "bird:Bird",
    "africastalking": "africastalking:AfricasTalking",
}


def carrier_class(name: str) -> Any:
    """The class of this name, a `Carrier` or a `Sending`. KeyError for an unknown name, ImportError when a
    package that the carrier needs isn't installed."""
    module, _, attribute = REGISTRY[name].partition(":")
    return getattr(import_module(f".{module}", __name__), attribute)
