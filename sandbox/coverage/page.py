"""The page itself: Markdown, made from the operations, the rules and the figures."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from ..context import Switches
from ..management.operations import OPERATIONS
from ..management.routing import Operation
from ..rules import Rule
from ..unknowns import UNKNOWNS
from . import figures
from .figures import Clients, Count, Recordings
from .misses import EXPLAINED
from .rules import rules, switch_of

_DOCS = "https://auth0.com/"

_HEAD = """\
# What the sandbox covers, and how that is known

Made by `python -m sandbox.coverage --write`; `make lint` checks that it is current.

An operation is known to be right by recordings of a real tenant (`make fidelity` replays them: how many of
its recorded answers the sandbox gives in full, status, shape and values), by clients that others wrote and
that took its answers, or, where neither column says anything, by Auth0's documentation alone, to which the
sandbox's own tests hold it. What is not in these tables is answered `501`.
"""


def text() -> str:
    """The whole page."""
    replayed, clients = figures.recordings(), figures.clients()
    parts = [
        _HEAD,
        _recordings(replayed),
        _misses(replayed),
        "## Management API\n",
        *(_resource(name, found, replayed, clients) for name, found in _resources()),
        _absent(replayed),
        _unknowns(),
        _rules(rules()),
    ]
    return "\n".join(part for part in parts if part)


def key(operation: Operation) -> str:
    """How an operation is called in the figures."""
    return f"{operation.method} {operation.path}"


def _recordings(replayed: Recordings) -> str:
    rows = [(f"list {name}", _share(count)) for name, count in replayed.lists.items()]
    rows += [(f"`/{name}`", _share(count)) for name, count in replayed.resources.items()]
    return (
        "## Recordings\n\n"
        f"Replayed on {replayed.day}: {replayed.recordings} recordings, {replayed.in_full} of them without "
        f"a difference.\n\n{_table(('requests of', 'answered in full'), rows)}"
    )


def _misses(replayed: Recordings) -> str:
    if not replayed.missed:
        return ""
    rows = [
        (f"`{name}`", EXPLAINED.get(name, "not explained yet"), f"`{_short(first)}`")
        for name, first in replayed.missed.items()
    ]
    return "### What misses\n\n" + _table(("recording", "why", "its first difference"), rows)


def _resources() -> Iterable[tuple[str, list[Operation]]]:
    found: dict[str, list[Operation]] = {}
    for operation in sorted(OPERATIONS, key=lambda operation: (operation.path, operation.method)):
        found.setdefault(operation.path.strip("/").partition("/")[0], []).append(operation)
    return found.items()


def _resource(name: str, found: list[Operation], replayed: Recordings, clients: Clients) -> str:
    rows = [
        (
            f"`{key(operation)}`",
            _scopes(operation),
            _fraction(replayed.operations.get(key(operation))),
            ", ".join(clients.of(key(operation))),
        )
        for operation in found
    ]
    return f"### /{name}\n\n" + _table(("operation", "any of the scopes", "recordings", "clients"), rows)


def _scopes(operation: Operation) -> str:
    any_of = ", ".join(f"`{scope}`" for scope in (*operation.scopes, *operation.self_scopes))
    also = ", ".join(f"`{scope}`" for scope in operation.also)
    return f"{any_of}; and any of {also}" if also else any_of


def _absent(replayed: Recordings) -> str:
    known = {key(operation) for operation in OPERATIONS}
    rows = [
        (f"`{name}`", _fraction(count)) for name, count in replayed.operations.items() if name not in known
    ]
    if not rows:
        return ""
    return "### Recorded and not there\n\n" + _table(("operation", "recordings"), rows)


def _unknowns() -> str:
    defaults = asdict(Switches())
    rows = [
        (
            unknown.question,
            f"`{unknown.switch}`",
            "; ".join(f"`{value}`: {meaning}" for value, meaning in unknown.answers.items()),
            f"`{_json(defaults[unknown.switch])}`",
            f"`{unknown.probe}`" if unknown.probe else "",
        )
        for unknown in UNKNOWNS
    ]
    return (
        "## What Auth0's documentation leaves open\n\n"
        "Each is a switch of `/_sandbox/switches`, and tests run it both ways. `python -m sandbox probe`\n"
        "asks a real development tenant.\n\n"
        + _table(("question", "switch", "values", "here", "probe"), rows)
    )


def _rules(listed: Sequence[Rule]) -> str:
    parts = ["## Login, rule by rule\n"] if listed else []
    for area in dict.fromkeys(rule.area for rule in listed):
        rows = [
            (rule.rule, _source(rule), ", ".join(f"`{_test(test)}`" for test in rule.tests))
            for rule in listed
            if rule.area == area
        ]
        parts.append(f"### {area}\n\n" + _table(("rule", "source", "tests"), rows))
    return "\n".join(parts)


def _source(rule: Rule) -> str:
    switch = switch_of(rule)
    if switch:
        return f"not documented: switch `{switch}`"
    path = rule.source.split()[0]
    return f"[{path.rpartition('/')[2]}]({_DOCS}{path})" if path.startswith("docs/") else rule.source


def _test(name: str) -> str:
    return name.removeprefix("tests/")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _fraction(count: Count | None) -> str:
    return f"{count[0]}/{count[1]}" if count else ""


def _share(count: Count) -> str:
    matched, total = count
    return f"{matched}/{total} ({100 * matched / total:.1f} %)" if total else "0/0"


def _short(words: str) -> str:
    return words.replace("`", "'")[:160]


def _json(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
