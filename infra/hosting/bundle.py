"""The hosted service as files: its sources, its locked packages, and what was rendered for the stage.

The same stage and sources give the same files, from the checkout and from the wheel.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from shlex import quote

from ..errors import BundleError
from ..render import FORM_STAGE, GATEWAY_STAGE
from .environment import RENDERED

# The checkout, or the package that holds the rooms in the wheel.
ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("form", "gateway", "serving")
ENTRY, PACKAGES, CONTRACT = "asgi.py", "requirements/service.txt", "action_src/contract.json"
# Tools that the service itself never imports.
_LEFT_OUT = frozenset({"gateway/openapi.py"})
# What the rooms are made of; ".json" is not among them: the contract and the stage's files have their names.
_KINDS = frozenset({".py", ".html", ".css", ".js"})
# vercel.com/docs/functions/runtimes/python/python-version : what the locked packages were tried with there.
PYTHON = {".python-version": b"3.12\n"}
# How hatch_build.py writes the rooms' imports of each other.
_IN_WHEEL = re.compile(
    rb"\bfrom auth0_phone import (?:form|gateway); |\bauth0_phone\.(?=(?:form|gateway|serving)\b)"
)


def files(rendered: Mapping[str, str]) -> dict[str, bytes]:
    """Path below the service's folder to body, for `rendered`, which is `render(settings)`.

    Raises BundleError when a source cannot be read, or is only a link to something else.
    """
    stage = {name: rendered[name].encode() for name in (FORM_STAGE, GATEWAY_STAGE) if name in rendered}
    try:
        return {
            **dict(_sources(ROOT)),
            "requirements.txt": (ROOT / PACKAGES).read_bytes(),
            **PYTHON,
            **{f"{RENDERED}/{name}": body for name, body in stage.items()},
        }
    except OSError as error:
        raise BundleError(
            f"The service's source {error.filename} cannot be read: {error.strerror}."
        ) from error


def _sources(root: Path) -> Iterator[tuple[str, bytes]]:
    for room in ROOMS:
        for file in sorted((root / room).rglob("*")):
            path = file.relative_to(root).as_posix()
            if _belongs(file, path):
                yield path, as_in_checkout(file.read_bytes())
    yield ENTRY, as_in_checkout((root / ENTRY).read_bytes())
    yield CONTRACT, (root / CONTRACT).read_bytes()


def _belongs(file: Path, path: str) -> bool:
    # An editor's own files begin with a dot, or end in something else.
    if file.suffix not in _KINDS or file.name.startswith(".") or path in _LEFT_OUT:
        return False
    if file.is_symlink():
        raise BundleError(
            f"{file} is a symbolic link: what it leads to would be deployed. Put the file itself there, or "
            f"remove the link:\n    rm {quote(str(file))}"
        )
    return file.is_file()


def as_in_checkout(source: bytes) -> bytes:
    """A module of the wheel, where the rooms lie below `auth0_phone`, as it stands in the checkout."""
    return _IN_WHEEL.sub(b"", source)
