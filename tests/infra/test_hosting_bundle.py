"""The hosted service as files: complete, small, the same each time; and the folder where the bodies wait."""

import ast
import hashlib
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infra import contract, hosted_files, render
from infra.errors import BundleError
from infra.hosting import bundle, files, publish
from infra.hosting.bundle import as_in_checkout

from .stages import key, settings

ROOT = Path(__file__).resolve().parents[2]
SMS = {"mode": "gateway", "countries": ["GB"], "carriers": ["clickatell"]}
DAY = 24 * 3600


@pytest.fixture(autouse=True)
def blobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of the test's own."""
    folder = tmp_path / "kept" / "blobs"
    monkeypatch.setenv("AUTH0_PHONE_BLOBS", str(folder))
    return folder


@pytest.fixture(scope="module")
def rendered() -> dict[str, str]:
    return render(settings(sms=SMS, secrets__smsGatewaySecret=key()))


def test_it_holds_the_service_and_nothing_of_other_rooms(rendered: dict[str, str]) -> None:
    found = files(rendered)
    assert {path.partition("/")[0] for path in found} == {
        *("asgi.py", "form", "gateway", "serving", "action_src", "rendered"),
        *("requirements.txt", ".python-version"),
    }
    assert "action_src/contract.json" in found
    assert not [path for path in found if "__pycache__" in path or path.endswith(".pyc") or "test" in path]
    assert "gateway/openapi.py" not in found
    assert len(b"".join(found.values())) < 1_000_000


def test_what_was_rendered_for_the_stage_lies_where_the_environment_says(rendered: dict[str, str]) -> None:
    found = files(rendered)
    for room in ("form", "gateway"):
        assert found[f"rendered/{room}/stage.json"].decode() == rendered[f"{room}/stage.json"]
    without = {name: text for name, text in rendered.items() if not name.startswith("gateway/")}
    assert "rendered/gateway/stage.json" not in files(without)


