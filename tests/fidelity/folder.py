"""A folder of recordings: where its parts lie, and which requests each recording holds."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import yaml

TOOL = "replay_tf.py"
# The name of a list is that of its file.
LISTS = {"core": "dev_core.txt", "extended": "dev_extended.txt"}
_PREFIX = "/api/v2"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class FolderError(Exception):
    """The folder can't be replayed; the text says why and what mends it."""


@dataclass(frozen=True)
class Folder:
    """`recordings` holds the *.yaml files; `lists` names those of each list, in its order."""

    tool: Path
    recordings: Path
    lists: dict[str, tuple[str, ...]]

    def names(self) -> list[str]:
        """Every recording: those of the lists first, the others after them."""
        listed = list(dict.fromkeys(name for names in self.lists.values() for name in names))
        there = sorted(file.stem for file in self.recordings.glob("*.yaml"))
        return [*listed, *(name for name in there if name not in set(listed))]

    def requests(self, name: str) -> list[tuple[str, str]]:
        """Method and path (raw, below /api/v2, without its query) of a recording's requests, in order."""
        try:
            read = yaml.load((self.recordings / f"{name}.yaml").read_bytes(), Loader=_LOADER)  # noqa: S506 - both loaders are the safe one
        except (OSError, yaml.YAMLError) as error:
            raise FolderError(f"The recording {name} can't be read: {error}") from error
        rows = read.get("interactions") or []
        return [(row["request"]["method"], _below(row["request"]["url"])) for row in rows]


def _below(url: str) -> str:
    return urlsplit(url).path.removeprefix(_PREFIX)


def find(given: Path) -> Folder:
    """The recordings in `given` or in its folder `cassettes`, the tool and the lists there or one above."""
    if not given.is_dir():
        raise FolderError(f"{given} is not a folder. Name one: make fidelity RECORDINGS=DIR")
    recordings = next((place for place in (given, given / "cassettes") if any(place.glob("*.yaml"))), None)
    if recordings is None:
        raise FolderError(f"{given} holds no recordings (*.yaml, there or in its folder `cassettes`).")
    beside = (given, given.parent)
    tool = next((place / TOOL for place in beside if (place / TOOL).is_file()), None)
    if tool is None:
        raise FolderError(
            f"The tool {TOOL} that replays recordings is neither in {given} nor beside it. "
            "Put it there: it is not part of this project."
        )
    there = {file.stem for file in recordings.glob("*.yaml")}
    return Folder(
        tool.absolute(),
        recordings.absolute(),
        {label: _listed(tool.parent / file, there) for label, file in LISTS.items()},
    )


def _listed(file: Path, there: set[str]) -> tuple[str, ...]:
    if not file.is_file():
        return ()
    lines = (line.strip() for line in file.read_text().splitlines())
    return tuple(line for line in lines if line and not line.startswith("#") and line in there)
