"""What `stage new` asks, in this order: why, and which of the settings' keys it answers.

What an answer may be is the settings' own business (`infra.settings`); nothing of it stands here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Answers = Mapping[str, Any]

BACKEND = "backend"
SECRETS_PROVIDER = "secretsProvider"


def _always(_: Answers) -> bool:
    return True


def _sends(answers: Answers) -> bool:
    return answers.get("sms.mode") not in (None, "", "off")


def _on_vercel(answers: Answers) -> bool:
    return str(answers.get("hosting.kind")) == "vercel"


def _tenant(answers: Answers) -> Any:
    return [answers["auth0.domain"]] if answers.get("auth0.domain") else None


def _countries(answers: Answers) -> Any:
    return answers.get("phone.countries")


@dataclass(frozen=True)
class Question:
    """One setting that a person decides. `needed`: it has no default, but one may follow from others."""

    key: str
    option: str
    asks: str
    why: str
    needed: bool = False
    applies: Callable[[Answers], bool] = _always
    follows: Callable[[Answers], Any] | None = None


QUESTIONS = (
    Question(
        "auth0.domain",
        "--domain",
        "The tenant's domain",
        "Pulumi deploys to this tenant and no other. The tenant's own domain, such as acme.eu.auth0.com: the "
        "Management API does not answer on a custom domain. Checked: a bare host name, not on loopback.",
        needed=True,
    ),
    Question(
        "auth0.loginHosts",
        "--login-hosts",
        "The hosts people log in on",
        "People return to the host where their login began; a login on a host that is not listed is "
        "denied. Name the custom domain first, and the tenant's own domain while anything still uses it. "
        "Checked: bare host names, none twice.",
        follows=_tenant,
    ),
    Question(
        "publicBaseUrl",
        "--address",
        "The form's public address",
        "It stands in the Action's code, so it must stay the same: a name of your own, not a host's "
        "generated one. Checked: https, no path, not a login host.",
        needed=True,
    ),
    Question(
        "hosting.kind",
        "--hosting",
        "Who hosts form and gateway",
        "external: a container or server of yours, which is deployed by you. vercel: each `pulumi up` "
        "deploys to a Vercel project of this stage; that needs a Redis.",
    ),
    Question(
        "hosting.team",
        "--team",
        "The Vercel team, by its id",
        "Who owns the project. Empty: the account that VERCEL_TOKEN belongs to. Checked: team_ and its "
        "characters.",
        applies=_on_vercel,
    ),
    Question(
        "phone.countries",
        "--countries",
        "The countries that codes are sent to",
        "Every other number is refused, which is what keeps pumping of dear numbers out. Checked: "
        "two-letter codes of ISO 3166 with telephone numbers, such as GB, DE.",
        needed=True,
    ),
    Question(
        "brand.name",
        "--brand",
        "The name on the form",
        "What people know you by. Checked: at most 60 characters.",
        needed=True,
    ),
    Question("brand.color", "--color", "The colour of its buttons", "Checked: written #rrggbb."),
    Question(
        "consent.termsUrl",
        "--terms-url",
        "Where your terms are",
        "Linked beside the consent that is asked before the first message. Empty: no link. Checked: an "
        "https address.",
    ),
    Question(
        "consent.privacyUrl",
        "--privacy-url",
        "Where your privacy notice is",
        "Linked beside the terms. Empty: no link. Checked: an https address.",
    ),
    Question(
        "sms.mode",
        "--sms",
        "One-time passwords through carriers of your own",
        "off: Auth0 sends them as it does now. gateway: a passwordless connection of a tenant made before "
        "March 2025. provider: the phone provider of the whole tenant. docs/sms.md says which; it can be "
        "changed later.",
    ),
    Question(
        "sms.countries",
        "--sms-countries",
        "The countries that the gateway sends to",
        "Checked as above.",
        needed=True,
        applies=_sends,
        follows=_countries,
    ),
    Question(
        "sms.carriers",
        "--carriers",
        "The carriers, the first one first",
        "The next one takes over when one fails. Checked: names that docs/carriers.md explains.",
        needed=True,
        applies=_sends,
    ),
    Question(
        "protect",
        "--protect",
        "Keep it from being deleted",
        "With yes, the engine refuses to delete the Action, the SMS connection with its users, and the "
        "Vercel project. Say no only for a stage to take down and put up again. Production (prod, "
        "production, prod-…) is always protected: that is checked.",
    ),
)
