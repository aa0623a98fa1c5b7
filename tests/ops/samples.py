"""A sandbox as its ready file would describe it."""

from pathlib import Path

from ops.services import Sandbox

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
)
