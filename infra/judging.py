"""Judging a stage: every leaf by itself, then the leaves with each other, all problems together."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from . import contract, mending, rules
from .draft import Draft
from .errors import Problem, SettingsError
from .leaves import Leaf, assemble, leaves
from .secret import Secret

Model = TypeVar("Model", bound=BaseModel)


def judge(model: type[Model], mapping: Mapping[str, object], stage: str, require_secrets: bool) -> Model:
    """The settings of a stage, or `SettingsError` with every problem."""
    table = {leaf.key: leaf for leaf in leaves(model)}
    given, problems = _flatten(mapping, table, stage)
    values: dict[str, object] = {}
    for key, value in given.items():
        problems += _leaf_problems(table[key], value, stage, values)
    for leaf in table.values():
        if leaf.key not in given and leaf.field.is_required():
            problems.append(Problem(leaf.key, "is not set", _set_line(leaf, leaf.key, stage)))
    problems += rules.apply(Draft(stage, table, values, frozenset(given), require_secrets))
    if problems:
        raise SettingsError(stage, problems)
    parsed = {table[key].path: value for key, value in values.items()}
    return assemble(model, {("stage",): stage, **_derived(parsed, stage), **parsed})


def _derived(values: Mapping[tuple[str, ...], object], stage: str) -> dict[tuple[str, ...], object]:
    """Defaults that follow from other keys."""
    public = str(values[("public_base_url",)])
    gateway = values.get(("sms", "gateway_url"), public + contract.load()["gateway"]["path"])
    return {
        ("hosting", "project"): f"auth0-phone-{stage}".lower()[:100],
        ("auth0", "login_hosts"): (values[("auth0", "domain")],),
        ("claim_namespace",): f"{public}/",
        ("sms", "gateway_url"): gateway,
        ("sms", "audience"): gateway,
    }


def _flatten(
    mapping: Mapping[str, object], table: Mapping[str, Leaf], stage: str
) -> tuple[dict[str, object], list[Problem]]:
    """The set leaves by dotted key, and what no leaf answers to. What is absent, None or blank is not set."""
    groups = {key.partition(".")[0] for key in table if "." in key}
    nested: dict[str, object] = {}
    problems: list[Problem] = []
    for name, value in mapping.items():
        if name not in groups:
            stray = "." in name and name in table
            problems += [_misplaced(name, stage)] if stray else []
            nested |= {} if stray else {name: value}
        elif isinstance(value, Mapping):
            nested |= {f"{name}.{key}": inner for key, inner in value.items()}
        elif not _is_unset(value):
            problems.append(_not_a_group(name, value, table, stage))
    problems += [_unknown(key, table, stage) for key in nested if key not in table]
    return {key: value for key, value in nested.items() if key in table and not _is_unset(value)}, problems


def _is_unset(value: object) -> bool:
    return value is None or (isinstance(value, str | list | tuple | Mapping) and len(value) == 0)


def _not_a_group(name: str, value: object, table: Mapping[str, Leaf], stage: str) -> Problem:
    if isinstance(value, Secret):
        message = "holds an encrypted key, but ends up readable in the Action or the form"
        return Problem(
            name, message, f"pulumi config --stack {stage}  # shows which; set that with --plaintext"
        )
    keys = ", ".join(key.partition(".")[2] for key in table if key.startswith(f"{name}."))
    return Problem(name, f"must hold the keys {keys}", mending.removing(name, stage))


def _misplaced(key: str, stage: str) -> Problem:
    message = "was set without --path and stands beside its group; remove it and set it again with --path"
    return Problem(key, message, mending.removing(key, stage, misplaced=True))


def _unknown(key: str, table: Mapping[str, Leaf], stage: str) -> Problem:
    ends = {known.rpartition(".")[2]: known for known in table}
    alike = get_close_matches(key.rpartition(".")[2], ends, 1, 0.75)
    close = get_close_matches(key, table, 1, 0.75) or [ends[end] for end in alike]
    hint = f"; did you mean {close[0]}?" if close else ""
    return Problem(key, f"is not a key that a stage can have{hint}", mending.removing(key, stage))


def _leaf_problems(leaf: Leaf, value: object, stage: str, values: dict[str, object]) -> Iterator[Problem]:
    """Parse one leaf into `values`; yield what is wrong instead."""
    if leaf.is_secret and isinstance(value, Mapping):
        value = {name: inner for name, inner in value.items() if not _is_unset(inner)}
    if clear := list(_in_clear_text(leaf, value)):
        message = f"stands in clear text in Pulumi.{stage}.yaml; choose a new value and set it encrypted"
        yield from (Problem(key, message, _secret_line(key, stage)) for key in clear)
        return
    if isinstance(value, Secret) and not leaf.is_secret:
        message = "is encrypted, but ends up readable in the Action or the form; set it in clear text"
        yield Problem(leaf.key, message, _set_line(leaf, leaf.key, stage, "--plaintext "))
        return
    try:
        parsed = leaf.parse(value, stage)
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False, include_input=not leaf.is_secret):
            yield _problem(leaf, error, stage)
        return
    values[leaf.key] = parsed
    if isinstance(parsed, tuple):
        yield from _repeats(leaf, parsed, stage)


def _in_clear_text(leaf: Leaf, value: object) -> Iterator[str]:
    """The keys of secrets that anybody can read."""
    if leaf.is_secret and leaf.is_table:
        inner = value.items() if isinstance(value, Mapping) else ()
        yield from (f"{leaf.key}.{name}" for name, each in inner if not isinstance(each, Secret))
    elif leaf.is_secret and not isinstance(value, Secret):
        yield leaf.key


def _repeats(leaf: Leaf, items: tuple[object, ...], stage: str) -> Iterator[Problem]:
    for position, item in enumerate(items):
        if item in items[:position]:
            key = f"{leaf.key}[{position}]"
            yield Problem(key, f"repeats '{item}'", mending.removing(key, stage))


def _problem(leaf: Leaf, error: ErrorDetails, stage: str) -> Problem:
    key = _place(leaf, error["loc"])
    if leaf.is_secret and error["loc"][-1:] != ("[key]",):
        mend = _secret_line(key, stage)
    elif error["loc"][-1:] == ("[key]",) or _is_whole(leaf, key):
        mend = mending.removing(key, stage)
    else:
        mend = _set_line(leaf, key, stage, value=error["input"])
    return Problem(key, _sentence(error), mend)


def _place(leaf: Leaf, parts: tuple[int | str, ...]) -> str:
    """Where in the leaf's value: `sms.carriersByCountry.GB[1]`."""
    key = leaf.key
    for part in parts:
        if isinstance(part, int):
            key += f"[{part}]"
        elif leaf.is_table and part != "[key]":
            key += f".{part}"
    return key


