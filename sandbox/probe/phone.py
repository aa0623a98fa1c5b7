"""Probes that need a handset or a gateway: the person says what arrived there."""

import base64
import json
from typing import Any

from .findings import Console, Finding, Probe
from .scene import OTP, application, bind, enable, named, passwordless
from .tenant import ProbeError, Tenant

_TIMES = {"iss", "iat", "exp"}


def _gateway(tenant: Tenant, console: Console) -> Finding:
    url = console.ask("The https address of a gateway whose requests you can read: ")
    client = _client(tenant)
    passwordless(tenant, str(client["client_id"]), gateway=url)
    _start(tenant, client, console.ask("A number that may be named to it (+…): "))
    claims = _claims(console.ask("The Authorization header that it got: "))
    return Finding(
        "gateway_jwt_has_times",
        claims >= _TIMES,
        f"the token has {', '.join(sorted(claims))}",
    )


def _protocol(tenant: Tenant, console: Console) -> Finding:
    sms = named(tenant, "sms")
    if sms is None:
        raise ProbeError("The tenant has no connection named sms that could send a code.")
    client = _client(tenant, grant_types=[OTP])
    enable(tenant, str(sms["id"]), str(client["client_id"]))
    bind(tenant, str(client["client_id"]), ['api.access.deny("probe " + event.transaction.protocol);'])
    number = console.ask("Your own number (+…), which gets a code: ")
    _start(tenant, client, number)
    answer = tenant.post(
        "/oauth/token",
        {
            "grant_type": OTP,
            "client_id": client["client_id"],
            "client_secret": client["client_secret"],
            "username": number,
            "otp": console.ask("The code: "),
            "realm": "sms",
        },
    )
    said = str(answer.json().get("error_description", ""))
    if not said.startswith("probe "):
        raise ProbeError(f"The Action did not run: {said}")
    return Finding("otp_protocol", said.removeprefix("probe "), "as the Action saw it")


def _client(tenant: Tenant, **members: Any) -> dict[str, Any]:
    return application(
        tenant,
        app_type="regular_web",
        token_endpoint_auth_method="client_secret_post",  # noqa: S106 - a way, no secret
        **members,
    )


def _start(tenant: Tenant, client: dict[str, Any], number: str) -> None:
    answer = tenant.post(
        "/passwordless/start",
        {
            "client_id": client["client_id"],
            "client_secret": client["client_secret"],
            "connection": "sms",
            "phone_number": number,
            "send": "code",
        },
    )
    if not answer.ok:
        raise ProbeError(f"The tenant sent nothing: {answer.json().get('error_description')}")


def _claims(header: str) -> set[str]:
    parts = header.split()[-1].split(".") if header.split() else []
    try:
        return set(json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))))
    except (IndexError, ValueError) as error:
        raise ProbeError("That is no bearer token.") from error


PROBES = (
    Probe(
        "gateway-token", "an application, the sms connection", "a gateway whose requests you read", _gateway
    ),
    Probe("otp-protocol", "an application, an Action at the post-login trigger", "your phone", _protocol),
)
