"""The carriers that the gateway can deliver through, and the hosts that a stage may name for each."""

from collections.abc import Mapping
from typing import Literal

CarrierName = Literal[
    "clickatell",
    "twilio",
    "webhook",
    "log",
    "vonage",
    "infobip",
    "aws",
    "plivo",
    "telnyx",
    "sinch",
    "messagebird",
    "bird",
    "africastalking",
]

# A carrier's credentials are sent to its host, so outside a laptop only its own hosts and their children will
# do. The gateway's transports say the same; the webhook is the team's own, and the log has no address.
HOSTS: Mapping[CarrierName, tuple[str, ...]] = {
    "clickatell": ("platform.clickatell.com",),
    "twilio": ("api.twilio.com", "twilio.com"),
    "webhook": (),
    "log": (),
    "vonage": ("rest.nexmo.com",),
    "infobip": ("api.infobip.com",),
    "aws": ("amazonaws.com", "api.aws"),
    "plivo": ("api.plivo.com",),
    "telnyx": ("api.telnyx.com",),
    "sinch": ("sms.api.sinch.com",),
    "messagebird": ("rest.messagebird.com",),
    "bird": ("api.bird.com",),
    "africastalking": ("api.africastalking.com", "api.sandbox.africastalking.com"),
}
WEBHOOK: CarrierName = "webhook"
LOG: CarrierName = "log"
