"""Builds the wheel: in it the rooms lie below `auth0_phone`, and so does what they import of each other."""

import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOMS = ("form", "gateway")
SERVING = re.compile(r"^(\s*)(from|import) serving\b", re.MULTILINE)


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg] # hatchling's own subclasses leave it out
    """`from serving` becomes `from auth0_phone.serving`; the files in the checkout stay as they are."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root, made = Path(self.root), Path(tempfile.mkdtemp(prefix="auth0-phone-wheel-"))
        self._made = made
        for source in sorted(file for room in ROOMS for file in (root / room).rglob("*.py")):
            text = source.read_text()
            changed = SERVING.sub(r"\1\2 auth0_phone.serving", text)
            if changed != text:
                place = source.relative_to(root)
                copy = made / place
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_text(changed)
                build_data["force_include"][str(copy)] = f"auth0_phone/{place.as_posix()}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        shutil.rmtree(self._made)
