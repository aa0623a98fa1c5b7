"""The text of a stage's file: settings with what they mean beside them, then what Pulumi encrypted."""

import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from infra import schema

from ..project import PROJECT

_WIDTH = 100
# Words and addresses that need no quotes, in a list neither.
_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._/ -]|:(?=/))*(?<! )")


def compose(
    stage: str, answers: Mapping[str, Any], project: schema.Project, sealed: Mapping[str, Any]
) -> str:
    """The file. `answers` are settings by dotted key; `sealed` is what Pulumi wrote in the draft."""
    lines = [*_heading(stage), "config:"]
    group = ""
    for entry in project.entries:
        if entry.key not in answers:
            continue
        name, _, leaf = entry.key.rpartition(".")
        if name and name != group:
            lines.append(f"  {PROJECT}:{name}:")
        group = name
        indent, label = ("    ", leaf) if name else ("  ", f"{PROJECT}:{leaf}")
        lines += _comment(entry.description, indent)
        lines += _value(label, answers[entry.key], indent)
    secrets = (sealed.get("config") or {}).get(f"{PROJECT}:secrets")
    if secrets:
        lines += _comment("Encrypted; docs/configuration.md says what each is for.", "  ")
        lines += _block({f"{PROJECT}:secrets": secrets}, "  ")
    rest = {key: value for key, value in sealed.items() if key != "config"}
    return "\n".join([*lines, *(_block(rest, "") if rest else ()), ""])


def _heading(stage: str) -> Iterator[str]:
    yield f"# The stage {stage}. Data only; docs/configuration.md explains every key. A secret is set by"
    yield f"#   pulumi config set --path --secret secrets.twilioApiKey --stack {stage}"
    yield "# with its value from standard input."


def _comment(text: str, indent: str) -> list[str]:
    prefix = f"{indent}# "
    return textwrap.wrap(
        " ".join(text.split()),
        _WIDTH,
        initial_indent=prefix,
        subsequent_indent=prefix,
        break_long_words=False,
    )


def _value(label: str, value: Any, indent: str) -> list[str]:
    if isinstance(value, Mapping):
        return _block({label: dict(value)}, indent)
    text = f"[{', '.join(map(scalar, value))}]" if isinstance(value, list | tuple) else scalar(value)
    return [f"{indent}{label}: {text}"]


def scalar(value: Any) -> str:
    """A scalar on one line, quoted wherever some reader of YAML would take it for something else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    if _PLAIN.fullmatch(value):
        try:
            if yaml.safe_load(value) == value == schema.parse_yaml(value):
                return value
        except yaml.YAMLError:
            pass
    return yaml.safe_dump(value, default_style='"', allow_unicode=True, width=10**9).strip()


def _block(document: Mapping[str, Any], indent: str) -> list[str]:
    text = yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=10**9)
    return [f"{indent}{line}" for line in text.splitlines()]
