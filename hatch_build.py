"""Builds the wheel: in it the rooms lie below `auth0_phone`, and so does what they import of each other."""

import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOMS = ("form", "gateway")
# infra/hosting/bundle.py turns both back: what is deployed is the same from the wheel and from the checkout.
ROOM = re.compile(r"^(\s*)from (serving|form|gateway)\b", re.MULTILINE)
MODULE = re.compile(r"^import (form|gateway)\.(\w+)$", re.MULTILINE)


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg] # hatchling's own subclasses leave it out
    """`from serving` becomes `from auth0_phone.serving`; the files in the checkout stay as they are."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root, made = Path(self.root), Path(tempfile.mkdtemp(prefix="auth0-phone-wheel-"))
        self._made = made
        sources = sorted(file for room in ROOMS for file in (root / room).rglob("*.py"))
        for source in (root / "asgi.py", *sources):
            text = source.read_text()
            changed = ROOM.sub(r"\1from auth0_phone.\2", text)
            changed = MODULE.sub(r"from auth0_phone import \1; import auth0_phone.\1.\2", changed)
            if changed != text:
                place = source.relative_to(root)
                copy = made / place
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_text(changed)
                build_data["force_include"][str(copy)] = f"auth0_phone/{place.as_posix()}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        shutil.rmtree(self._made)
