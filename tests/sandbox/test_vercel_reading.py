"""What Vercel makes of files and bodies without running anything: the entry point, hostile input."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Message

from sandbox.context import Sandbox
from sandbox.testing import memory_sandbox
from sandbox.vercel import account, builds, entrypoint, uploads
from sandbox.vercel.app import create_app
from sandbox.vercel.entrypoint import Entrypoint
from sandbox.vercel.errors import VercelError
from sandbox.vercel.platform import Platform


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("app = make()", "app"),
        ("app: object = make()", "app"),
        ("other = app = make()", "app"),
        ("from web import app", "app"),
        ("from web import pages as app", "app"),
        ("async def app(scope, receive, send): ...", "app"),
        ("def app(environ, start): ...", "app"),
        ("application = make()", "application"),
        ("application = make()\napp = make()", "app"),
        ("from web import app as other", None),
        ("def make():\n    app = 1", None),
        ("if True:\n    app = 1", None),
        ("# app = make()", None),
        ("web.app = make()", None),
        ("app = (", None),
        ("", None),
        ("\0", None),
    ],
)
def test_an_application_is_found_by_reading(source: str, name: str | None) -> None:
    assert entrypoint.defined(source.encode()) == name


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"asgi.py": "app = 1", "wsgi.py": "app = 1"}, Entrypoint("wsgi.py", "app")),
        ({"asgi.py": "app = 1", "main.py": "x = 1"}, Entrypoint("asgi.py", "app")),
        ({"src/asgi.py": "app = 1", "api/app.py": "app = 1"}, Entrypoint("src/asgi.py", "app")),
        ({"web/asgi.py": "app = 1"}, None),
        (
            {"web/__init__.py": "", "pyproject.toml": '[project.scripts]\napp = "web:make"'},
            Entrypoint("web/__init__.py", "make"),
        ),
        ({"pyproject.toml": '[project.scripts]\napp = "absent:app"'}, None),
        ({"pyproject.toml": "[project"}, None),
        ({"pyproject.toml": "project = 1"}, None),
        ({"pyproject.toml": "[project]\nscripts = 1"}, None),
        ({"pyproject.toml": "[project.scripts]\napp = 1"}, None),
    ],
)
def test_the_candidates_come_in_vercels_order(
    tmp_path: Path, files: dict[str, str], found: Entrypoint | None
) -> None:
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    assert entrypoint.find(tmp_path) == found


@settings(max_examples=200)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_any_source_is_read_without_harm(source: bytes) -> None:
    assert entrypoint.defined(source) in (None, "app", "application")


_PARTS = st.sampled_from(["..", ".", "", "a", "b.py", "\0", "\\", "%2e%2e", "~", "C:", "\u202e", "é"])
_PATHS = st.lists(_PARTS, min_size=1, max_size=4).map("/".join) | st.text(max_size=30)


@settings(max_examples=300)
@given(st.lists(_PATHS, min_size=1, max_size=4))
def test_whatever_the_paths_no_file_leaves_its_folder(
    tmp_path_factory: pytest.TempPathFactory, paths: list[str]
) -> None:
    try:
        uploads.check_paths(paths)
    except VercelError:
        return
    root = tmp_path_factory.mktemp("extracted")
    blobs = uploads.Blobs(root / "blobs")
    digest = blobs.put(b"body")
    builds.extract(blobs, dict.fromkeys(paths, digest), root / "deployment")
    written = {path for path in root.rglob("*") if path.is_file()} - {blobs.path(digest)}
    assert written == {root / "deployment" / path for path in paths}
    assert all(path.resolve().is_relative_to(root / "deployment") for path in written)


def call(sandbox: Sandbox, method: str, path: str, body: bytes) -> tuple[int, Any]:
    """One request without any network; the status and the body."""
    app = create_app(sandbox)
    headers = [(b"authorization", f"Bearer {account.of(sandbox)['token']}".encode())]
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": headers, "scheme": "https", "server": ("localhost", 8444), "root_path": "",
    }  # fmt: skip
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    async def answer() -> None:
        await app(scope, receive, send)
        await sandbox.vercel.close()

    asyncio.run(answer())
    return sent[0]["status"], json.loads(sent[1]["body"])


class Nowhere:
    """A place that nothing may come to."""

    async def prepare(self, *_: object) -> Any:
        raise AssertionError("nothing runs here")

    show = clear = fail = prepare

    def name(self, _: list[str]) -> None:
        raise AssertionError("nothing runs here")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _object(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, _JSON))


_VARIABLE = _object("key", "value", "type", "target", "comment", "gitBranch")
_BODIES = {
    "/v11/projects": _object("name", "framework", "serverlessFunctionRegion", "ssoProtection"),
    "/v10/projects/form/env": _VARIABLE | st.lists(_VARIABLE, max_size=3),
    "/v10/projects/form/domains": _object("name", "redirect", "gitBranch"),
    "/v13/deployments": st.builds(
        lambda rest, files: {"name": "form", "files": files, **rest},
        _object("target", "meta", "projectSettings"),
        st.lists(_object("file", "data", "sha", "size", "encoding"), max_size=3) | _JSON,
    ),
}


@pytest.mark.parametrize("path", _BODIES)
@settings(max_examples=80)
@given(data=st.data())
def test_whatever_is_sent_the_answer_is_vercels(
    path: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    sandbox = memory_sandbox()
    sandbox.vercel = Platform(sandbox, tmp_path_factory.getbasetemp() / "vercel", Nowhere())
    assert call(sandbox, "POST", "/v11/projects", b'{"name": "form"}')[0] == 200
    sent = data.draw(_BODIES[path].map(lambda body: json.dumps(body).encode()) | st.binary(max_size=20))
    status, answer = call(sandbox, "POST", path, sent)
    assert status in (200, 201, 400, 403, 404, 409, 501)
    assert ("error" in answer) is (status >= 400)
