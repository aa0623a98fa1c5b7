"""Which module of a deployment is the application, found as Vercel finds it: by reading, not by running.

Source: https://vercel.com/docs/functions/runtimes/python
"""

import ast
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

_NAMES = ("app", "index", "server", "main", "wsgi", "asgi")
_FOLDERS = ("", "src/", "app/", "api/")
CANDIDATES = tuple(f"{folder}{name}.py" for folder in _FOLDERS for name in _NAMES)
_OBJECTS = ("app", "application")
_SCRIPT = re.compile(r"([A-Za-z_][\w.]*)\s*:\s*([A-Za-z_]\w*)")


@dataclass(frozen=True)
class Entrypoint:
    """A module's file, below the deployment's folder, and the name of the application in it."""

    file: str
    name: str


def find(folder: Path) -> Entrypoint | None:
    """The first candidate that defines an application, else what the script `app` of pyproject.toml names."""
    for candidate in CANDIDATES:
        file = folder / candidate
        if file.is_file() and (name := defined(file.read_bytes())):
            return Entrypoint(candidate, name)
    return _script(folder)


def defined(source: bytes) -> str | None:
    """The application that a module defines or imports at its top level, if it does."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found = {name for statement in body for name in _bound(statement)}
    return next((name for name in _OBJECTS if name in found), None)


def _bound(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return [name]
        case ast.ImportFrom(names=aliases):
            return [alias.asname or alias.name for alias in aliases]
        case _:
            return []


def _script(folder: Path) -> Entrypoint | None:
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text()).get("project", {})
    except (OSError, ValueError, AttributeError):
        return None
    scripts = project.get("scripts", {}) if isinstance(project, dict) else {}
    told = scripts.get("app") if isinstance(scripts, dict) else None
    match = _SCRIPT.match(told) if isinstance(told, str) else None
    if match is None:
        return None
    module = match[1].replace(".", "/")
    files = (f"{module}.py", f"{module}/__init__.py")
    return next((Entrypoint(file, match[2]) for file in files if (folder / file).is_file()), None)