def test_it_runs_from_its_files_alone(rendered: dict[str, str], tmp_path: Path) -> None:
    """Every module can be imported in a folder that holds the bundle and nothing else."""
    place = tmp_path / "task"
    for path, body in files(rendered).items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(body)
    modules = [path.removesuffix(".py").replace("/", ".") for path in files(rendered) if path.endswith(".py")]
    names = [name.removesuffix(".__init__") for name in modules if not name.endswith("tracing")]
    program = (
        f"import importlib, asgi\nfor name in {names!r}: importlib.import_module(name)\nprint(asgi.__file__)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=place, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == str(place / "asgi.py")


def test_the_entry_is_found_as_vercel_finds_it(rendered: dict[str, str]) -> None:
    """A top-level `app` in asgi.py, and none in a file that comes before it."""
    found = files(rendered)
    assert not {"app.py", "index.py", "server.py", "main.py", "wsgi.py"} & set(found)
    names = {
        target.id
        for node in ast.parse(found["asgi.py"]).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert "app" in names
    assert "handler" not in names


def test_the_packages_are_the_locked_ones(rendered: dict[str, str]) -> None:
    assert files(rendered)["requirements.txt"] == (ROOT / "requirements" / "service.txt").read_bytes()


def test_the_same_gives_the_same_and_a_change_of_a_stage_changes_its_file(rendered: dict[str, str]) -> None:
    first, again = publish(files(rendered)), publish(files(rendered))
    assert list(first.items()) == list(again.items())
    other = publish(files(render(settings(brand__color="#000000"))))
    assert {path for path in first if first[path] != other.get(path)} == {
        "rendered/form/stage.json",
        "rendered/gateway/stage.json",
    }


def test_strays_of_editors_and_interpreters_stay_out(
    rendered: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in bundle.ROOMS:
        (tmp_path / room).mkdir()
    for path in (bundle.ENTRY, bundle.PACKAGES, bundle.CONTRACT, "form/a.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("1")
    for stray in ("form/.#a.py", "form/a.py~", "form/a.pyc", "form/notes.md", "form/token.json"):
        (tmp_path / stray).write_text("stray")
    monkeypatch.setattr(bundle, "ROOT", tmp_path)
    assert [path for path in files(rendered) if path.startswith("form/")] == ["form/a.py"]
    (tmp_path / "form" / "b.py").symlink_to(tmp_path / "form" / "notes.md")
    with pytest.raises(BundleError, match=r"form/b\.py is a symbolic link"):
        files(rendered)
    (tmp_path / "form" / "b.py").unlink()
    (tmp_path / bundle.CONTRACT).unlink()
    with pytest.raises(BundleError, match=r"contract\.json cannot be read"):
        files(rendered)


@pytest.mark.parametrize(
    ("line", "read"),
    [
        (b"from auth0_phone.serving.app import x", b"from serving.app import x"),
        (b"from auth0_phone import form; import auth0_phone.form.app", b"import form.app"),
        (b"from auth0_phone.infra import x", b"from auth0_phone.infra import x"),
        (b"reform = 'serving.app'", b"reform = 'serving.app'"),
    ],
)
def test_imports_of_the_wheel_are_read_as_in_the_checkout(line: bytes, read: bytes) -> None:
    assert as_in_checkout(line) == read


def test_bodies_are_kept_by_their_digest_for_their_owner_alone(rendered: dict[str, str], blobs: Path) -> None:
    bodies = files(rendered)
    digests = publish(bodies)
    assert {path.name for path in blobs.iterdir()} == set(digests.values())
    assert stat.S_IMODE(blobs.stat().st_mode) == 0o700
    for path, digest in digests.items():
        kept = blobs / digest
        assert hashlib.sha256(kept.read_bytes()).hexdigest() == digest
        assert kept.read_bytes() == bodies[path]
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_damaged_body_is_replaced_and_a_sound_one_is_left(blobs: Path) -> None:
    digest = publish({"a": b"body", "b": b"other"})
    (blobs / digest["a"]).write_bytes(b"bo")
    inode = (blobs / digest["b"]).stat().st_ino
    publish({"a": b"body", "b": b"other"})
    assert (blobs / digest["a"]).read_bytes() == b"body"
    assert (blobs / digest["b"]).stat().st_ino == inode


def test_what_nobody_published_for_a_month_goes(blobs: Path) -> None:
    old, recent = (publish({"f": body})["f"] for body in (b"old", b"recent"))
    used = publish({"f": b"used"})["f"]
    for name, days in ((old, 31), (used, 31), (recent, 29)):
        os.utime(blobs / name, (0, time.time() - days * DAY))
    publish({"f": b"used"})
    assert {path.name for path in blobs.iterdir()} == {recent, used}
    assert time.time() - (blobs / used).stat().st_mtime < DAY


def test_what_else_is_in_a_named_folder_stays_as_it_is(blobs: Path) -> None:
    blobs.mkdir(parents=True)
    blobs.chmod(0o755)
    broken_off = f".{'a' * 64}.{'b' * 16}"
    theirs = {"thesis.txt", ".profile", "A" * 64, f"{'a' * 63}", f"{'a' * 64}.txt"}
    long_ago = time.time() - 31 * DAY
    for name in {*theirs, broken_off}:
        (blobs / name).write_text("theirs")
        os.utime(blobs / name, (0, long_ago))
    (blobs / ("c" * 64)).mkdir()
    os.utime(blobs / ("c" * 64), (0, long_ago))
    digests = publish({"a": b"body"})
    assert {path.name for path in blobs.iterdir()} == {*theirs, "c" * 64, *digests.values()}
    assert stat.S_IMODE(blobs.stat().st_mode) == 0o755


def test_a_folder_that_cannot_be_written_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("AUTH0_PHONE_BLOBS", str(tmp_path / "file" / "blobs"))
    with pytest.raises(BundleError, match="export AUTH0_PHONE_BLOBS="):
        publish({"a": b"body"})


def test_an_external_host_gets_no_files(blobs: Path) -> None:
    stage = settings()
    assert hosted_files(stage, render(stage)) == {}
    assert not blobs.exists()


def test_the_builds_own_file_is_not_ours(rendered: dict[str, str]) -> None:
    """The provider adds it, with the digest of everything else."""
    assert contract.load()["build"]["file"] not in files(rendered)
