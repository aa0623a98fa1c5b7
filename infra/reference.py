"""`python -m infra.reference`: docs/configuration.md from the schema in Pulumi.yaml."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import rules, schema
from .errors import StageFileError
from .leaves import Leaf, leaves
from .settings import Settings

PAGE = Path("docs/configuration.md")

_INTRODUCTION = """\
# Configuration

<!-- Made from Pulumi.yaml by `python -m infra.reference --write`; do not edit. -->

A stage is `Pulumi.<stage>.yaml`: data only, nested by the dots of the keys below. `local` runs against the
sandbox; `prod`, `production` and `prod-…` are held to more. Set a key in the file, or by

    pulumi config set --path verification.enforcement observe --stack dev
    pulumi config set --path 'phone.countries[0]' GB --stack dev

and a secret, whose value comes from standard input, by

    pulumi config set --path --secret secrets.requestKey --stack dev
    pulumi config set --path --secret secrets.environment.REDIS_URL --stack dev

A stage that cannot be used is refused before anything changes, with every problem and the commands that mend
them. Quote texts that look like something else to YAML: `"off"`, `"NO"`, `"1.10"`.
"""

_CREDENTIALS = """\
## Credentials

The Management API's credentials are no configuration: the provider takes `AUTH0_CLIENT_ID` and
`AUTH0_CLIENT_SECRET` from the environment. The domain is never taken from there.
With `hosting.kind: vercel` its token comes from `VERCEL_TOKEN`.
"""


def page(project: schema.Project) -> str:
    """The page as text."""
    table = {leaf.key: leaf for leaf in leaves(Settings)}
    groups: dict[str, list[schema.Entry]] = {}
    for entry in project.entries:
        group = entry.key.partition(".")[0] if "." in entry.key else "The stage itself"
        groups.setdefault(group, []).append(entry)
    sections = [_section(group, entries, table) for group, entries in groups.items()]
    return "\n".join([_INTRODUCTION, *sections, _CREDENTIALS])


def _section(group: str, entries: Sequence[schema.Entry], table: dict[str, Leaf]) -> str:
    rows = "\n".join(_row(entry, table[entry.key]) for entry in entries)
    return f"## {group}\n\n| Key | Type | Default | Meaning |\n|---|---|---|---|\n{rows}\n"


def _row(entry: schema.Entry, leaf: Leaf) -> str:
    choices = " \\| ".join(f"`{choice}`" for choice in leaf.choices)
    kind = ("secrets by name" if leaf.is_table else "secret") if entry.secret else entry.type
    if choices and not leaf.is_table:
        kind = f"list of {choices}" if leaf.is_list else choices
    required = leaf.field.is_required() or entry.key in rules.KEYS
    default = "**required**" if required else _shown(entry.default)
    meaning = " ".join(entry.description.split()).replace("|", "\\|")
    return f"| `{entry.key}` | {kind} | {default} | {meaning} |"


def _shown(default: Any) -> str:
    if default in ("", [], {}):
        return "none"
    if isinstance(default, dict | list):
        return f"`{json.dumps(default)}`"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0: written or current; 1: not current; 2: no readable schema."""
    parser = argparse.ArgumentParser("python -m infra.reference", description="The configuration's page.")
    doing = parser.add_mutually_exclusive_group(required=True)
    doing.add_argument("--check", action="store_true", help=f"whether {PAGE} is current")
    doing.add_argument("--write", action="store_true", help=f"write {PAGE}")
    parser.add_argument("--root", type=Path, default=Path(), help="where Pulumi.yaml is (default: here)")
    options = parser.parse_args(arguments)
    try:
        text = page(schema.load(options.root / "Pulumi.yaml"))
    except StageFileError as error:
        print(error, file=sys.stderr)
        return 2
    target = options.root / PAGE
    if options.write:
        target.write_text(text, encoding="utf-8")
    elif not target.is_file() or target.read_text(encoding="utf-8") != text:
        print(f"{target} is not current: python -m infra.reference --write", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
