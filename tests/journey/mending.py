"""The steps of docs/operations.md, done as somebody with that page does them."""

import re
import shlex

from tests.journey.real_stage import RealStage
from tests.journey.stage import ROOT

_PAGE = ROOT / "docs" / "operations.md"
# An Action and a connection can be in the tenant without the stack's knowing.
_TRIES = 3


def lines(heading: str) -> list[str]:
    """The lines of shell below a heading."""
    section = _PAGE.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.S)
    found = [line for block in blocks for line in block.splitlines()]
    assert found, f"docs/operations.md has no commands below '{heading}'"
    return found


def steps(heading: str) -> list[list[str]]:
    """The commands below a heading, less Pulumi's name and the stage's."""
    return [shlex.split(line.replace(" --stack STAGE", ""))[1:] for line in lines(heading)]


def mend(stage: RealStage) -> list[str]:
    """Follow 'An update was interrupted' to its end; what had to be taken over, by type."""
    *first, up = steps("An update was interrupted")
    for each in first:
        stage.done(*each)
    taken: list[str] = []
    for _ in range(_TRIES):
        done = stage.pulumi(*up)
        if done.returncode == 0:
            return taken
        printed: list[str] = re.findall(r"^ *pulumi (import .*)$", done.stdout, re.M)
        assert printed, done.stdout
        for line in dict.fromkeys(printed):
            words = shlex.split(line)
            stage.done(*words[: words.index("--stack")])
            taken.append(words[1])
    raise AssertionError(f"`up` still does not end well after {taken}")
