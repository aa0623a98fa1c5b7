"""Stages for tests: valid mappings, and what is changed in them."""

import copy
import secrets
from typing import Any

import pytest

from infra.errors import Problem, SettingsError
from infra.secret import Secret
from infra.settings import Settings


def key() -> Secret:
    return Secret(secrets.token_urlsafe(32))


def mapping(**changes: Any) -> dict[str, Any]:
    """A valid stage, with changes by dotted key, dots spelled as double underscores."""
    valid: dict[str, Any] = {
        "auth0": {"domain": "acme-dev.eu.auth0.com"},
        "publicBaseUrl": "https://phone-dev.acme.example",
        "verification": {"enforcement": "required"},
        "phone": {"countries": ["GB", "US"]},
        "brand": {"name": "Acme"},
        "secrets": {"requestKey": key(), "resultKey": key()},
    }
    changed = copy.copy(valid)
    for path, value in changes.items():
        group, _, leaf = path.partition("__")
        changed[group] = {**changed.get(group, {}), leaf: value} if leaf else value
    return changed


def twilio_secrets() -> dict[str, Any]:
    return {
        "secrets__twilioApiKey": Secret("SK" + "0" * 32),
        "secrets__twilioApiSecret": Secret("twilio-api-secret-for-tests"),
        "secrets__twilioVerifyService": Secret("VA" + "0" * 32),
    }


def settings(stage: str = "dev", **changes: Any) -> Settings:
    return Settings.from_mapping(mapping(**changes), stage=stage)


def problems(stage: str = "dev", **changes: Any) -> list[Problem]:
    """What is wrong with a stage thus changed; something has to be."""
    with pytest.raises(SettingsError) as raised:
        Settings.from_mapping(mapping(**changes), stage=stage)
    return list(raised.value.problems)


def the_problem(stage: str = "dev", **changes: Any) -> Problem:
    found = problems(stage, **changes)
    assert len(found) == 1, found
    return found[0]
