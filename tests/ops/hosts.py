"""Hosts to be checked: the real service over TLS, and scripted ones that aren't it."""

import json
import os
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import trustme
from aiohttp import ClientSession, ClientTimeout, TCPConnector, web
from joserfc import jwt
from joserfc.jwk import OctKey

from infra import contract
from infra.hosting import host_environment
from infra.render import form_digest, render
from infra.secret import Secret
from infra.settings import Settings
from tests.form import made
from tests.form.waiting import until
from tests.infra.stages import mapping, twilio_secrets
from tests.journey.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
REQUEST, OLD_REQUEST, RESULT, OLD_RESULT, GATEWAY = (
    Secret(letter * 43) for letter in ("q", "p", "r", "s", "g")
)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def stage(address: str, **changes: Any) -> Settings:
    """A stage whose host is on loopback, with form and gateway and known keys."""
    base = {
        **twilio_secrets(),
        "auth0__domain": "localhost:9443",
        "publicBaseUrl": address,
        "secrets__requestKey": REQUEST,
        "secrets__resultKey": RESULT,
        "secrets__smsGatewaySecret": GATEWAY,
        "sms__mode": "gateway",
        "sms__countries": ["GB"],
        "sms__carriers": ["log"],
    }
    return Settings.from_mapping(mapping(**{**base, **changes}), stage="local")


@contextmanager
def service(folder: Path, authority: trustme.CA, **changes: Any) -> Iterator[Settings]:
    """Form and gateway of a stage in a process of their own, with its environment; the stage's settings."""
    port = free_ports()
    settings = stage(f"https://localhost:{port}", **changes)
    for path, text in render(settings).items():
        file = folder / "rendered" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    key, certificate, ready = (folder / name for name in ("key.pem", "cert.pem", "ready.json"))
    leaf = authority.issue_cert("localhost")
    leaf.private_key_pem.write_to_path(str(key))
    leaf.cert_chain_pems[0].write_to_path(str(certificate))
    told = {n: v.reveal() if isinstance(v, Secret) else v for n, v in host_environment(settings).items()}
    command = [sys.executable, str(ROOT / "asgi.py"), "--port", str(port), "--ready-file", str(ready)]
    command += ["--ssl-certfile", str(certificate), "--ssl-keyfile", str(key)]
    with (folder / "service.log").open("wb") as log:
        environment = {**told, "SINGLE_PROCESS": "1", "PATH": os.environ["PATH"]}
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        until(lambda: ready.exists() or process.poll() is not None)
        assert process.poll() is None, (folder / "service.log").read_text()
        yield settings
    finally:
        process.terminate()
        process.wait(60)


@asynccontextmanager
async def scripted(authority: trustme.CA, answers: dict[str, Handler], *names: str) -> AsyncIterator[str]:
    """A host on loopback that answers `METHOD /path` as told and else 404; its address."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*(names or ("localhost",))).configure_cert(context)

    async def answer(request: web.Request) -> web.StreamResponse:
        handler = answers.get(f"{request.method} {request.path}")
        return await handler(request) if handler else web.Response(status=404, text="<html>")

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    try:
        yield f"https://localhost:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def proves(**changes: Any) -> Handler:
    """Answers probes as a host with the right keys does, but for what is changed in the proof's claims."""

    async def handler(request: web.Request) -> web.StreamResponse:
        token = str((await request.post())["probe"])
        asked = made.open_sealed(token, REQUEST.reveal(), "auth0-phone/probe/v1", "phone-probe+jwe")
        claims = {"aud": "auth0-phone/operator", "exp": asked["exp"], "nonce": asked["nonce"]}
        key = OctKey.import_key(made.derive(RESULT.reveal(), "auth0-phone/proof/v1"))
        header = {"alg": "HS256", "typ": "phone-proof+jwt"}
        proof = jwt.encode(header, {**claims, "key": "current", **changes}, key)
        return web.json_response({"status": "ok", "proof": proof})

    return handler


def healthy(settings: Settings) -> dict[str, Handler]:
    """What a form with the right bundle and keys answers."""
    digest = form_digest(render(settings))
    document = {"status": "ok", "contract": contract.digest(), "stage": digest}
    return {"GET /healthz": says(200, document), "POST /healthz": proves()}


def says(status: int, document: Any) -> Handler:
    async def handler(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=json.dumps(document), content_type="application/json")

    return handler


def session(authority: trustme.CA, seconds: float = 15) -> ClientSession:
    """A session that trusts this authority alone."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return ClientSession(connector=TCPConnector(ssl=context), timeout=ClientTimeout(total=seconds))
