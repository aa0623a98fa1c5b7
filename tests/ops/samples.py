"""A sandbox as its ready file would describe it, and a state folder to work in."""

from pathlib import Path

from infra import stage_file
from infra.settings import Settings
from ops.local import LocalState
from ops.services import Sandbox

ROOT = Path(__file__).resolve().parents[2]
SANDBOX = Sandbox(
    domain="localhost:9443",
    client_id="m2m-client",
    client_secret="m2m-secret-of-the-sandbox",
    twilio="https://localhost:9444",
    handset="https://handset.localhost:9445",
    app="https://app.localhost:9446",
    control="https://localhost:9443/_sandbox",
    ca=Path("/nowhere/ca.pem"),
    certificate=Path("/nowhere/cert.pem"),
    key=Path("/nowhere/key.pem"),
    twilio_account={"api_key": "AC0", "api_secret": "secret", "verify_service": "VA0"},
    demo_client="demo-client",
    demo_secret="demo-secret-of-the-sandbox",
    carriers={
        "clickatell": {"CLICKATELL_API_KEY": "clickatell-key"},
        "vonage": {"VONAGE_API_KEY": "vonage-key", "VONAGE_API_SECRET": "vonage-secret"},
        "plivo": {"PLIVO_AUTH_ID": "plivo-id", "PLIVO_AUTH_TOKEN": "plivo-token"},
    },
    vercel_api="https://localhost:9444/vercel",
    vercel_token="vercel-token-of-the-sandbox",
    service_log=Path("/nowhere/service.log"),
)


def prepared(folder: Path) -> LocalState:
    """The checkout's local stage with its state in `folder`."""
    local = LocalState.at(ROOT, folder)
    local.prepare()
    return local


def settings(**sms: object) -> Settings:
    """The local stage's settings with other keys below `sms`, without its secrets."""
    mapping = stage_file.load("local", ROOT)
    return Settings.from_mapping(
        {**mapping, "sms": {**mapping["sms"], **sms}}, stage="local", require_secrets=False
    )
