"""The gateway as it runs: `python -m gateway` in a process of its own."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientTimeout

from tests.form.waiting import until

from . import made


@dataclass
class Answered:
    status: int
    document: dict[str, Any]


@dataclass
class Served:
    port: int
    process: asyncio.subprocess.Process
    log: Path
    session: ClientSession
    pid: int = field(init=False)

    def __post_init__(self) -> None:
        self.pid = self.process.pid

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def sms(self, token: str | None = None, **order: Any) -> Answered:
        headers = {"Authorization": f"Bearer {token or made.token()}"}
        async with self.session.post(
            f"{self.url}/sms", json=made.order(**order), headers=headers
        ) as response:
            return Answered(response.status, await response.json())

    async def get(self, path: str, **headers: str) -> Answered:
        async with self.session.get(f"{self.url}{path}", headers=headers) as response:
            return Answered(response.status, await response.json())

    async def figures(self) -> dict[str, float]:
        headers = {"Authorization": f"Bearer {made.METRICS_TOKEN}"}
        async with self.session.get(f"{self.url}/metrics", headers=headers) as response:
            assert response.status == 200
            lines = [line.rpartition(" ") for line in (await response.text()).splitlines() if line[0] != "#"]
        return {name: float(value) for name, _, value in lines}

    async def drains(self) -> None:
        """Returns when it says that it is not ready any more."""
        async with asyncio.timeout(10):
            ready = 200
            while ready == 200:
                ready = (await self.get("/readyz")).status

    async def stop(self, how: int = signal.SIGTERM) -> int:
        if self.process.returncode is None:
            self.process.send_signal(how)
        async with asyncio.timeout(40):
            return await self.process.wait()


@asynccontextmanager
async def serving(
    directory: Path,
    hook_url: str,
    authority: Path,
    env: Mapping[str, str] | None = None,
    command: tuple[str, ...] = ("-m", "gateway"),
    **stage: Any,
) -> AsyncIterator[Served]:
    """A gateway on a free port whose only carrier is a webhook on loopback."""
    stage_file, ready, log = (directory / name for name in ("sms.json", "ready.json", "gateway.log"))
    base = {
        "publicBaseUrl": "https://form.localhost:8447",
        "carriers": ["webhook"],
        "carrierUrls": {"webhook": hook_url},
    }
    stage_file.write_text(json.dumps(made.stage(**{**base, **stage})))
    ready.unlink(missing_ok=True)
    environment = made.environment(stage_file, **(env or {}))
    environment |= {"SSL_CERT_FILE": str(authority), "PATH": os.environ["PATH"]}
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *command, "--port", "0", "--ready-file", str(ready)),
            cwd=made.ROOT,
            env=environment,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
        )
    await asyncio.to_thread(until, lambda: ready.exists() or process.returncode is not None)
    assert process.returncode is None, log.read_text()
    async with ClientSession(timeout=ClientTimeout(total=30)) as session:
        served = Served(json.loads(ready.read_text())["port"], process, log, session)
        try:
            yield served
        finally:
            await served.stop()
