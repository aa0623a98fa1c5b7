"""The image's command as a process: without rights, with nothing to write to, started, asked, stopped."""

import asyncio
import json
import socket
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
import trustme
from aiohttp import ClientSession

from hosting import healthcheck
from infra.hosting import host_environment
from infra.render import form_digest, gateway_digest, goldens, render
from infra.secret import Secret
from tests.form.served import write_tls
from tests.form.waiting import moment
from tests.gateway import made as gateway_made
from tests.gateway.vendors import Scripted, trust, vendor
from tests.infra.stages import key, settings, twilio_secrets
from tests.journey.ports import free_ports

from .conftest import PUBLIC
from .container import Container, Image, image, launch, running
from .dockerfile import DOCKERFILE, ROOT


def test_it_starts_says_that_it_is_well_drains_and_ends_with_0(service: Container) -> None:
    assert service.health() == 0
    code, said = service.stop()
    assert code == 0
    events = [json.loads(line)["event"] for line in said.splitlines()]
    assert events[-1] == "draining"
    assert "Traceback" not in said


@pytest.mark.anyio
async def test_a_message_under_way_is_sent_before_it_ends(
    plain_image: Image, environment: dict[str, str], tmp_path: Path
) -> None:
    ca, late = trustme.CA(), asyncio.Event()
    async with vendor(ca) as hook, ClientSession() as session:
        local = {"publicBaseUrl": "https://form.localhost:8447", "carriers": ["webhook"]}
        stage = gateway_made.stage(**local, carrierUrls={"webhook": hook.url})
        (tmp_path / "gateway.json").write_text(json.dumps(stage))
        hook.script.append(Scripted(200, {"status": "accepted", "id": "late"}, until=late))
        trusting = environment | {"SSL_CERT_FILE": str(trust(ca, tmp_path))}
        with running(plain_image, free_ports(), trusting) as container:
            url, bearer = f"http://127.0.0.1:{container.port}", f"Bearer {gateway_made.token()}"
            sending = asyncio.ensure_future(
                session.post(f"{url}/sms", json=gateway_made.order(), headers={"Authorization": bearer})
            )
            await hook.reached()
            container.terminate()
            async with asyncio.timeout(10):
                while (await session.get(f"{url}/readyz")).status == 200:
                    await moment()
            # To a new connection, too: whoever balances the load has to hear of it.
            assert await asyncio.to_thread(container.get, "/readyz", PUBLIC) == 503
            late.set()
            assert (await sending).status == 200
            assert await asyncio.to_thread(container.process.wait, 30) == 0
    assert [message["to"] for message in hook.received] == [gateway_made.MOBILE]


