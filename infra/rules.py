"""What the keys of a stage must be together: rules that yield problems, silent about keys that are bad."""

from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit

from . import host_rules, mending, sms_rules
from .draft import Draft
from .errors import Problem
from .secret import Secret
from .stage import is_production

KEYS = ("secrets.requestKey", "secrets.resultKey")
TWILIO = ("secrets.twilioApiKey", "secrets.twilioApiSecret", "secrets.twilioVerifyService")
# Secrets that nobody else hands out, with their previous ones.
GENERATED = (*KEYS, sms_rules.SECRET)

Rule = Callable[[Draft], Iterable[Problem]]


def apply(draft: Draft) -> list[Problem]:
    return [problem for rule in RULES for problem in rule(draft)]


def production_is_protected(draft: Draft) -> Iterator[Problem]:
    if is_production(draft.stage) and not draft.get("protect"):
        message = "must be true in production, so that no update can delete the Action by mistake"
        yield Problem("protect", message, mending.setting("protect", "true", draft.stage))


def the_action_flow_sends_before_the_form(draft: Draft) -> Iterator[Problem]:
    """The Action sends its code before the form is seen, so the form comes too late to ask."""
    if draft.get("verification.flow") == "action" and draft.get("consent.mode") == "on-form":
        message = (
            "cannot be on-form with verification.flow action, which sends the code before the form is shown"
        )
        yield Problem("consent.mode", message, mending.setting("consent.mode", "at-sign-up", draft.stage))


def the_form_is_not_the_tenant(draft: Draft) -> Iterator[Problem]:
    address, domain = draft.get("publicBaseUrl"), draft.get("auth0.domain")
    hosts = {domain, *draft.get("auth0.loginHosts")}
    if address and urlsplit(address).netloc in hosts:
        leaf = draft.table["publicBaseUrl"]
        yield Problem(
            "publicBaseUrl",
            "is a login host of the tenant; the form needs a host of its own",
            mending.setting("publicBaseUrl", leaf.example, draft.stage),
        )


def neighbours_are_others(draft: Draft) -> Iterator[Problem]:
    """`bindings` names other teams' Actions, each on one side of ours."""
    before, after, ours = draft.get("bindings.before"), draft.get("bindings.after"), draft.get("action.name")
    for key, names in (("bindings.before", before), ("bindings.after", after)):
        for position, name in enumerate(names):
            place = f"{key}[{position}]"
            if name == ours:
                yield Problem(place, "names our own Action", mending.removing(place, draft.stage))
            elif key == "bindings.after" and name in before:
                yield Problem(
                    place, f"'{name}' is in bindings.before too", mending.removing(place, draft.stage)
                )


def secrets_are_there(draft: Draft) -> Iterator[Problem]:
    if not draft.require_secrets:
        return
    needed = dict.fromkeys(KEYS, "")
    if draft.get("verification.flow") == "action":
        needed |= dict.fromkeys(TWILIO, "; verification.flow action needs it in the Action")
    elif host_rules.on_vercel(draft):
        needed |= dict.fromkeys(TWILIO, "; hosting.kind vercel gives it to the form")
    if draft.get("sms.mode") != "off":
        needed[sms_rules.SECRET] = f"; sms.mode {draft.get('sms.mode')} signs what it sends to the gateway"
    for key, why in needed.items():
        if key not in draft.given:
            mend = mending.setting_secret(key, draft.stage, key in GENERATED)
            yield Problem(key, f"is not set{why}", mend)


def keys_differ(draft: Draft) -> Iterator[Problem]:
    """A key of one direction must prove nothing in the other, and a previous key must be another one."""
    seen: list[tuple[str, Secret]] = []
    for key, value in draft.values.items():
        if not key.startswith(GENERATED):
            continue
        twin = next((name for name, other in seen if other == value), None)
        if twin:
            mend = mending.setting_secret(key, draft.stage, generated=True)
            yield Problem(key, f"is the same as {twin}; each key must be its own", mend)
        seen.append((key, value))


RULES: tuple[Rule, ...] = (
    production_is_protected,
    the_action_flow_sends_before_the_form,
    the_form_is_not_the_tenant,
    neighbours_are_others,
    secrets_are_there,
    keys_differ,
    *sms_rules.RULES,
    *host_rules.RULES,
)
