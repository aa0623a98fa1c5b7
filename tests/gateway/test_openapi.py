"""The OpenAPI document is what the gateway does: generated, current, and held against its answers."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway import openapi
from gateway.answers import STATUS, Answer

from . import made
from .fuzz import DOCUMENT, fuzz, operation, response_of
from .site import Reply, Site

pytestmark = pytest.mark.anyio


def committed() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(DOCUMENT.read_text())
    return document


def test_the_committed_document_is_current(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert openapi.main(["--check"]) == 0
    monkeypatch.setattr(openapi, "FILE", tmp_path / "docs" / "gateway.json")
    assert openapi.main(["--check"]) == 1
    assert openapi.main(["--write"]) == 0
    assert openapi.main(["--check"]) == 0


def test_every_answer_has_its_words_and_its_place() -> None:
    assert openapi.WORDS.keys() == STATUS.keys()
    responses = committed()["paths"]["/sms"]["post"]["responses"]
    described = {
        reason
        for response in responses.values()
        for key in ("status", "error")
        for reason in response["content"]["application/json"]["schema"]["properties"]
        .get(key, {})
        .get("enum", [])
    }
    assert described == STATUS.keys() - {"not_found"}


def _schema(part: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = part["content"]["application/json"]["schema"]
    return schema


@pytest.mark.parametrize("reason", sorted(STATUS.keys() - {"not_found"}))
async def test_every_answer_fits_the_document(reason: Any) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await Answer(reason, retry_after=3, close=True).send(send, "0123456789abcdef")
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    operation().validate_response(response_of(Reply(sent[0]["status"], headers, sent[1]["body"])))


def test_the_document_is_strict_enough_to_fail() -> None:
    wrong = Reply(
        200, {"content-type": "application/json"}, b'{"status": "queued", "id": "0123456789abcdef"}'
    )
    with pytest.raises(BaseException, match="queued"):
        operation().validate_response(response_of(wrong))


async def test_its_example_is_an_order(site: Site) -> None:
    schema = _schema(committed()["paths"]["/sms"]["post"]["requestBody"])
    example = {name: schema["properties"][name]["examples"][0] for name in ("recipient", "body")}
    assert (await site.post(json.dumps(example).encode())).status == 200


def test_paths_are_those_of_the_contract() -> None:
    terms = json.loads(made.CONTRACT.read_text())
    gateway = terms["gateway"]
    expected = {gateway["path"], gateway["ready"], gateway["metrics"], terms["paths"]["health"]}
    assert committed()["paths"].keys() == expected


def test_hostile_requests_find_no_fault() -> None:
    found = fuzz(200)
    assert found.inputs >= 200
    assert found.faults == []
    assert {200, 400, 401, 422} <= found.statuses.keys()
