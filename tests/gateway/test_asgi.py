"""One entry point for both services: by path, with one list of problems."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme

import asgi
from serving.environment import SettingsError
from tests.form import made as form_made

from . import made
from .served import Served, serving
from .vendors import Vendor, trust, vendor

pytestmark = pytest.mark.anyio


@pytest.fixture
async def hook() -> AsyncIterator[tuple[Vendor, trustme.CA]]:
    ca = trustme.CA()
    async with vendor(ca) as running:
        yield running, ca


@pytest.fixture
async def both(tmp_path: Path, hook: tuple[Vendor, trustme.CA]) -> AsyncIterator[Served]:
    vendor, ca = hook
    stage = tmp_path / "form.json"
    stage.write_text(json.dumps(form_made.stage(publicBaseUrl="https://form.localhost:8447")))
    env = form_made.environment(stage)
    async with serving(tmp_path, vendor.url, trust(ca, tmp_path), env, command=("asgi.py",)) as served:
        yield served


async def test_the_gateways_paths_are_the_gateways_and_the_rest_is_the_forms(
    both: Served, hook: tuple[Vendor, trustme.CA], tmp_path: Path
) -> None:
    assert (await both.sms()).status == 200
    assert len(hook[0].received) == 1
    of_gateway = {"contract": made.stage()["contract"], "stage": digest_of(tmp_path / "sms.json")}
    assert (await both.get("/readyz")).document == {"status": "ready", **of_gateway}
    assert (await both.get("/metrics")).status == 401
    of_form = {
        "contract": made.stage()["contract"],
        "stage": digest_of(tmp_path / "form.json"),
        "build": None,
    }
    assert (await both.get("/healthz")).document == {"status": "ok", **of_form}
    async with both.session.get(f"{both.url}/verify", headers={"Host": "form.localhost:8447"}) as page:
        assert page.status == 400
        assert "content-security-policy" in page.headers
    async with both.session.post(f"{both.url}/sms", data=b"") as refused:
        assert refused.status == 401


async def test_both_drain_together(both: Served) -> None:
    assert await both.stop() == -15


def digest_of(file: Path) -> str:
    return f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"


def _set(monkeypatch: pytest.MonkeyPatch, *environments: dict[str, str]) -> None:
    for name, value in {key: value for env in environments for key, value in env.items()}.items():
        monkeypatch.setenv(name, value)


def test_without_a_stage_of_its_own_there_is_no_gateway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "form.json"
    file.write_text(json.dumps(form_made.stage()))
    _set(monkeypatch, form_made.environment(file))
    pages, messages = asgi.load()
    assert pages.stage.stage == "test"
    assert messages is None

    async def asks() -> int:
        async with asgi.running() as app:
            sent: list[int] = []

            async def receive() -> dict[str, object]:
                return {"type": "http.request", "body": b"", "more_body": False}

            async def send(message: dict[str, object]) -> None:
                sent.append(int(str(message.get("status", 0))))

            headers = [(b"host", form_made.HOST.encode())]
            scope = {
                "type": "http",
                "method": "POST",
                "path": "/sms",
                "headers": headers,
                "query_string": b"",
            }
            await app(scope, receive, send)  # type: ignore[arg-type] # as much of ASGI as is needed
            return sent[0]

    assert asyncio.run(asks()) == 404


def test_problems_of_both_are_told_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "sms.json"
    file.write_text(json.dumps(made.stage()))
    _set(monkeypatch, {"SMS_STAGE_FILE": str(file)})
    with pytest.raises(SettingsError) as error:
        asgi.load()
    assert str(error.value).startswith("The service can't start:\n")
    text = "\n".join(error.value.problems)
    for name in ("PHONE_STAGE_FILE", "PHONE_RESULT_KEY", "SMS_GATEWAY_SECRET", "CLICKATELL_API_KEY"):
        assert name in text
    assert len(error.value.problems) == len(set(error.value.problems))
