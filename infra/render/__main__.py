"""`python -m infra.render`: write a stage's rendered files, or check the committed ones."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from .. import stage_file
from ..errors import RenderError, SettingsError, StageFileError
from ..settings import Settings
from . import goldens
from .bundle import render

_GOLDENS = "rendered"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0: done or current; 1: goldens differ; 2: a stage cannot be rendered."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if (options.out or options.stage_file) and len(options.stage or ()) != 1:
        parser.error("--out and --stage-file take one --stage")
    try:
        stages = options.stage or stage_file.stages(options.root)
        rendered = {stage: _render(stage, options) for stage in stages}
    except (SettingsError, StageFileError, RenderError) as error:
        print(error, file=sys.stderr)
        return 2
    if options.check:
        return _check(options.root / _GOLDENS, rendered)
    for stage, files in rendered.items():
        goldens.write(options.out if options.out else options.root / _GOLDENS / stage, files)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m infra.render", description="Render a stage without engine or network."
    )
    parser.add_argument("--stage", action="append", help="a stage; all that have a file when absent")
    parser.add_argument("--stage-file", type=Path, help="instead of Pulumi.<stage>.yaml")
    parser.add_argument("--root", type=Path, default=Path(), help="where Pulumi.yaml is (default: here)")
    doing = parser.add_mutually_exclusive_group(required=True)
    doing.add_argument("--out", type=Path, help="write one stage's files into this folder")
    doing.add_argument(
        "--check", action="store_true", help=f"compare with {_GOLDENS}/<stage>/; print the difference"
    )
    doing.add_argument("--write", action="store_true", help=f"write {_GOLDENS}/<stage>/")
    return parser


def _render(stage: str, options: argparse.Namespace) -> dict[str, str]:
    mapping = stage_file.load(stage, options.root, options.stage_file)
    return render(Settings.from_mapping(mapping, stage=stage, require_secrets=False))


def _check(folder: Path, rendered: Mapping[str, Mapping[str, str]]) -> int:
    lines = [line for stage, files in rendered.items() for line in goldens.differences(folder / stage, files)]
    sys.stdout.writelines(lines)
    if lines:
        print(f"{folder} is not current: python -m infra.render --write", file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
