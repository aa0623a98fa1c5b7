"""The post-login Action that asks for a verified phone number, and its place in the login flow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_auth0 as auth0

from .. import contract
from ..bindings import Binding, Neighbours, arrange
from ..errors import BindingsError
from ..render import ACTION, form_digest
from ..secret import Secret
from ..settings import Settings

TRIGGER = "post-login"


@dataclass(frozen=True)
class PhoneVerificationArgs:
    """What `PhoneVerification` is made from.

    `rendered` is `render(settings)`; `provider` is the tenant's, made explicitly; `ready` are resources that
    stand for a form that answers: neither the Action nor its binding changes before they are there.
    """

    settings: Settings
    rendered: Mapping[str, str]
    provider: auth0.Provider
    ready: Sequence[pulumi.Resource] = ()


class PhoneVerification(pulumi.ComponentResource):
    """The Action, deployed; and unless enforcement is off, bound between other teams' Actions.

    Off, ours alone is unbound: other teams' Actions keep their places, whether the binding leaves or the
    whole stack.
    """

    action_id: pulumi.Output[str]
    action_version: pulumi.Output[str]
    form_url: pulumi.Output[str]
    tenant: pulumi.Output[str]
    bound: pulumi.Output[bool]
    form_bundle: pulumi.Output[str]
    contract: pulumi.Output[str]

    def __init__(
        self, name: str, args: PhoneVerificationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("auth0-phone:index:PhoneVerification", name, None, opts)
        self._name, self._args = name, args
        action = self._action()
        self.is_bound = args.settings.verification.enforcement != "off"
        if self.is_bound:
            self._membership(action, self._flow(action))
        outputs = {
            "action_id": action.id,
            "action_version": action.version_id,
            "form_url": args.settings.public_base_url,
            "tenant": args.settings.auth0.domain,
            "bound": self.is_bound,
            "form_bundle": form_digest(args.rendered),
            "contract": contract.digest(),
        }
        self.outputs = {key: pulumi.Output.from_input(value) for key, value in outputs.items()}
        for key, output in self.outputs.items():
            setattr(self, key, output)
        self.register_outputs(outputs)

    def _options(self, **more: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, provider=self._args.provider, **more)

    def _action(self) -> auth0.Action:
        return auth0.Action(
            self._name,
            name=self._args.settings.action.name,
            runtime="node22",
            supported_triggers={"id": TRIGGER, "version": "v3"},
            code=self._args.rendered[ACTION],
            # Not secrets_wos: a change of value alone deploys nothing there.
            secrets=[
                {"name": key, "value": value} for key, value in sorted(_secrets(self._args.settings).items())
            ],
            deploy=True,
            # The form knows the new key before the Action uses it.
            opts=self._options(depends_on=list(self._args.ready)),
        )

    def _flow(self, action: auth0.Action) -> auth0.TriggerActions:
        """The trigger's whole list, from what is live."""
        after_all = [action, *self._args.ready]
        # Read as late as possible: what another team binds between the read and the write would be lost.
        live = auth0.TriggerActions.get(
            f"{self._name}-live", TRIGGER, opts=self._options(depends_on=after_all)
        )
        return auth0.TriggerActions(
            f"{self._name}-flow",
            trigger=TRIGGER,
            actions=pulumi.Output.all(live.actions, action.id).apply(self._arranged, run_with_unknowns=True),
            # Deleting this resource would empty the trigger, other teams' Actions included.
            opts=self._options(depends_on=after_all, retain_on_delete=True),
        )

    def _membership(self, action: auth0.Action, flow: auth0.TriggerActions) -> None:
        """Ours in the list, nothing else: declaring it changes nothing, deleting it unbinds ours alone."""
        # A destroy reaches this resource before it meets the protected Action; it must not unbind on the way.
        kept_with = action if self._args.settings.protect else None
        auth0.TriggerAction(
            f"{self._name}-membership",
            trigger=TRIGGER,
            action_id=action.id,
            display_name=self._args.settings.action.name,
            opts=self._options(depends_on=[flow], deleted_with=kept_with),
        )

    def _arranged(self, known: Sequence[Any]) -> Any:
        live, action_id = known
        settings = self._args.settings
        if pulumi.contains_unknowns(live):
            return pulumi.UNKNOWN
        ours = Binding(None if pulumi.contains_unknowns(action_id) else action_id, settings.action.name)
        others = Neighbours(settings.bindings.before, settings.bindings.after)
        try:
            # The provider leaves out a list that is empty.
            placed = arrange([_binding(item) for item in live or ()], ours, others, settings.stage)
        except BindingsError as error:
            raise pulumi.RunError(str(error)) from error
        if ours.id is None:
            # One unknown id makes the whole list unknown to the preview, so that it is told here.
            order = ", ".join(f"'{item.name}'" for item in placed)
            pulumi.log.info(f"The {TRIGGER} flow will run, in this order: {order}.", resource=self)
        return [{"id": action_id if item is ours else item.id, "display_name": item.name} for item in placed]


def _binding(item: Any) -> Binding:
    return Binding(item["id"], item["display_name"])


def _secrets(settings: Settings) -> dict[str, pulumi.Output[str]]:
    """The Action's secrets by the contract's names: only those its flow uses, never an empty one."""
    names, held = contract.load()["secrets"], settings.secrets
    chosen: dict[str, Secret | None] = {
        names["requestKey"]: held.request_key,
        names["resultKey"]: held.result_key,
        names["resultKeyPrevious"]: held.result_key_previous,
    }
    if settings.verification.flow == "action":
        chosen |= {
            names["twilioApiKey"]: held.twilio_api_key,
            names["twilioApiSecret"]: held.twilio_api_secret,
            names["twilioVerifyService"]: held.twilio_verify_service,
        }
    return {name: pulumi.Output.secret(value.reveal()) for name, value in chosen.items() if value is not None}
