"""The stage's carriers, made from the environment: every setting that is missing or wrong is a problem."""

from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from serving.environment import Environment

from .network import is_public_host
from .stage import Stage
from .transports import REGISTRY, carrier_class
from .transports.base import Carrier, CarrierSettings, Sending

AnyCarrier = Carrier | Sending


def collect(stage: Stage, environment: Environment) -> dict[str, AnyCarrier]:
    """Each carrier of the stage by its name; what can't be made is told by the environment's problems."""
    for name in stage.carrier_urls.keys() - set(stage.carrier_names):
        environment.problems.append(f"carrierUrls.{name} belongs to no carrier of the stage: take it out")
    found = {name: _collect(name, stage, environment) for name in stage.carrier_names}
    return {name: carrier for name, carrier in found.items() if carrier is not None}


def _collect(name: str, stage: Stage, environment: Environment) -> AnyCarrier | None:
    problems = environment.problems
    if name not in REGISTRY:
        problems.append(f"{name} is no carrier: choose among {', '.join(sorted(REGISTRY))}")
        return None
    try:
        kind = carrier_class(name)
    except ImportError as error:
        problems.append(
            f"{name} needs the package {error.name}: pip install {error.name}, or leave the carrier out"
        )
        return None
    if getattr(kind, "development", False) and not stage.is_on_loopback:
        problems.append(f"{name} shows codes in clear and is for a laptop alone: choose another carrier")
        return None
    base_url = stage.carrier_urls.get(name) or kind.base_url
    settings = _settings(name, kind, environment)
    fault = _url_fault(name, kind, base_url, stage)
    if fault:
        problems.append(fault)
    if fault or settings is None:
        return None
    carrier: AnyCarrier = kind.of(settings, base_url)
    return carrier


def _settings(name: str, kind: Any, environment: Environment) -> CarrierSettings | None:
    fields: dict[str, Any] = kind.settings.model_fields
    names = {field: str(info.json_schema_extra["env"]) for field, info in fields.items()}
    missing = [
        env for field, env in names.items() if fields[field].is_required() and not environment.value(env)
    ]
    environment.problems += [f"{env} is not set: the carrier {name} needs it" for env in missing]
    given = {field: value for field, env in names.items() if (value := environment.value(env))}
    try:
        settings: CarrierSettings = kind.settings.model_validate(given)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_context=False, include_input=False):
            if problem["type"] != "missing":
                words = problem["msg"].removeprefix("Value error, ")
                place = names.get(str(problem["loc"][0]), name) if problem["loc"] else name
                environment.problems.append(f"{place} has the wrong shape: {words[:1].lower()}{words[1:]}")
        return None
    return settings


def _url_fault(name: str, kind: Any, base_url: str, stage: Stage) -> str | None:
    if hasattr(kind, "send") and not base_url:
        return None
    if not base_url:
        return f"carrierUrls.{name} is missing: set sms.carrierUrls.{name} to its https:// address"
    if stage.is_on_loopback:
        return None
    host = urlsplit(base_url).hostname or ""
    if not is_public_host(host):
        return f"carrierUrls.{name} must name a public host: {host} is not one"
    hosts: tuple[str, ...] = kind.hosts
    if hosts and not any(host == known or host.endswith(f".{known}") for known in hosts):
        return f"carrierUrls.{name} must be at {' or '.join(hosts)}: take it out, or mend it"
    return None
