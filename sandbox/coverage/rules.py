"""The rules of the login, as its parts list them."""

import importlib
from importlib.util import find_spec

from ..rules import Rule

_PARTS = ("sandbox.login.rules", "sandbox.actions.rules")
_SWITCH = "unknown: switch "


def rules() -> tuple[Rule, ...]:
    """Every rule, in the parts' own order."""
    modules = (importlib.import_module(part) for part in _PARTS if find_spec(part))
    return tuple(rule for module in modules for rule in module.RULES)


def switch_of(rule: Rule) -> str | None:
    """The switch that decides a rule whose source is unknown."""
    return rule.source.removeprefix(_SWITCH).split()[0] if rule.source.startswith(_SWITCH) else None