def test_nobody_reaches_further_than_the_image_allows(service: Container, tmp_path: Path) -> None:
    """The rights that the other tests rely on being absent: to change the image, to write anywhere else."""
    started = psutil.Process(service.process.pid)
    process = (started.children() or [started])[-1]
    assert "CapEff:\t0000000000000000" in Path(f"/proc/{process.pid}/status").read_text()
    attempt = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text('x')"
    refusals = {
        service.image.here("/app/form/app.py"): "Permission denied",
        service.image.here("/app/new"): "Permission denied",
        tmp_path / "new": "File too large",
    }
    for place, refusal in refusals.items():
        tried = subprocess.run(
            service.image.command(["/venv/bin/python", "-c", attempt, str(place)], service.port),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (tried.returncode, refusal in tried.stderr) == (1, True)


def test_it_needs_no_home_and_leaves_no_file(
    plain_image: Image, environment: dict[str, str], tmp_path: Path
) -> None:
    before = sorted(plain_image.root.rglob("*"))
    there = sorted(tmp_path.iterdir())
    with running(plain_image, free_ports(), environment) as container:
        assert "HOME" not in container.environment
        assert container.get("/healthz", PUBLIC) == 200
        assert container.get("/readyz", PUBLIC) == 200
        container.stop()
    assert sorted(plain_image.root.rglob("*")) == before
    assert sorted(tmp_path.iterdir()) == there


def test_a_missing_environment_is_told_at_once_and_ends_with_2(plain_image: Image) -> None:
    code, said = launch(plain_image, free_ports(), {}).ended()
    assert code == 2
    for name in ("PHONE_STAGE_FILE", "PHONE_REQUEST_KEY", "PHONE_RESULT_KEY", "REDIS_URL"):
        assert f"- {name} " in said
    assert "Traceback" not in said


def test_everything_that_it_imports_is_in_the_image(plain_image: Image) -> None:
    """Modules come from the image or the interpreter, also those that only one setting loads."""
    modules = sorted(
        path.relative_to(plain_image.here("/app")).with_suffix("").as_posix().replace("/", ".")
        for path in plain_image.here("/app").rglob("*.py")
        if path.name not in ("__init__.py", "__main__.py", "healthcheck.py")
    )
    assert {"asgi", "form.app", "gateway.transports.aws", "serving.server"} <= set(modules)
    code = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "ours = [getattr(module, '__file__', None) or '' for module in list(sys.modules.values())]\n"
        f"assert not [file for file in ours if file.startswith({str(ROOT)!r}) and '/.venv/' not in file]\n"
    )
    done = subprocess.run(
        plain_image.command(["/venv/bin/python", "-c", code, *modules], 0),
        cwd=plain_image.here("/app"),
        env=plain_image.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == 0


def test_with_a_stage_inside_it_starts_by_what_the_stage_tells_its_host(tmp_path: Path) -> None:
    """From a stage's settings to a service that answers: rendered, copied in, told its environment."""
    sms = {"mode": "gateway", "countries": ["GB"], "carriers": ["clickatell"]}
    held: dict[str, Any] = {
        "secrets__smsGatewaySecret": key(),
        "secrets__environment": {"CLICKATELL_API_KEY": Secret("k" * 32), "SINGLE_PROCESS": Secret("1")},
    }
    stage = settings(sms=sms, **twilio_secrets(), **held)
    rendered = render(stage)
    for name in (
        "asgi.py",
        ".dockerignore",
        "action_src",
        "form",
        "gateway",
        "serving",
        "requirements",
        "hosting",
    ):
        (tmp_path / name).symlink_to(ROOT / name)
    goldens.write(tmp_path / "rendered-dev", rendered)
    given = {
        name: value.reveal() if isinstance(value, Secret) else value
        for name, value in host_environment(stage).items()
    }
    with image("with-stage", tmp_path, STAGE="rendered-dev") as made:
        assert not made.here("/app/rendered/actions").exists()
        with running(made, free_ports(), given) as container:
            assert container.health() == 0
            assert container.answer("/healthz", "localhost")["stage"] == form_digest(rendered)
            assert container.answer("/readyz", "localhost")["stage"] == gateway_digest(rendered)


def test_over_tls_the_certificate_must_be_good(
    plain_image: Image, environment: dict[str, str], tmp_path: Path
) -> None:
    ca = trustme.CA()
    certificate, key, authority = write_tls(tmp_path, ca)
    made = {
        "right": ca.issue_cert(PUBLIC),
        "another name": ca.issue_cert("other.example.com"),
        "expired": ca.issue_cert(PUBLIC, not_after=datetime.now(UTC) - timedelta(days=1)),
    }
    options = ["--ssl-certfile", str(certificate), "--ssl-keyfile", str(key)]
    for name, leaf in made.items():
        certificate.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
        key.write_bytes(leaf.private_key_pem.bytes())
        trusting = environment | {"SSL_CERT_FILE": str(authority)}
        with running(plain_image, free_ports(), trusting, *options) as container:
            assert (name, container.health()) == (name, 0 if name == "right" else 1)
            del container.environment["SSL_CERT_FILE"]
            assert container.health() == 1


def test_where_nothing_listens_it_is_not_well(service: Container) -> None:
    service.stop()
    assert service.health() == 1


@pytest.mark.parametrize(("answer", "code"), [(b"HTTP/1.1 200 OK", 0), (b"HTTP/1.1 503 No", 1), (b"", 1)])
def test_any_other_answer_is_a_no_and_so_is_none(
    answer: bytes, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(healthcheck, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def once() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                if answer:
                    connection.sendall(answer + b"\r\nContent-Length: 0\r\n\r\n")
                connection.recv(1)  # until the other side has had enough

        server = threading.Thread(target=once)
        server.start()
        assert healthcheck.main([str(listener.getsockname()[1])]) == code
        server.join()


def test_the_health_check_has_more_time_than_it_takes() -> None:
    seconds = float(DOCKERFILE.read_text().partition("--timeout=")[2].partition("s")[0])
    assert seconds > 2 * healthcheck.SECONDS
