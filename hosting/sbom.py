"""Writes the bill of materials of the hosted service: `python -m hosting.sbom --write`, or `--check`.

CycloneDX 1.6, JSON, reproducible: the packages of requirements/service.txt with their licences, as they are
installed, and what each of them needs. Their checksums are in that file. The image's operating system is not
in it: scan the image for that. Format: https://cyclonedx.org/docs/1.6/json/
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "service.txt"
WRITTEN = ROOT / "hosting" / "sbom.json"


class SbomError(Exception):
    """There is no bill to be made; the text says why and what mends it."""


def bill() -> str:
    """The bill as text. SbomError when what is installed is not what is locked."""
    whole = installed()
    pins = locked(LOCK.read_text())
    ours = [each for each in whole["components"] if pins.get(canonical(each["name"])) == each["version"]]
    if missing := sorted(pins.keys() - {canonical(each["name"]) for each in ours}):
        raise SbomError(f"Not installed as locked: {', '.join(missing)}. Run: make .venv/.dev")
    root = whole["metadata"]["component"]
    kept = {each["bom-ref"] for each in ours}
    whole["components"] = [described(each) for each in ours]
    whole["metadata"]["tools"]["components"] = [
        described(each) for each in whole["metadata"]["tools"]["components"]
    ]
    whole["dependencies"] = [
        {"ref": each["ref"], "dependsOn": sorted(kept.intersection(each.get("dependsOn", [])))}
        for each in whole["dependencies"]
        if each["ref"] in kept
    ]
    # Everything that is locked is the service's own need, or the need of such a one.
    whole["dependencies"].append({"ref": root["bom-ref"], "dependsOn": sorted(kept)})
    return json.dumps(whole, indent=2, sort_keys=True) + "\n"


def installed() -> dict[str, Any]:
    """The bill of everything in this environment."""
    command = [sys.executable, "-m", "cyclonedx_py", "environment", sys.executable, "--pyproject"]
    command += [str(ROOT / "pyproject.toml"), "--output-reproducible", "--sv", "1.6", "--no-validate"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SbomError(f"cyclonedx-py failed: {done.stderr.strip()}\nRun: make .venv/.dev")
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def locked(text: str) -> dict[str, str]:
    """Names, in their canonical form, and versions of a lock file."""
    pins = re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;]+)", text, flags=re.MULTILINE)
    return {canonical(name): version for name, version in pins}


def canonical(name: str) -> str:
    """As https://packaging.python.org/en/latest/specifications/name-normalization/ has it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def described(component: dict[str, Any]) -> dict[str, Any]:
    """Without web addresses: they say nothing about what is installed."""
    return {key: value for key, value in component.items() if key != "externalReferences"}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="The hosted service's bill of materials.")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--write", action="store_true", help="write hosting/sbom.json")
    way.add_argument("--check", action="store_true", help="say whether hosting/sbom.json is current")
    options = parser.parse_args(arguments)
    try:
        text = bill()
    except SbomError as error:
        print(error, file=sys.stderr)
        return 1
    if options.write:
        WRITTEN.write_text(text)
    elif not WRITTEN.is_file() or WRITTEN.read_text() != text:
        print("hosting/sbom.json is not current. Run: make sbom", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
