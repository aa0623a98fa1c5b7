"""The rendered files that are committed, so that an ordinary diff shows what a change does."""

from collections.abc import Iterator, Mapping
from difflib import unified_diff
from pathlib import Path


def write(folder: Path, rendered: Mapping[str, str]) -> None:
    """Make `folder` hold exactly `rendered`."""
    for path in set(_present(folder)) - set(rendered):
        (folder / path).unlink()
    for path, text in rendered.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")


def differences(folder: Path, rendered: Mapping[str, str]) -> Iterator[str]:
    """The lines of a unified diff from `folder` to `rendered`; none when they are the same."""
    present = _present(folder)
    for path in sorted({*present, *rendered}):
        before, after = present.get(path, ""), rendered.get(path, "")
        name = (folder / path).as_posix()
        yield from unified_diff(
            before.splitlines(keepends=True), after.splitlines(keepends=True), name, f"{name} (rendered now)"
        )


def _present(folder: Path) -> dict[str, str]:
    # read_bytes: text mode would hide a change of line endings.
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode("utf-8", "replace") for path in files
    }