def _is_whole(leaf: Leaf, key: str) -> bool:
    """Whether the place is a list or a table rather than one of its items."""
    return (leaf.holds_lists and not key.endswith("]")) or (leaf.is_table and key == leaf.key)


def _sentence(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    match error["type"]:
        case "value_error":
            return str(context["error"])
        case "literal_error":
            return f"must be one of {context['expected']}"
        case "string_type":
            return "must be text; quote it in the file"
        case "int_type" | "int_from_float" | "int_parsing":
            return "must be a whole number"
        case "bool_type" | "bool_parsing":
            return "must be true or false"
        case "greater_than_equal":
            return f"must be at least {context['ge']}"
        case "less_than_equal":
            return f"must be at most {context['le']}"
        case "dict_type":
            return "must hold keys, each with a value"
        case _:
            return f"cannot be read: {error['msg']}"


def _set_line(leaf: Leaf, key: str, stage: str, flags: str = "", value: object = None) -> str:
    """Set the key to what was probably meant, else to the example."""
    meant = get_close_matches(value, leaf.choices, 1) if isinstance(value, str) else []
    if leaf.is_list and key == leaf.key:
        key = f"{key}[0]"
    return mending.setting(key, (meant or [leaf.example])[0], stage, flags)


def _secret_line(key: str, stage: str) -> str:
    return mending.setting_secret(key, stage, generated=key.startswith(rules.GENERATED))
