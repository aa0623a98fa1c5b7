"""The import table: which room may import what. A breach fails here, with its file and line."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = {"infra", "form", "gateway", "serving", "hosting", "sandbox", "ops", "asgi", "bench", "tests"}
MAY_IMPORT: dict[str, set[str]] = {
    "infra": set(),
    "form": {"serving"},
    "gateway": {"serving"},
    "serving": set(),
    "sandbox": set(),
    "hosting": set(),
    "ops": {"infra"},
    "asgi": {"form", "gateway", "serving"},
}
_OUTSIDE = {"pulumi", "pulumi_auth0", "requests", "aiohttp", "socket", "urllib.request", "os"}
FORBIDDEN_MODULES = {
    "infra/settings.py": _OUTSIDE,
    "infra/host.py": _OUTSIDE,
    "infra/sms.py": _OUTSIDE,
    "infra/shapes.py": _OUTSIDE,
    "infra/render": _OUTSIDE,
    "infra/hosting/environment.py": _OUTSIDE,
    "infra/hosting/bundle.py": _OUTSIDE,
    "infra/components": {"os", "requests", "aiohttp", "socket", "urllib.request"},
    # What a program imports of the provider: the rest of it runs in a process of its own.
    "infra/providers/vercel.py": {"os", "requests", "aiohttp", "socket", "urllib.request"},
}


def modules(room: str) -> list[Path]:
    return [ROOT / "asgi.py"] if room == "asgi" else sorted((ROOT / room).rglob("*.py"))


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """Absolute imports, and relative ones that leave the room."""
    depth = len(file.relative_to(ROOT).parts) - 1
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level == 0:
                yield node.lineno, node.module or ""
            elif node.level > depth:
                yield node.lineno, f"{'.' * node.level}{node.module or ''} leaves the room"


def rooms_that_exist() -> list[str]:
    return [room for room in MAY_IMPORT if any(file.exists() for file in modules(room))]


@pytest.mark.parametrize("room", rooms_that_exist())
def test_a_room_imports_only_what_the_table_allows(room: str) -> None:
    broken = [
        f"{file.relative_to(ROOT)}:{line} imports {name}"
        for file in modules(room)
        for line, name in imports(file)
        if "leaves the room" in name
        # `infra/__main__.py` is run by Pulumi as a script, from outside its package
        or (
            name.split(".")[0]
            in ROOMS - MAY_IMPORT[room] - ({"infra"} if file == ROOT / "infra" / "__main__.py" else set())
        )
    ]
    assert broken == []


@pytest.mark.parametrize("place", FORBIDDEN_MODULES)
def test_settings_render_and_components_stay_pure(place: str) -> None:
    found = ROOT / place
    files = [found] if found.suffix else sorted(found.rglob("*.py"))
    assert files, f"{place} is gone: the table names a module that no longer exists"
    broken = [
        f"{file.relative_to(ROOT)}:{line} imports {name}"
        for file in files
        for line, name in imports(file)
        if any(name == bad or name.startswith(bad + ".") for bad in FORBIDDEN_MODULES[place])
    ]
    assert broken == []


def test_components_read_no_configuration() -> None:
    readers = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in sorted((ROOT / "infra" / "components").rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"Config", "environ", "getenv"}
    ]
    assert readers == []


def test_every_room_of_the_tree_is_in_the_table() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert packages <= set(MAY_IMPORT), "a new room needs its line in MAY_IMPORT"


def test_the_table_catches_a_breach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = tmp_path / "sandbox" / "login"
    room.mkdir(parents=True)
    (room / "app.py").write_text("from form.app import create_app\nfrom ...form import app\n")
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    with pytest.raises(AssertionError, match=r"sandbox/login/app.py:1 imports form.app"):
        test_a_room_imports_only_what_the_table_allows("sandbox")


def test_the_provider_shares_nothing_with_the_program_but_its_own_room() -> None:
    """It runs in a process of its own, and from the wheel in anybody's."""
    leaving = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in sorted((ROOT / "infra" / "providers").rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and node.level > len(file.relative_to(ROOT).parts) - 2
    ]
    assert leaving == []
