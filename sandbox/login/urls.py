"""Which addresses an application's lists admit: exact ones, and placeholders for a subdomain.

Source: auth0.com/docs/get-started/applications/wildcards-for-subdomains
"""

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

_ORGANIZATION = "{organization_name}"
_LABEL = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"


def admits(listed: Iterable[object], given: str, organization: str | None = None) -> bool:
    """Whether a listed address means `given`; `organization` is the name that a placeholder stands for."""
    return any(isinstance(one, str) and _means(one, given, organization) for one in listed)


def origin(url: str) -> str | None:
    """scheme://host[:port] in lower case; None for what has no host, such as an app's own scheme."""
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()


def admits_origin(listed: Iterable[object], given: str, organization: str | None = None) -> bool:
    """As `admits`, for origins: paths of the listed addresses don't count."""
    origins = (origin(one) for one in listed if isinstance(one, str))
    return admits([one for one in origins if one], given.lower(), organization)


def _means(listed: str, given: str, organization: str | None) -> bool:
    if listed == given:
        return True
    if organization is not None and _ORGANIZATION in listed:
        return _is_first_label(listed, _ORGANIZATION) and listed.replace(_ORGANIZATION, organization) == given
    return listed.count("*") == 1 and _matches_wildcard(listed, given)


def _matches_wildcard(listed: str, given: str) -> bool:
    pattern, actual = _split(listed), _split(given)
    if pattern is None or actual is None or pattern.scheme not in ("http", "https"):
        return False
    first, _, parent = pattern.netloc.partition(".")
    # The star stands in the first label, below a domain of two labels at least: *.com is nobody's.
    if "*" not in first or "." not in parent.partition(":")[0]:
        return False
    before, _, after = first.partition("*")
    host = re.compile(f"{re.escape(before)}{_LABEL}{re.escape(after)}\\.{re.escape(parent)}", re.IGNORECASE)
    same = pattern._replace(netloc="") == actual._replace(netloc="")
    return same and host.fullmatch(actual.netloc) is not None


def _is_first_label(url: str, label: str) -> bool:
    parts = _split(url)
    return parts is not None and parts.netloc.partition(".")[0] == label


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None
