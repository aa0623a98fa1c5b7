"""The log: JSON lines of listed fields, and nothing that belongs to a person."""

import ast
import io
import json
import re
from pathlib import Path

import pytest

from form.logs import json_logger
from serving.logs import where

from . import made
from .conftest import Site
from .phones import RIGHT, WRONG

FORM = made.ROOT / "form"


@pytest.mark.anyio
async def test_a_whole_way_is_told_without_a_number_a_code_or_a_token(site: Site) -> None:
    visitor = site.visitor()
    token = made.request_token()
    await visitor.open(token)
    await visitor.press("send")
    await visitor.press("check", code=WRONG)
    await visitor.press("check", code=RIGHT)
    assert [entry["event"] for entry in site.events] == [
        "opened",
        "code_sent",
        "code_checked",
        "code_checked",
        "finished",
    ]
    assert {entry["tx"] for entry in site.events} == {visitor.at.rsplit("/", 1)[1]}
    assert site.logged("code_sent")[0]["number_end"] == "23"
    log = site.log.getvalue()
    for secret in (token, RIGHT, WRONG, *visitor.cookies.values(), "csrf", made.RESULT_KEY):
        assert secret not in log


def test_fields_that_nobody_decided_on_are_dropped() -> None:
    stream = io.StringIO()
    json_logger(stream).info("opened", tx="t", phone="+14155550123", cookie="c")
    entry = json.loads(stream.getvalue())
    assert entry.keys() == {"event", "level", "time", "tx", "reason"}
    assert entry["reason"] == "unlisted fields dropped"


def test_a_fault_is_located_without_its_message() -> None:
    with pytest.raises(ValueError, match="Expecting value") as raised:
        json.loads("not json +14155550123")
    assert where(raised.value).startswith("json.decoder:")
    assert where(ValueError("x")) == "?"


def sources() -> list[Path]:
    files = sorted(FORM.glob("*.py"))
    assert len(files) > 20
    return files


@pytest.mark.parametrize("file", sources(), ids=lambda file: file.name)
def test_t54_secrets_are_compared_in_constant_time(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
            text = ast.unparse(node).lower()
            assert not any(word in text for word in ("csrf", "signature", "mac", "secret", "token")), text


@pytest.mark.parametrize("file", sources(), ids=lambda file: file.name)
def test_the_room_keeps_its_habits(file: Path) -> None:
    text = file.read_text()
    assert ".isdigit(" not in text
    assert not re.search(r"^\s*print\(", text, flags=re.MULTILINE) or file.name == "__main__.py"
    assert "import logging" not in text
