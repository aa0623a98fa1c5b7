"""`python3 -m ops.ci_comment HEADING FOLDER`: the reports of all stages as one Markdown text on stdout.

FOLDER holds `<stage>.txt` for each stage. Needs nothing but Python: the job that may write comments installs
nothing and has no secrets.
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

# A comment has 65,536 characters at most (docs.github.com/rest/issues/comments).
LIMIT = 60_000
_TAIL = 1_500
MARK = "<!-- auth0-phone: {heading} -->"


def markdown(heading: str, reports: Mapping[str, str], limit: int = LIMIT) -> str:
    """One section for each stage, in one text of at most `limit` characters and the sections' own frames.

    What is cut says so; a report's end, where the engine counts, stays.
    """
    mark = MARK.format(heading=heading)
    share = limit // max(len(reports), 1)
    sections = [f"### {stage}\n\n{_fenced(_cut(text, share))}\n" for stage, text in reports.items()]
    return "\n".join([mark, f"## {heading}", "", *(sections or ["Nothing was reported.", ""])])


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    tail = min(_TAIL, limit // 4)
    left_out = len(text) - limit
    notice = f"\n\n… {left_out:,} characters are left out here; the job's log has all of them …\n\n"
    return text[: limit - tail] + notice + text[-tail:]


def _fenced(text: str) -> str:
    """A block that nothing in the text can end: its fence is longer than any in there."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    body = text.strip("\n")
    return f"{fence}diff\n{body}\n{fence}"


def main(arguments: list[str] | None = None) -> int:
    heading, folder = sys.argv[1:] if arguments is None else arguments
    reports = {file.stem: file.read_text() for file in sorted(Path(folder).glob("*.txt"))}
    sys.stdout.write(markdown(heading, reports))
    return 0


if __name__ == "__main__":
    sys.exit(main())
