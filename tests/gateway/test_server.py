"""The gateway as a process: starts, refuses clearly, stands strangers, drains on SIGTERM, survives a kill."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import trustme
from aiohttp import ClientError

from gateway.__main__ import main
from serving import server

from . import made
from .served import Served, serving
from .vendors import Scripted, Vendor, trust, vendor

pytestmark = pytest.mark.anyio

ENDED = -signal.SIGTERM
NO_LIMITS = dict.fromkeys(made.LIMITS, "")


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
async def hook(ca: trustme.CA) -> AsyncIterator[Vendor]:
    async with vendor(ca) as running:
        yield running


@pytest.fixture
def authority(ca: trustme.CA, tmp_path: Path) -> Path:
    return trust(ca, tmp_path)


@pytest.fixture
async def served(tmp_path: Path, hook: Vendor, authority: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path, hook.url, authority, limits=NO_LIMITS) as running:
        yield running


@pytest.fixture(scope="module")
async def shared_hook(ca: trustme.CA) -> AsyncIterator[Vendor]:
    async with vendor(ca) as running:
        yield running


@pytest.fixture(scope="module")
async def shared(
    tmp_path_factory: pytest.TempPathFactory, ca: trustme.CA, shared_hook: Vendor
) -> AsyncIterator[Served]:
    """A gateway that no test ends and no test counts at."""
    folder = tmp_path_factory.mktemp("shared")
    async with serving(folder, shared_hook.url, trust(ca, folder), limits=NO_LIMITS) as running:
        yield running


async def test_an_sms_goes_all_the_way(served: Served, hook: Vendor) -> None:
    answered = await served.sms(recipient="+1 (415) 555-0123")
    assert (answered.status, answered.document["status"]) == (200, "accepted")
    assert [(m["to"], m["text"]) for m in hook.received] == [(made.MOBILE, made.TEXT)]


async def test_probes_and_figures(served: Served) -> None:
    health, ready = await served.get("/healthz"), await served.get("/readyz")
    assert health.document["status"] == "ok"
    assert health.document["contract"] == made.stage()["contract"]
    assert health.document["stage"].startswith("sha256:")
    assert (ready.status, ready.document) == (200, {**health.document, "status": "ready"})
    await served.sms()
    figures = await served.figures()
    assert figures['sms_requests_total{answer="accepted"}'] == 1
    assert figures['sms_requests_total{answer="limited"}'] == 0
    assert figures['sms_sends_total{carrier="webhook",outcome="accepted"}'] == 1
    assert figures["sms_store_up"] == 1
    assert figures["sms_in_flight"] == 0
    assert figures['sms_breaker_open{carrier="webhook"}'] == 0


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic x"}])
async def test_figures_want_their_token(shared: Served, header: dict[str, str]) -> None:
    assert (await shared.get("/metrics", **header)).status == 401


async def test_figures_are_nowhere_without_a_token_set(tmp_path: Path, hook: Vendor, authority: Path) -> None:
    async with serving(tmp_path, hook.url, authority, {"METRICS_TOKEN": ""}) as served:
        assert (await served.get("/metrics", Authorization="Bearer ")).status == 404


async def test_f29_a_request_under_way_ends_before_the_process(served: Served, hook: Vendor) -> None:
    late = asyncio.Event()
    hook.script.append(Scripted(200, {"status": "accepted", "id": "late"}, until=late))
    sending = asyncio.ensure_future(served.sms())
    await hook.reached()
    served.process.terminate()
    await served.drains()
    refused = await served.sms(recipient=made.OTHER_MOBILE)
    assert (refused.status, refused.document["error"]) == (503, "draining")
    assert served.process.returncode is None
    late.set()
    assert (await sending).status == 200
    assert await served.stop() == ENDED
    assert [message["to"] for message in hook.received] == [made.MOBILE]


async def test_it_ends_at_once_when_nothing_is_under_way(served: Served) -> None:
    children = psutil.Process(served.pid).children(recursive=True)
    began = time.monotonic()
    assert await served.stop() == ENDED
    assert time.monotonic() - began < 5
    assert [child for child in children if child.is_running()] == []


async def test_f29_after_a_second_signal_it_listens_no_longer(served: Served, hook: Vendor) -> None:
    late = asyncio.Event()
    hook.script.append(Scripted(200, {"status": "accepted", "id": "late"}, until=late))
    sending = asyncio.ensure_future(served.sms())
    await hook.reached()
    served.process.terminate()
    await served.drains()
    served.process.terminate()
    async with asyncio.timeout(10):
        while await listens(served):
            pass
    late.set()
    assert (await sending).status == 200
    assert await served.stop() == ENDED


async def listens(served: Served) -> bool:
    try:
        await served.get("/healthz")
    except ClientError:
        return False
    return True


async def test_f29_rolling_restarts_under_load_lose_nothing_and_double_nothing(
    tmp_path: Path, hook: Vendor, authority: Path, redis_url: str
) -> None:
    """A sender repeats what wasn't answered with 200, elsewhere; each message reaches a carrier once."""
    env = {"REDIS_URL": redis_url, "SINGLE_PROCESS": ""}
    folders = [tmp_path / name for name in ("a", "b", "c")]
    for folder in folders:
        folder.mkdir()
    async with (
        serving(folders[0], hook.url, authority, env, limits=NO_LIMITS) as one,
        serving(folders[1], hook.url, authority, env, limits=NO_LIMITS) as two,
    ):
        gateways = [one, two]
        queue: list[int] = list(range(300))

        async def sender() -> None:
            while queue:
                number = queue.pop()
                await accepted(gateways, number)

        senders = [asyncio.ensure_future(sender()) for _ in range(16)]
        await hook.reached(75)
        gateways.remove(one)
        assert await one.stop() == ENDED
        async with serving(folders[2], hook.url, authority, env, limits=NO_LIMITS) as three:
            gateways.append(three)
            await asyncio.gather(*senders)
    texts = [message["text"] for message in hook.received]
    assert sorted(texts) == sorted(f"Your code is {number:06}" for number in range(300))


