"""The passwordless SMS connection: people log in with a code that our gateway delivers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_auth0 as auth0

from .. import mending
from ..settings import Settings
from ..stage import is_local
from .phone_trigger import unless_taken

CANONICAL = "sms"


@dataclass(frozen=True)
class SmsConnectionArgs:
    """What `SmsConnection` is made from.

    `provider` is the tenant's, made explicitly; `ready` are resources that stand for what delivers: the
    connection does not lead there before they are.
    """

    settings: Settings
    provider: auth0.Provider
    ready: Sequence[pulumi.Resource] = ()


class SmsConnection(pulumi.ComponentResource):
    """The connection with all of its options, and the applications that may use it.

    In `sms.mode: gateway` it posts to the gateway itself; in `provider` the tenant's phone provider delivers,
    and the connection names no gateway. It is one resource in both: deleting it deletes its users.
    """

    connection_id: pulumi.Output[str]
    connection_name: pulumi.Output[str]
    gateway_url: pulumi.Output[str]

    def __init__(
        self, name: str, args: SmsConnectionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        self._name, self._args, self._sms = name, args, args.settings.sms
        # The name is an input of its own, so that a guard sees it change (infra/protection.py).
        named = {"connectionName": self._sms.connection_name}
        super().__init__("auth0-phone:index:SmsConnection", name, named, opts)
        self._warn()
        connection = auth0.Connection(
            name,
            name=self._connection_name(),
            strategy="sms",
            options=self._connection_options(),
            opts=self._options(depends_on=list(args.ready)),
        )
        self._enable(connection)
        outputs = {
            "connection_id": connection.id,
            "connection_name": connection.name,
            "gateway_url": self._sms.gateway_url,
        }
        for key, value in outputs.items():
            setattr(self, key, pulumi.Output.from_input(value))
        self.register_outputs(outputs)

    def _options(self, **more: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, provider=self._args.provider, **more)

    def _connection_name(self) -> pulumi.Input[str]:
        sms, stage = self._sms, self._args.settings.stage
        if sms.mode != "gateway":
            return sms.connection_name
        mend = mending.setting("sms.mode", "off", stage)
        reason = (
            "with a phone provider, a tenant ignores a connection's gateway. Unbind and delete that Action, "
            f"or leave the messages to it:\n    {mend}"
        )
        return unless_taken(self._name, sms.connection_name, reason, self._options())

    def _connection_options(self) -> auth0.ConnectionOptionsArgs:
        """All of them: Auth0 replaces the options as a whole, so what is left out here is lost there."""
        sms = self._sms
        # No `from_` when there is none: Auth0 takes no empty sender, and the carrier has one of its own.
        return auth0.ConnectionOptionsArgs(
            name=sms.connection_name,
            from_=sms.sender,
            syntax=sms.syntax,
            template=sms.template,
            totp=auth0.ConnectionOptionsTotpArgs(length=sms.code_length, time_step=sms.code_seconds),
            brute_force_protection=sms.brute_force_protection,
            disable_signup=not sms.sign_up,
            forward_request_info=sms.forward_request_info,
            **(self._gateway() if sms.mode == "gateway" else {}),
        )

    def _gateway(self) -> dict[str, Any]:
        sms, secret = self._sms, self._args.settings.secrets.sms_gateway_secret
        if secret is None:
            raise ValueError(
                "secrets.smsGatewaySecret is not set, so the gateway could not tell who calls it"
            )
        return {
            "provider": "sms_gateway",
            "gateway_url": sms.gateway_url,
            "gateway_authentication": auth0.ConnectionOptionsGatewayAuthenticationArgs(
                method="bearer",
                subject=sms.subject,
                audience=sms.audience,
                secret=pulumi.Output.secret(secret.reveal()),
                secret_base64_encoded=sms.secret_encoding == "base64",  # noqa: S105  (no secret)
            ),
        }

    def _enable(self, connection: auth0.Connection) -> None:
        # With the connection they go by themselves; where it is protected, nobody is locked out on the way.
        with_it = self._options(deleted_with=connection)
        if self._sms.applications_owner == "all":
            auth0.ConnectionClients(
                f"{self._name}-applications",
                connection_id=connection.id,
                enabled_clients=sorted(self._sms.applications),
                # Stays when the list gets another owner: it would disable those enabled one by one.
                opts=pulumi.ResourceOptions.merge(with_it, pulumi.ResourceOptions(retain_on_delete=True)),
            )
            return
        for client in self._sms.applications:
            auth0.ConnectionClient(
                f"{self._name}-application-{client}",
                connection_id=connection.id,
                client_id=client,
                opts=with_it,
            )

    def _warn(self) -> None:
        if self._sms.connection_name != CANONICAL:
            pulumi.log.warn(
                f"sms.connectionName is '{self._sms.connection_name}': Auth0's /passwordless/start takes a "
                f"connection named '{CANONICAL}' alone, and the dashboard's passwordless page shows no "
                "other. Logins through it work by /authorize with its name.",
                resource=self,
            )
        if self._sms.mode == "provider" and not is_local(self._args.settings.stage):
            # The plugin knows no such option, and sends all others.
            pulumi.log.warn(
                "A tenant made before March 2025 uses its phone provider for this connection only where "
                "Authentication → Passwordless → SMS says 'Use Tenant-level Messaging Provider', and every "
                "change of the connection may undo that. Later tenants always use it.",
                resource=self,
            )
