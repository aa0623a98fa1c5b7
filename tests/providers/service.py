"""A service that is small enough for a test: it tells its build, a variable and a word of its own."""

import hashlib
from pathlib import Path

_APP = """
import json, os
from pathlib import Path

BUILD = json.loads(Path(__file__).with_name("build.json").read_text())["build"]
WORD = {word!r}

async def app(scope, receive, send):
    assert scope["type"] == "http"
    seen = {{"build": BUILD, "word": WORD, "greeting": os.environ.get("GREETING")}}
    await send({{"type": "http.response.start", "status": 200,
                "headers": [(b"content-type", b"application/json")]}})
    await send({{"type": "http.response.body", "body": json.dumps(seen).encode()}})
"""


def files(word: str) -> dict[str, bytes]:
    """Path to body. Every word is another build."""
    return {
        "asgi.py": _APP.format(word=word).encode(),
        "requirements.txt": b"",
        "texts/a word.txt": word.encode(),
    }


def broken() -> dict[str, bytes]:
    """A service that can't be imported."""
    return files("broken") | {"asgi.py": b"import nothing_of_this_name\napp = None\n"}


def publish(bodies: dict[str, bytes], folder: Path) -> dict[str, str]:
    """Put the bodies into a blob store, as a program does; path to SHA-256."""
    folder.mkdir(parents=True, exist_ok=True)
    digests = {path: hashlib.sha256(body).hexdigest() for path, body in bodies.items()}
    for path, digest in digests.items():
        (folder / digest).write_bytes(bodies[path])
    return digests
