"""A `gh` that knows one repository's comments and issues, and only the commands that the workflows give it.

Run as a program: `python gh.py …`, with the file of what it knows in GH_STATE. An argument that the real gh
would not take, or a text that GitHub would not, ends it with an error. Source: cli.github.com/manual
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BOT = {"type": "Bot", "login": "github-actions[bot]"}
_LONGEST = 65_536


class Forge:
    """Comments (of any pull request) and issues, each with its number or id."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.known: dict[str, list[dict[str, Any]]] = (
            json.loads(file.read_text()) if file.exists() else {"comments": [], "issues": [], "calls": []}
        )

    def keep(self) -> None:
        self._file.write_text(json.dumps(self.known))

    def add(self, kind: str, **fields: Any) -> None:
        key = "id" if kind == "comments" else "number"
        self.known[kind].append({key: 100 + len(self.known[kind]), "user": BOT, **fields})

    def change(self, kind: str, number: str, **fields: Any) -> None:
        (found,) = (each for each in self.known[kind] if str(each.get("id", each.get("number"))) == number)
        found |= fields

    def find(self, kind: str, jq: str) -> list[dict[str, Any]]:
        """What a program of jq finds here: ours, by the beginning of its text."""
        ours = r'(\.user\.type == "Bot" and )?\(?\.body \| startswith\("([^"]+)"\)\)?'
        program = re.fullmatch(rf"\.\[\] \| select\({ours}\) \| \.\w+", jq)
        assert program, f"jq: {jq}"
        return [each for each in self.known[kind] if each["body"].startswith(program.group(2))]


def _text(file: str) -> str:
    text = Path(file).read_text()
    assert 0 < len(text) <= _LONGEST, f"GitHub takes no text of {len(text)} characters"
    return text


def api(forge: Forge, words: list[str]) -> None:
    parser = argparse.ArgumentParser("gh api", allow_abbrev=False)
    parser.add_argument("endpoint")
    parser.add_argument("--method", default="GET")
    parser.add_argument("--field")
    for flag in ("--paginate", "--silent"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("--jq")
    asked = parser.parse_args(words)
    base = f"repos/{os.environ['GITHUB_REPOSITORY']}/issues"
    if asked.method == "PATCH":
        number = re.fullmatch(rf"{base}/comments/(\d+)", asked.endpoint)
        assert number
        forge.change("comments", number.group(1), body=_text(asked.field.removeprefix("body=@")))
        return
    pull = re.fullmatch(rf"{base}/(\d+)/comments", asked.endpoint)
    assert pull
    assert asked.paginate, "a pull request may have more comments than one page"
    for comment in forge.find("comments", asked.jq):
        if comment["pull"] == pull.group(1):
            print(comment["id"])


def pr(forge: Forge, words: list[str]) -> None:
    parser = argparse.ArgumentParser("gh pr", allow_abbrev=False)
    parser.add_argument("command", choices=["comment"])
    parser.add_argument("number")
    parser.add_argument("--repo", required=True)
    parser.add_argument("--body-file", required=True)
    asked = parser.parse_args(words)
    forge.add("comments", pull=asked.number, body=_text(asked.body_file))


def issue(forge: Forge, words: list[str]) -> None:
    parser = argparse.ArgumentParser("gh issue", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    listing, editing, creating = (commands.add_parser(name) for name in ("list", "edit", "create"))
    for option in ("--app", "--state", "--limit", "--json", "--jq"):
        listing.add_argument(option, required=True)
    editing.add_argument("number")
    for each in (editing, creating):
        each.add_argument("--title", required=True)
        each.add_argument("--body-file", required=True)
    asked = parser.parse_args(words)
    assert os.environ["GH_REPO"] == os.environ["GITHUB_REPOSITORY"]
    if asked.command == "list":
        for found in forge.find("issues", asked.jq):
            print(found["number"])
    elif asked.command == "edit":
        forge.change("issues", asked.number, title=asked.title, body=_text(asked.body_file))
    else:
        forge.add("issues", title=asked.title, body=_text(asked.body_file))


def main() -> int:
    forge = Forge(Path(os.environ["GH_STATE"]))
    assert os.environ["GH_TOKEN"], "gh has no token"
    command, *words = sys.argv[1:]
    forge.known["calls"].append({"command": sys.argv[1:]})
    commands: Mapping[str, Any] = {"api": api, "pr": pr, "issue": issue}
    commands[command](forge, words)
    forge.keep()
    return 0


if __name__ == "__main__":
    sys.exit(main())
