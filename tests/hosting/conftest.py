"""The image, laid out once for a module; a stage's files and environment for it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.form import made as form_made
from tests.gateway import made as gateway_made
from tests.journey.ports import free_ports

from .container import Container, Image, image, running

PUBLIC = "phone.example.com"


@pytest.fixture(scope="session")
def plain_image() -> Iterator[Image]:
    with image() as laid_out:
        yield laid_out


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What a host gives: both services, with files that are mounted somewhere."""
    form, gateway = tmp_path / "form.json", tmp_path / "gateway.json"
    form.write_text(json.dumps(form_made.stage(publicBaseUrl=f"https://{PUBLIC}")))
    gateway.write_text(json.dumps(gateway_made.stage(publicBaseUrl=f"https://{PUBLIC}")))
    return {**gateway_made.environment(gateway), **form_made.environment(form)}


@pytest.fixture
def service(plain_image: Image, environment: dict[str, str]) -> Iterator[Container]:
    with running(plain_image, free_ports(), environment) as container:
        yield container
