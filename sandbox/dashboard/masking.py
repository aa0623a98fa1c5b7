"""What a page may show of a document: its secrets become dots."""

import re
from typing import Any

DOTS = "••••••"
_SECRET = re.compile(
    r"secret|password|passwd|token$|_token|api_key|apikey|private|credential|authorization|signing_key|"
    r"encryption_key|recovery_code|^cert$|^key$",
    re.IGNORECASE,
)
# They are settings of tokens, not tokens.
_HARMLESS = re.compile(
    r"lifetime|endpoint|_method$|_alg$|^password_?(policy|options|history|dictionary|complexity)",
    re.IGNORECASE,
)


def masked(value: Any, name: str = "") -> Any:
    """A copy in which every text under a name that sounds secret is dots; `_private` members are left out."""
    match value:
        case dict():
            return {key: masked(inner, key) for key, inner in value.items() if not key.startswith("_")}
        case list():
            return [masked(inner, name) for inner in value]
        case str() if value and _SECRET.search(name) and not _HARMLESS.search(name):
            return DOTS
    return value
