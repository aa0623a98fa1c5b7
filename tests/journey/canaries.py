"""What nobody may read of a stage, and where it would be found."""

import json
import re
from pathlib import Path

from tests.journey.stage import JourneyStage


def secrets_of(stage: JourneyStage) -> dict[str, str]:
    """Everything in this stage that nobody may read, by name."""
    keys: dict[str, str] = json.loads((stage.folder / "secrets.json").read_text())
    ready = stage.ready
    return {
        **keys,
        **ready["carriers"]["clickatell"],
        "client_secret": ready["auth0"]["client_secret"],
        "demo_secret": ready["demo_client"]["client_secret"],
        "vercel_token": ready["vercel"]["token"],
        "twilio": ready["twilio_account"]["api_secret"],
        "passphrase": (stage.folder / "passphrase").read_text(),
    }


def leaks(text: str, secrets: dict[str, str]) -> list[str]:
    """The names of the secrets that stand in a text."""
    return [name for name, value in secrets.items() if value in text]


def logs_of(stage: JourneyStage) -> str:
    """What the services have logged, less the times of day, whose digits could pass for a code."""
    files = (*(stage.folder / "logs").iterdir(), Path(stage.ready["vercel"]["log"]))
    logs = "".join(path.read_text(errors="replace") for path in files)
    return re.sub(r'"time": ?"[^"]*"', "", logs)
