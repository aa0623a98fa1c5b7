"""The step-by-step page of the first gateway, followed line by line on a stage of its own."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journey.passwordless import Application, answering, code_after, notifications
from tests.journey.people import fresh_number
from tests.journey.stage import ROOT, JourneyStage

PAGE = (ROOT / "docs" / "first-gateway.md").read_text()
BLOCKS = re.findall(r"```(sh|json)\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JourneyStage]:
    it = JourneyStage(tmp_path_factory.mktemp("gateway") / "local")
    yield it
    it.ops("down")


def test_every_step_answers_as_the_page_says(laptop: JourneyStage, tmp_path: Path) -> None:
    steps = list(zip(BLOCKS, [*BLOCKS[1:], ("", "")], strict=True))
    shown = [
        (command, expected if kind == "json" else None)
        for (language, command), (kind, expected) in steps
        if language == "sh"
    ]
    assert len(shown) > 8
    marks = [f"step-{number}" for number in range(len(shown))]
    script = "\n".join(
        f"{on(laptop, command)}\necho; echo {mark}" for (command, _), mark in zip(shown, marks, strict=True)
    )
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rest = done.stdout
    for (command, expected), mark in zip(shown, marks, strict=True):
        said, _, rest = rest.partition(mark)
        if expected is not None:
            assert like(json.loads(said), json.loads(expected)), f"{command}\n{said}"


def test_the_same_through_the_phone_provider_which_tries_again(laptop: JourneyStage) -> None:
    """The page's last command. The clock that is moved here would disturb logins through the form."""
    laptop.up("sms.mode=provider")
    application, number = Application(laptop), fresh_number()
    with answering(laptop, "internal", number):
        assert application.start(number).status_code == 200
        (waiting,) = notifications(laptop, number, "waiting")
    assert waiting["tries"][0]["reason"] == "the gateway answered 503 carriers_unavailable"
    assert laptop.messages(number) == []
    laptop.control("POST", "/clock", {"advance": 20})
    notifications(laptop, number, "delivered")
    assert len(laptop.messages(number)) == 1
    assert application.exchange(number, code_after(laptop, number)).status_code == 200


def on(laptop: JourneyStage, command: str) -> str:
    """The page's command, on this test's stage instead of the checkout's."""
    where = f"--port {laptop.port} --state {shlex.quote(str(laptop.folder))}"
    ops = f"{shlex.quote(sys.executable)} -m ops"

    def up(found: re.Match[str]) -> str:
        changes = " ".join(f'--set "{each}"' for each in found.group(1).split())
        return f"{ops} up {where} {changes} >&2"  # what the page shows below is the next command's

    command = re.sub(r"\.venv/bin/python -m ops (\w+)", rf"{ops} \1 {where}", command)
    return re.sub(r'make up SET="([^"]*)"', up, command)


def like(said: object, expected: object) -> bool:
    """Whether an answer is the one on the page, where "…" stands for any text and an item for all."""
    if isinstance(expected, list):
        return isinstance(said, list) and all(like(each, expected[0]) for each in said)
    if isinstance(expected, dict):
        return isinstance(said, dict) and {
            key for key in said if key in expected and like(said[key], expected[key])
        } == set(expected) == set(said)
    return isinstance(said, str) if expected == "…" else said == expected
