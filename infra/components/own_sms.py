"""A stage's own SMS, as its mode says."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_auth0 as auth0

from ..protection import connection_guard
from ..render import gateway_digest
from ..settings import Settings
from .phone_provider import PhoneProvider, PhoneProviderArgs
from .sms_connection import SmsConnection, SmsConnectionArgs


def declare(
    settings: Settings,
    rendered: Mapping[str, str],
    provider: auth0.Provider,
    ready: Sequence[pulumi.Resource] = (),
) -> dict[str, pulumi.Output[str]]:
    """Declare connection and phone provider as `sms.mode` asks; what the stack exports of them.

    `ready` stands for a gateway that answers. Messages are taken on before they are handed over: the
    connection waits for the provider, and a provider that is left behind by another mode goes last.
    """
    if settings.sms.mode == "off":
        return {}
    if settings.sms.mode == "provider":
        sender = PhoneProvider("phone-provider", PhoneProviderArgs(settings, rendered, provider, ready))
        ready = [*ready, sender.resource]
    guard = connection_guard(settings.protect)
    connection = SmsConnection("sms", SmsConnectionArgs(settings, provider, ready), guard)
    return {
        "sms_connection_id": connection.connection_id,
        "sms_connection_name": connection.connection_name,
        "sms_gateway_url": connection.gateway_url,
        "gateway_bundle": pulumi.Output.from_input(gateway_digest(rendered)),
    }
