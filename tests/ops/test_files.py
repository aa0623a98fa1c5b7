"""Files that are whole or not there: two writers at once, a full disk, links, a name that is taken."""

import errno
import os
import threading
from pathlib import Path

import pytest

from ops import files


def test_the_content_is_there_with_its_mode_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "x"
    os.umask(0o022)
    for mode in (0o600, 0o755, 0o664):
        files.replace(path, b"text", mode)
        assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"text", mode)
    files.create(tmp_path / "y", b"", mode=None)
    assert (tmp_path / "y").stat().st_mode & 0o777 == 0o644
    assert sorted(each.name for each in tmp_path.iterdir()) == ["x", "y"]


def test_writers_at_once_leave_one_of_their_contents(tmp_path: Path) -> None:
    path, failed = tmp_path / "x", []
    start = threading.Barrier(8)

    def write(content: bytes) -> None:
        start.wait(10)
        try:
            for _ in range(20):
                files.replace(path, content)
        except OSError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(bytes([65 + place]) * 65536,)) for place in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert failed == []
    found = path.read_bytes()
    assert found == found[:1] * 65536
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("step", ["fsync", "replace", "fchmod"])
def test_a_disk_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "x"
    files.replace(path, b"before")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(OSError, match="No space"):
        files.replace(path, b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("kind", ["file", "dangling link"])
def test_create_never_writes_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool, kind: str
) -> None:
    path = tmp_path / "x"
    if kind == "file":
        path.write_bytes(b"before")
    else:
        path.symlink_to(tmp_path / "nowhere")
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    with pytest.raises(FileExistsError):
        files.create(path, b"after")
    assert list(tmp_path.iterdir()) == [path]
    path.unlink()
    files.create(path, b"after")
    assert path.read_bytes() == b"after"


def no_links(*_: object) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    path, target = tmp_path / "x", tmp_path / "target"
    path.symlink_to(target)
    files.replace(path, b"text")
    assert not path.is_symlink()
    assert not target.exists()


def test_what_a_killed_writer_left_is_found(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    assert files.leftovers(path) == []
    left = tmp_path / ".Pulumi.dev.yaml.0011.new"
    for other in (left, tmp_path / ".Pulumi.dev-eu.yaml.0011.new", path):
        other.touch()
    assert files.leftovers(path) == [left]