async def accepted(gateways: list[Served], number: int) -> None:
    for turn in range(50):
        gateway = gateways[(number + turn) % len(gateways)]
        with suppress(ClientError):
            if (await gateway.sms(body=f"Your code is {number:06}")).status == 200:
                return
    raise AssertionError(f"{number} was never accepted")


async def test_a_caller_that_hangs_up_does_not_end_a_send(served: Served, hook: Vendor) -> None:
    late = asyncio.Event()
    hook.script.append(Scripted(200, {"status": "accepted", "id": "late"}, until=late))
    call = asyncio.ensure_future(served.sms())
    await hook.reached()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    late.set()
    assert (await served.sms()).status == 200
    assert len(hook.requests) == 1
    assert (await served.figures())["sms_replays_total"] == 1


async def test_f30_a_kill_is_an_error_for_whoever_waits_and_no_silent_success(
    served: Served, hook: Vendor
) -> None:
    hook.script.extend([Scripted(hang=True)] * 5)
    waiting = [asyncio.ensure_future(served.sms(body=f"Your code is {n:06}")) for n in range(5)]
    await hook.reached(5)
    served.process.kill()
    for call in waiting:
        with pytest.raises(ClientError):
            await call


async def test_f31_memory_and_sockets_stay_flat(served: Served) -> None:
    process = psutil.Process(served.pid)

    async def many(count: int, start: int) -> None:
        for at in range(start, start + count, 20):
            calls = (served.sms(body=f"Your code is {n:06}") for n in range(at, at + 20))
            assert {answered.status for answered in await asyncio.gather(*calls)} == {200}

    await many(1000, 0)
    memory, files = process.memory_info().rss, process.num_fds()
    await many(2000, 1000)
    assert process.memory_info().rss - memory < 8 * 2**20
    assert process.num_fds() <= files + 20


RAW = [
    b"GARBAGE\r\n\r\n",
    b"POST /sms HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /sms HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    b"POST /sms HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc",
    b"POST /sms HTTP/1.1\r\nHost: x\r\nX: a\r\n folded\r\n\r\n",
    b"POST /sms HTTP/1.1\r\nHost : x\r\n\r\n",
    b"POST /sms HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
    b"POST /sms HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"POST  /sms HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /sms HTTP/9.9\r\nHost: x\r\n\r\n",
]


