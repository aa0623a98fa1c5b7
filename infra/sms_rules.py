"""What the keys of a stage's own SMS must be together."""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit

from . import mending, shapes
from .carriers import HOSTS, LOG, WEBHOOK
from .draft import Draft
from .errors import Problem
from .secret import Secret
from .stage import is_local

SECRET = "secrets.smsGatewaySecret"  # noqa: S105  (a key's name)
# What only the connection's own template knows: auth0.com/docs/customize/phone-messages/unified-phone
_CONNECTION_ONLY = frozenset({"password", "request_language", "phone_number"})
# Of the GSM alphabet (3GPP TS 23.038); any other letter beyond Latin-1 makes a message two bytes a letter.
_GSM_BEYOND_LATIN = frozenset("ΔΦΓΛΩΠΨΣΘΞ€")
# Names that resolve inside somebody's network.
_PRIVATE = (".internal", ".local", ".localdomain", ".lan", ".home", ".corp", ".home.arpa", ".intranet")


def on(draft: Draft) -> bool:
    return bool(draft.get("sms.mode") != "off")


def what_sending_needs_is_there(draft: Draft) -> Iterator[Problem]:
    """No country and no carrier is a default: a stage says where messages go and who takes them there."""
    for key, why in (
        ("sms.countries", "no country is served until it is named"),
        ("sms.carriers", "nobody delivers until a carrier is named"),
    ):
        if on(draft) and key not in draft.given:
            mend = mending.setting(f"{key}[0]", draft.table[key].example, draft.stage)
            yield Problem(key, f"is not set; {why}", mend)


def the_template_holds_the_code(draft: Draft) -> Iterator[Problem]:
    if not on(draft) and "sms.template" not in draft.given:
        return
    syntax = draft.get("sms.syntax")
    code = "{{ code }}" if syntax == "liquid" else "@@password@@"
    mend = mending.setting("sms.template", f"Your code is {code}.", draft.stage)
    try:
        templates = shapes.of_template(draft.get("sms.template"), syntax)
    except ValueError as error:
        yield Problem("sms.template", str(error), mend)
        return
    texts = [shapes.fixed(shape, draft.get("sms.codeLength")) for shape in templates]
    too_long = next((text for text in texts if len(text) > _room(text)), None)
    if too_long:
        message = f"has {len(too_long)} characters without what is filled in; two SMS hold {_room(too_long)}"
        yield Problem("sms.template", message, mend)
    elif not all(shapes.Hole.CODE in shape for shape in templates):
        where = "has a branch without" if len(templates) > 1 else "lacks"
        yield Problem("sms.template", f"{where} the code, which is {code} in {syntax}", mend)
    else:
        yield from _meets_a_pattern(draft, templates)


def _room(text: str) -> int:
    """How many characters two SMS hold; of the GSM alphabet at most."""
    wide = any(ord(letter) > 0xFF and letter not in _GSM_BEYOND_LATIN for letter in text)
    return 2 * (67 if wide else 153)


def _meets_a_pattern(draft: Draft, templates: list[shapes.Shape]) -> Iterator[Problem]:
    patterns = [shapes.of_pattern(pattern) for pattern in draft.get("sms.patterns")]
    length = draft.get("sms.codeLength")
    missed = [one for one in templates if not any(shapes.can_meet(one, each, length) for each in patterns)]
    if patterns and missed:
        shown = "".join(part if isinstance(part, str) else part.value for part in missed[0])
        key = f"sms.patterns[{len(patterns)}]"
        message = f"have none for what sms.template says: the gateway would refuse '{shown}'"
        yield Problem("sms.patterns", message, mending.setting(key, shown, draft.stage))


def notification_templates_know_their_words(draft: Draft) -> Iterator[Problem]:
    """The tenant's own templates have `code` and `locale` for what the connection's call otherwise."""
    declared = draft.get("sms.mode") == "provider" and draft.get("sms.notificationTemplates")
    if not declared or draft.get("sms.syntax") != "liquid":
        return
    for name in sorted(shapes.variables(draft.get("sms.template")) & _CONNECTION_ONLY):
        message = (
            f"uses {name}, which the tenant's notification templates do not know; they have code and locale. "
            "Use those, or leave the notification templates alone"
        )
        yield Problem(
            "sms.template", message, mending.setting("sms.notificationTemplates", "false", draft.stage)
        )


