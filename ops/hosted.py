"""The hosted service of the local stage: form and gateway in one process, as any host would run them."""

import sys

from infra import contract
from infra.settings import Settings

from . import digest
from .local import LocalState
from .ports import refuse_held
from .processes import Background
from .services import SANDBOX_PORTS, LocalSecrets, Sandbox, clean_environment

_READY_SECONDS = 20.0
_SOURCES = ("asgi.py", "form", "gateway", "serving", "action_src")


def start_hosted(
    local: LocalState, sandbox: Sandbox, keys: LocalSecrets, settings: Settings, stage_port: int
) -> None:
    """Start the service with the stage's bundle, or keep the one that has the same.

    It listens on the port after those of the sandbox, which begin at `stage_port`.
    """
    background = Background("service", local)
    port = stage_port + SANDBOX_PORTS
    ours = _form(local, sandbox, keys) | _gateway(local, sandbox, keys, settings)
    bundle = sorted(path for room in ("form", "gateway") for path in (local.bundle / room).glob("*.json"))
    sources = [*(local.root / name for name in _SOURCES), *bundle]
    wanted = digest.of_sources(sources, str(port), *(f"{name}={ours[name]}" for name in sorted(ours)))
    if background.process() and background.digest() == wanted:
        return
    background.stop()
    local.service_ready.unlink(missing_ok=True)
    refuse_held([port], stage_port)
    command = [sys.executable, "asgi.py", "--port", str(port), "--ready-file", str(local.service_ready)]
    command += ["--ssl-certfile", str(sandbox.certificate), "--ssl-keyfile", str(sandbox.key)]
    environment = clean_environment() | ours | {"SSL_CERT_FILE": str(sandbox.ca)}
    process = background.start(command, environment, wanted)
    background.await_ready(process, local.service_ready, _READY_SECONDS)


def _form(local: LocalState, sandbox: Sandbox, keys: LocalSecrets) -> dict[str, str]:
    names = contract.load()["environment"]
    return {
        names["requestKey"]: keys.request_key,
        names["resultKey"]: keys.result_key,
        names["stageFile"]: str(local.bundle / "form" / "stage.json"),
        names["twilioApiKey"]: sandbox.twilio_account["api_key"],
        names["twilioApiSecret"]: sandbox.twilio_account["api_secret"],
        names["twilioVerifyService"]: sandbox.twilio_account["verify_service"],
        names["singleProcess"]: "1",
    }


def _gateway(local: LocalState, sandbox: Sandbox, keys: LocalSecrets, settings: Settings) -> dict[str, str]:
    """The gateway's environment with the sandbox's account at each carrier of the stage."""
    sms = settings.sms
    if sms.mode == "off":
        return {}
    names = contract.load()["gatewayEnvironment"]
    used = {*sms.carriers, *(name for some in sms.carriers_by_country.values() for name in some)}
    accounts = {key: value for name in used for key, value in sandbox.carriers.get(name, {}).items()}
    return accounts | {
        names["secret"]: keys.sms_gateway_secret,
        names["stageFile"]: str(local.bundle / "gateway" / "stage.json"),
    }
