"""`python -m sandbox.coverage --write|--check`: make sandbox/COVERAGE.md, or see that it is current."""

import argparse
import sys
from pathlib import Path

from . import page

PAGE = Path(__file__).parents[1] / "COVERAGE.md"


def main(arguments: list[str] | None = None, file: Path = PAGE) -> int:
    """0 where the page is current or was written, 1 where it is not."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.coverage", description=__doc__)
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--write", action="store_true", help="make the page anew")
    way.add_argument("--check", action="store_true", help="fail where the page is not current")
    given = parser.parse_args(arguments)
    wanted = page.text()
    if given.write:
        file.write_text(wanted)
    elif not file.exists() or file.read_text() != wanted:
        print("sandbox/COVERAGE.md is not current: python -m sandbox.coverage --write", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