def carriers_can_be_reached(draft: Draft) -> Iterator[Problem]:
    urls = draft.get("sms.carrierUrls")
    used = dict.fromkeys(draft.get("sms.carriers"))
    used |= dict.fromkeys(name for names in draft.get("sms.carriersByCountry").values() for name in names)
    if LOG in used and not is_local(draft.stage):
        message = "names log, which writes codes in clear and delivers nothing; only stage 'local' may"
        yield Problem("sms.carriers", message, mending.setting("sms.carriers[0]", "clickatell", draft.stage))
    if WEBHOOK in used and WEBHOOK not in urls and "sms.carrierUrls" not in draft.given - set(draft.values):
        key = f"sms.carrierUrls.{WEBHOOK}"
        yield Problem(key, "is not set, and the webhook has no address of its own", _set_url(draft, WEBHOOK))
    for name, address in urls.items():
        place = f"sms.carrierUrls.{name}"
        if name not in used:
            message = "is the address of a carrier that the stage does not use"
            yield Problem(place, message, mending.removing(place, draft.stage))
        elif refusal := _refusal(name, urlsplit(address).hostname or "", draft.stage):
            yield Problem(place, refusal, _set_url(draft, name))


def _refusal(name: str, host: str, stage: str) -> str | None:
    """Why a carrier's credentials must not be sent to this host."""
    if is_local(stage):
        return None
    if name == WEBHOOK:
        return f"names '{host}', which is private" if host.endswith(_PRIVATE) else None
    known = next(hosts for carrier, hosts in HOSTS.items() if carrier == name)
    if any(host == parent or host.endswith(f".{parent}") for parent in known):
        return None
    return f"must be a host of {' or '.join(known) or 'nobody'}: the carrier's credentials are sent there"


def _set_url(draft: Draft, name: str) -> str:
    hosts = next(
        (hosts for carrier, hosts in HOSTS.items() if carrier == name and hosts), ("sms.acme.example",)
    )
    return mending.setting(f"sms.carrierUrls.{name}", f"https://{hosts[0]}", draft.stage)


def countries_with_carriers_are_served(draft: Draft) -> Iterator[Problem]:
    served = draft.get("sms.countries")
    for country in draft.get("sms.carriersByCountry"):
        if served and country not in served:
            place = f"sms.carriersByCountry.{country}"
            message = "is not among sms.countries, so nothing is sent there"
            yield Problem(place, message, mending.removing(place, draft.stage))


def the_provider_delivers_texts(draft: Draft) -> Iterator[Problem]:
    if "text" not in draft.get("sms.deliveryMethods"):
        message = "must hold text: passwordless sends texts alone"
        yield Problem(
            "sms.deliveryMethods", message, mending.setting("sms.deliveryMethods[0]", "text", draft.stage)
        )


def the_gateway_is_not_the_tenant(draft: Draft) -> Iterator[Problem]:
    address = draft.get("sms.gatewayUrl") or draft.get("publicBaseUrl")
    hosts = {draft.get("auth0.domain"), *draft.get("auth0.loginHosts")}
    if on(draft) and "sms.gatewayUrl" in draft.values and urlsplit(address).netloc in hosts:
        mend = mending.setting("sms.gatewayUrl", draft.table["sms.gatewayUrl"].example, draft.stage)
        yield Problem("sms.gatewayUrl", "is a login host of the tenant; the gateway needs its own", mend)


def the_secret_is_as_it_is_encoded(draft: Draft) -> Iterator[Problem]:
    """Auth0 and the gateway must make the same key of it; the gateway refuses what looks like the other."""
    encoding = draft.get("sms.secretEncoding")
    for key in (SECRET, f"{SECRET}Previous"):
        value = draft.values.get(key)
        if not isinstance(value, Secret) or value.is_opaque:
            continue
        text = value.reveal()
        if encoding == "base64" and _decoded_length(text) < 32:
            message = "is not base64url of 32 bytes or more, as sms.secretEncoding says"
            yield Problem(key, message, mending.setting_secret(key, draft.stage, generated=True))
        elif encoding == "text" and text.endswith("=") and _decoded_length(text) >= 32:
            message = "looks like base64, but sms.secretEncoding is text"
            yield Problem(key, message, mending.setting("sms.secretEncoding", "base64", draft.stage))


def _decoded_length(text: str) -> int:
    try:
        padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
        return len(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        return 0


RULES: tuple[Callable[[Draft], Iterable[Problem]], ...] = (
    what_sending_needs_is_there,
    the_template_holds_the_code,
    notification_templates_know_their_words,
    carriers_can_be_reached,
    countries_with_carriers_are_served,
    the_provider_delivers_texts,
    the_gateway_is_not_the_tenant,
    the_secret_is_as_it_is_encoded,
)
