"""The tenant's custom phone provider: an Action that hands every phone message to our gateway."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_auth0 as auth0

from .. import contract, mending, shapes
from ..render import PROVIDER_ACTION
from ..settings import Settings
from .phone_trigger import ACTION_NAME, TRIGGER, unless_taken

# The messages that hold a code; the others (blocked_account, …) keep the tenant's own words.
CODE_MESSAGES = ("otp_verify", "otp_enroll")


@dataclass(frozen=True)
class PhoneProviderArgs:
    """What `PhoneProvider` is made from.

    `rendered` is `render(settings)`; `provider` is the tenant's, made explicitly; `ready` are resources that
    stand for a gateway that answers.
    """

    settings: Settings
    rendered: Mapping[str, str]
    provider: auth0.Provider
    ready: Sequence[pulumi.Resource] = ()


class PhoneProvider(pulumi.ComponentResource):
    """The Action, deployed and bound; then the provider that runs it; then the templates of its messages.

    A tenant has one phone provider and one Action for it. The plugin would take over whatever is there, so
    another team's Action at the trigger stops the preview.
    """

    action_id: pulumi.Output[str]
    provider_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: PhoneProviderArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("auth0-phone:index:PhoneProvider", name, None, opts)
        self._name, self._args, self._sms = name, args, args.settings.sms
        self._warn()
        action = self._action()
        provider = self._phone_provider(action)
        if self._sms.notification_templates:
            self._templates(provider)
        self.resource = provider
        outputs = {"action_id": action.id, "provider_id": provider.id}
        for key, value in outputs.items():
            setattr(self, key, pulumi.Output.from_input(value))
        self.register_outputs(outputs)

    def _options(self, **more: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, provider=self._args.provider, **more)

    def _action(self) -> auth0.Action:
        secret = self._args.settings.secrets.sms_gateway_secret
        if secret is None:
            raise ValueError(
                "secrets.smsGatewaySecret is not set, so the gateway could not tell who calls it"
            )
        name = contract.load()["gatewayEnvironment"]["secret"]
        return auth0.Action(
            f"{self._name}-action",
            name=unless_taken(self._name, ACTION_NAME, self._reason(), self._options()),
            runtime="node22",
            supported_triggers={"id": TRIGGER, "version": "v1"},
            code=self._args.rendered[PROVIDER_ACTION],
            # Not secrets_wos: a change of value alone deploys nothing there.
            secrets=[{"name": name, "value": pulumi.Output.secret(secret.reveal())}],
            deploy=True,
            # It holds nothing that a later `up` would not bring back, and a change of sms.mode removes it.
            opts=self._options(depends_on=list(self._args.ready), protect=False),
        )

    def _reason(self) -> str:
        mend = mending.setting("sms.mode", "off", self._args.settings.stage)
        return (
            f"it would be replaced. Unbind and delete it in the tenant, or leave messages to it:\n    {mend}"
        )

    def _phone_provider(self, action: auth0.Action) -> auth0.PhoneProvider:
        """Auth0 takes no custom provider without its deployed Action, and deletes no Action that is bound."""
        binding = auth0.TriggerAction(
            f"{self._name}-binding",
            trigger=TRIGGER,
            action_id=action.id,
            display_name=ACTION_NAME,
            opts=self._options(),
        )
        return auth0.PhoneProvider(
            self._name,
            name="custom",
            disabled=False,
            configuration=auth0.PhoneProviderConfigurationArgs(
                delivery_methods=sorted(self._sms.delivery_methods)
            ),
            credentials=auth0.PhoneProviderCredentialsArgs(),
            opts=self._options(depends_on=[action, binding]),
        )

    def _templates(self, provider: auth0.PhoneProvider) -> None:
        text = shapes.as_liquid(self._sms.template, self._sms.syntax)
        # Auth0 documents a number here; any other sender the Action adds by itself.
        sender = self._sms.sender if (self._sms.sender or "").startswith("+") else None
        for kind in CODE_MESSAGES:
            auth0.PhoneNotificationTemplate(
                f"{self._name}-{kind.replace('_', '-')}",
                type=kind,
                disabled=False,
                content=auth0.PhoneNotificationTemplateContentArgs(
                    syntax="liquid",
                    from_=sender,
                    body=auth0.PhoneNotificationTemplateContentBodyArgs(text=text, voice=text),
                ),
                opts=self._options(depends_on=[provider]),
            )

    def _warn(self) -> None:
        if "voice" in self._sms.delivery_methods:
            pulumi.log.warn(
                "sms.deliveryMethods holds voice: people can ask for a call, and our Action drops it.",
                resource=self,
            )
