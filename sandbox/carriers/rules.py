"""What a test has planned: how a carrier shall answer the next messages instead of taking them on."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any

from .. import members
from ..context import Sandbox
from ..faults import is_of_share
from ..store import Doc

KIND = "carrier_rules"


class RuleError(ValueError):
    """A rule that can't be set; the text says what is wrong with it."""


@dataclass(frozen=True)
class Rule:
    """One plan: which messages get which answer, and how many of them.

    `carrier` and `to` (E.164) choose messages, with * and ? as wildcards. `answer` is a code of the carrier's
    or a kind of failure every carrier has its own code for. `count` messages are hit (None: all), of those
    chosen only the `share` (0 to 1), evenly spread.
    """

    answer: str
    carrier: str = "*"
    to: str = "*"
    count: int | None = 1
    share: float = 1.0

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any], answers: Mapping[str, Collection[str]]) -> "Rule":
        """A rule from JSON, or RuleError; `answers` are the codes and kinds each carrier knows."""
        try:
            members.check(cls, given)
        except members.MembersError as error:
            raise RuleError(str(error)) from error
        if "answer" not in given:
            raise RuleError("A rule needs an answer.")
        rule = cls(**given)
        carriers = [name for name in answers if fnmatchcase(name, rule.carrier)]
        if not carriers:
            raise RuleError(f"Unknown carrier: {rule.carrier}. Known are {', '.join(answers)}.")
        if not any(rule.answer in answers[name] for name in carriers):
            known = sorted({answer for name in carriers for answer in answers[name]})
            raise RuleError(f"{rule.carrier} never answers {rule.answer}. Known are {', '.join(known)}.")
        if rule.count is not None and rule.count < 1:
            raise RuleError("count must be at least 1, or null for every message.")
        if not 0 < rule.share <= 1:
            raise RuleError("share must be more than 0 and at most 1.")
        return rule


def add(sandbox: Sandbox, rule: Rule) -> None:
    key = sandbox.ids.hex(16)
    sandbox.store.put(KIND, key, {**asdict(rule), "key": key, "seen": 0, "hits": 0})


def clear(sandbox: Sandbox) -> None:
    for rule in sandbox.store.all(KIND):
        sandbox.store.delete(KIND, rule["key"])


def describe(sandbox: Sandbox) -> list[Doc]:
    return sandbox.store.all(KIND)


def due(sandbox: Sandbox, carrier: str, to: str, answers: Collection[str]) -> str | None:
    """The answer planned for this message, counted as given; None to let it pass."""
    with sandbox.store.atomic():
        for rule in sandbox.store.all(KIND):
            chosen = fnmatchcase(carrier, rule["carrier"]) and fnmatchcase(to, rule["to"])
            if chosen and rule["answer"] in answers and _counted(sandbox, rule):
                return str(rule["answer"])
    return None


def _counted(sandbox: Sandbox, rule: Doc) -> bool:
    """Whether this message is one of the rule's share; a rule that is used up disappears."""
    seen = rule["seen"] + 1
    hit = is_of_share(seen, rule["share"])
    hits = rule["hits"] + hit
    if rule["count"] is not None and hits >= rule["count"]:
        sandbox.store.delete(KIND, rule["key"])
    else:
        sandbox.store.put(KIND, rule["key"], {**rule, "seen": seen, "hits": hits})
    return hit