@pytest.mark.parametrize("raw", RAW)
async def test_t35_malformed_requests_are_refused(shared: Served, raw: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", shared.port)
    writer.write(raw)
    async with asyncio.timeout(10):
        line = await reader.readline()
    assert line.split()[1] in (b"400", b"401")
    writer.close()
    assert shared.process.returncode is None


async def test_t35_a_bad_chunk_is_no_order(shared: Served, shared_hook: Vendor) -> None:
    head = f"POST /sms HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {made.token()}\r\n"
    head += "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", shared.port)
    writer.write(head.encode() + b"ZZ\r\n{}\r\n0\r\n\r\n")
    async with asyncio.timeout(10):
        answer = await reader.read()
    assert b" 200 " not in answer.partition(b"\r\n")[0]
    assert shared_hook.received == []
    writer.close()


async def test_t36_a_megabyte_without_a_token_is_refused_before_it_arrives(shared: Served) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", shared.port)
    writer.write(b"POST /sms HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\nExpect: 100-continue\r\n\r\n")
    async with asyncio.timeout(5):
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 401")
    assert b"connection: close" in answer
    writer.close()


async def test_t34_slow_connections_cost_honest_requests_little(served: Served) -> None:
    slow = []
    for _ in range(300):
        connection = socket.create_connection(("127.0.0.1", served.port), 5)
        connection.sendall(b"POST /sms HTTP/1.1\r\nHost: x\r\nX: ")
        slow.append(connection)
    times = []
    for number in range(40):
        began = time.monotonic()
        assert (await served.sms(body=f"Your code is {number:06}")).status == 200
        times.append(time.monotonic() - began)
    assert sorted(times)[20] < 0.5
    for connection in slow:
        connection.close()


async def test_t43_nothing_personal_and_nothing_secret_is_in_the_log(served: Served, hook: Vendor) -> None:
    hook.script.extend(
        [Scripted(500, b"canary-of-the-carrier " + made.MOBILE.encode()), Scripted(reset=True)]
    )
    token = made.fresh()
    for order in (
        {},
        {"body": "x" * 400},
        {"recipient": "+19002345678"},
        {"recipient": "canary-recipient"},
        {"sender": "canary-sender"},
        {"body": "canary-text 482913"},
        {"req": {"ip": made.ADDRESS, "user-agent": "canary-agent"}},
    ):
        await served.sms(token, **order)
    await served.sms("canary.token.x")
    assert await served.stop() == ENDED
    log = served.log.read_text()
    assert log.count('"event":"sms"') == 8
    for canary in (made.MOBILE[1:], "19002345678", "482913", "canary", token, made.SECRET, made.ADDRESS):
        assert canary not in log
    assert made.METRICS_TOKEN not in log
    assert made.CARRIER_KEYS["SMS_WEBHOOK_SECRET"] not in log


def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=made.ROOT,
        env={"PATH": os.environ["PATH"], **env},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_wrong_settings_are_told_without_a_trace() -> None:
    ended = run("-m", "gateway", SMS_GATEWAY_SECRET="canary-too-short")
    assert ended.returncode == 2
    assert ended.stderr.startswith("The gateway can't start:\n- SMS_STAGE_FILE is not set")
    assert "SMS_GATEWAY_SECRET has 16 bytes" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "canary" not in ended.stderr


def test_the_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "--ready-file" in capsys.readouterr().out


def test_what_a_laptop_does_not_need_is_not_imported() -> None:
    heavy = {"redis", "boto3", "opentelemetry", "pulumi", "infra", "sandbox", "form", "jinja2"}
    ended = run("-c", f"import sys, gateway.__main__; print({heavy} & set(sys.modules))")
    assert ended.stdout == "set()\n", ended.stderr


def test_connections_have_an_end() -> None:
    assert server.IDLE_SECONDS == 15
    assert server.CONNECTIONS == 2000
