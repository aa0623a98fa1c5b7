"""What the keys of a stage's host must be together."""

import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit

from . import contract, mending, values
from .draft import Draft
from .errors import Problem
from .secret import Secret

ENVIRONMENT = "secrets.environment"
# Given by the hosting itself on a platform that is known; any other host is told by its owner.
_GIVEN = ("singleProcess", "clientAddressHeader")


def on_vercel(draft: Draft) -> bool:
    return bool(draft.get("hosting.kind") == "vercel")


def instances_share_a_store(draft: Draft) -> Iterator[Problem]:
    """Vercel runs as many instances as it likes, and limits that each counts alone are none."""
    name = contract.load()["environment"]["redisUrl"]
    key = f"{ENVIRONMENT}.{name}"
    given, mend = _variables(draft), mending.setting_secret(key, draft.stage, generated=False)
    if name not in given:
        alone = draft.get("hosting.apiUrl") != values.VERCEL_API
        if draft.require_secrets and on_vercel(draft) and not alone and ENVIRONMENT not in _bad(draft):
            yield Problem(key, "is not set; hosting.kind vercel counts its limits in a Redis of yours", mend)
        return
    url = given[name]
    if url.is_opaque:
        return
    schemes = ["redis", "rediss"] if on_vercel(draft) else ["redis", "rediss", "unix"]
    if not re.fullmatch(rf"({'|'.join(schemes)})://\S+", url.reveal()):
        yield Problem(key, f"must start with {' or '.join(f'{name}://' for name in schemes)}", mend)
    elif on_vercel(draft) and values.is_loopback(_host(url.reveal())):
        yield Problem(key, "names a loopback host, where Vercel has no Redis", mend)


def the_host_gives_its_own(draft: Draft) -> Iterator[Problem]:
    agreed = contract.load()["environment"]
    own = {agreed[key] for key in _GIVEN if key in agreed} if on_vercel(draft) else set()
    for name in sorted(own.intersection(_variables(draft))):
        key = f"{ENVIRONMENT}.{name}"
        yield Problem(key, "is given by hosting.kind vercel itself", mending.removing(key, draft.stage))


def carriers_run_on_vercel(draft: Draft) -> Iterator[Problem]:
    """What is installed there is the service's locked packages."""
    some = (draft.get("sms.carriers"), *draft.get("sms.carriersByCountry").values())
    if on_vercel(draft) and draft.get("sms.mode") != "off" and any("aws" in names for names in some):
        message = "names aws, which needs boto3, and hosting.kind vercel installs the locked packages alone"
        yield Problem("sms.carriers", message, mending.setting("hosting.kind", "external", draft.stage))


def _variables(draft: Draft) -> dict[str, Secret]:
    return dict(draft.get(ENVIRONMENT))


def _bad(draft: Draft) -> frozenset[str]:
    """What was given and cannot be read."""
    return draft.given - set(draft.values)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


RULES: tuple[Callable[[Draft], Iterable[Problem]], ...] = (
    instances_share_a_store,
    the_host_gives_its_own,
    carriers_run_on_vercel,
)
