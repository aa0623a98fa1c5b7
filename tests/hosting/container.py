"""The image without an engine: its files laid out in a folder, its command run as the engine would run it."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from tests.form.waiting import SECONDS, until

from .dockerfile import DOCKERFILE, IGNORED, ROOT, Context, Stage, pairs, read, words

USER = "65532"
# The kernel ignores SIGTERM for a container's first process unless that asks for it; and no file can grow.
AS_PROCESS_1 = ("sh", "-c", 'trap "" TERM; ulimit -f 0; exec "$@"', "sh")


@dataclass
class Image:
    """The last stage, or `target`, in a folder that nobody can write to."""

    root: Path
    folder: str
    environment: dict[str, str]
    start: list[str]
    health: list[str]

    def here(self, path: str) -> Path:
        """Where a path of the image is on this machine."""
        return self.root / path.lstrip("/")

    def command(self, words: list[str], port: int) -> list[str]:
        """A command of the image, on another port."""
        program, *rest = [word if word != "8080" else str(port) for word in words]
        return [*as_nobody(), str(self.here(program)), *rest]


@contextmanager
def image(target: str = "", root: Path = ROOT, **arguments: str) -> Iterator[Image]:
    """Lay the image out. Its virtual environment is this one: the same packages, of the same lock."""
    stages = read(DOCKERFILE.read_text(), **arguments)
    line = lineage(stages, target or list(stages)[-1])
    with TemporaryDirectory(prefix="image-") as place:
        roots = {name: Path(place) / name for name in stages}
        for name in stages:
            roots[name].mkdir()
        os.symlink(sys.prefix, roots["build"] / "venv")
        final = Path(place) / "final"
        final.mkdir()
        folder = lay_out(stages["build"], roots["build"], roots, root)
        for stage in line:
            folder = lay_out(stage, final, roots, root)
        settle(final)
        try:
            yield described(line, final, folder)
        finally:
            settle(final, writable=True)


def lineage(stages: Mapping[str, Stage], name: str) -> list[Stage]:
    """A stage with those that it begins from, the first one first."""
    stage = stages[name]
    return [*(lineage(stages, stage.base) if stage.base in stages else []), stage]


def lay_out(stage: Stage, target: Path, roots: Mapping[str, Path], root: Path) -> str:
    """Do what WORKDIR and COPY say; returns the last working folder. A source that is missing fails."""
    folder, context = "/app", Context.of(root, IGNORED.read_text())
    for keyword, text in stage.instructions:
        if keyword == "WORKDIR":
            folder = text
        elif keyword == "COPY":
            flags = [word for word in text.split() if word.startswith("--")]
            *sources, last = [word for word in text.split() if word not in flags]
            place = target / last.lstrip("/") if last.startswith("/") else target / folder.lstrip("/") / last
            if (flags or [""])[0].startswith("--from="):
                copy_over(roots[flags[0].removeprefix("--from=")] / sources[0].lstrip("/"), place)
            else:
                copy_in(context, sources, place)
    return folder


def copy_over(source: Path, place: Path) -> None:
    if source.is_symlink():
        os.symlink(os.readlink(source), place)
    else:
        shutil.copytree(source, place, dirs_exist_ok=True)


def copy_in(context: Context, sources: list[str], place: Path) -> None:
    for source in sources:
        found = context.files(source)
        assert found, f"COPY {source}: nothing there, or .dockerignore keeps it out"
        for path in found:
            inside = Path(path).name if path == source else Path(path).relative_to(source)
            (place / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(context.root / path, place / inside)


def settle(folder: Path, writable: bool = False) -> None:
    """Let nobody write below the folder, or its owner again."""
    for place, folders, files in os.walk(folder):
        for name in ("", *folders, *files):
            path = Path(place, name)
            if not path.is_symlink():
                path.chmod((0o755 if writable else 0o555) if path.is_dir() else 0o444)


def described(line: list[Stage], root: Path, folder: str) -> Image:
    def last(keyword: str) -> str:
        return [text for stage in line for text in stage.all(keyword)][-1]

    environment = {
        name: value for stage in line for text in stage.all("ENV") for name, value in pairs(text).items()
    }
    health = last("HEALTHCHECK").partition("CMD ")[2]
    return Image(root, folder, environment, words(last("ENTRYPOINT")) + words(last("CMD")), words(health))


@cache
def as_nobody() -> tuple[str, ...]:
    """What a command is run by to have no rights but to read. Root becomes the image's user in namespaces of
    its own, where the command is process 1 as in a container; where those are forbidden, it gives up its
    capabilities. Anybody else has none."""
    if os.geteuid() != 0:
        return AS_PROCESS_1
    user = ("--user", f"--map-user={USER}", f"--map-group={USER}")
    apart = ("unshare", *user, "--pid", "--fork", "--kill-child", "--")
    if subprocess.run([*apart, "true"], capture_output=True, check=False).returncode == 0:
        return (*AS_PROCESS_1, *apart)
    return (*AS_PROCESS_1, "setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--")


@dataclass
class Container:
    """The image's command, running."""

    image: Image
    port: int
    process: "subprocess.Popen[bytes]"
    environment: dict[str, str]

    def health(self) -> int:
        """What the image's health check says: an exit code."""
        return subprocess.run(
            self.image.command(self.image.health, self.port),
            cwd=self.image.here(self.image.folder),
            env=self.environment,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        ).returncode

    def get(self, path: str, host: str) -> int:
        """The status for a request as a supervisor or a proxy sends it."""
        return self._asked(path, host)[0]

    def answer(self, path: str, host: str) -> dict[str, Any]:
        """The document in the answer."""
        document: dict[str, Any] = json.loads(self._asked(path, host)[1])
        return document

    def _asked(self, path: str, host: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.request("GET", path, headers={"Host": host})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def listens(self) -> bool:
        """Whether anybody answers at all, TLS or not."""
        try:
            self.get("/healthz", "localhost")
        except (OSError, http.client.HTTPException) as refused:
            return not isinstance(refused, ConnectionRefusedError)
        return True

    def terminate(self) -> None:
        """Send SIGTERM to the service itself, as an engine does."""
        me = psutil.Process(self.process.pid)
        (me.children() if "unshare" in as_nobody() else [me])[0].send_signal(signal.SIGTERM)

    def stop(self) -> tuple[int, str]:
        """SIGTERM, the exit code, and all that was said."""
        if self.process.poll() is None:
            self.terminate()
        return self.ended()

    def ended(self) -> tuple[int, str]:
        """The exit code and all that was said, when it ends by itself."""
        said, _ = self.process.communicate(timeout=60)
        return self.process.returncode, said.decode()


def launch(image: Image, port: int, environment: Mapping[str, str], *more: str) -> Container:
    """Start the image's command with its own environment, `environment` and nothing else."""
    given = {**image.environment, **environment}
    process = subprocess.Popen(
        [*image.command(image.start, port), *more],
        cwd=image.here(image.folder),
        env=given,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return Container(image, port, process, given)


@contextmanager
def running(image: Image, port: int, environment: Mapping[str, str], *more: str) -> Iterator[Container]:
    """A container that listens; killed at the end if it still runs."""
    container = launch(image, port, environment, *more)
    try:
        until(lambda: container.process.poll() is not None or container.listens())
        if container.process.poll() is not None:
            raise AssertionError(container.stop()[1])
        yield container
    finally:
        container.process.kill()
        container.process.communicate()
