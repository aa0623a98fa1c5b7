"""The command: which probes, the person's leave, the findings, the recording, and nothing left behind."""

import argparse
import getpass
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import requests

from .. import files
from . import browser, phone, quiet
from .findings import Console, Finding, Probe
from .tenant import ProbeError, Tenant

PROBES: dict[str, Probe] = {probe.name: probe for probe in (*quiet.PROBES, *browser.PROBES, *phone.PROBES)}
SECRET = "AUTH0_CLIENT_SECRET"  # noqa: S105 - the variable's name


class Terminal:
    """The person at the terminal."""

    def say(self, text: str) -> None:
        print(text, flush=True)

    def ask(self, question: str) -> str:
        return input(question).strip()


def main(arguments: list[str] | None = None, console: Console | None = None) -> int:
    """0 when every probe found something, 1 when one did not, or nothing could be asked."""
    given = _parser().parse_args(arguments)
    console = console or Terminal()
    probes = [PROBES[name] for name in given.only or PROBES]
    if not _may(given.domain, probes, console):
        console.say("Nothing was done.")
        return 1
    secret = os.environ.get(SECRET) or getpass.getpass(f"The application's secret ({SECRET}): ")
    tenant = Tenant(given.domain, given.client_id, secret, given.ca)
    found = 0
    try:
        for probe in probes:
            found += _probed(tenant, probe, console)
    except (KeyboardInterrupt, EOFError):
        console.say("Stopped. What the probes made goes now.")
    finally:
        _end(tenant, console, given.recording)
    return 0 if found == len(probes) and not tenant.left else 1


def _may(domain: str, probes: Sequence[Probe], console: Console) -> bool:
    console.say(f"These probes write to the tenant {domain}, and remove at their end what they made:")
    for probe in probes:
        console.say(f"  {probe.name}: makes {probe.makes}; needs {probe.needs}")
    return console.ask("It must be a development tenant. Type its domain to go on: ") == domain


def _probed(tenant: Tenant, probe: Probe, console: Console) -> bool:
    console.say(f"\n{probe.name}")
    try:
        finding = probe.run(tenant, console)
    except ProbeError as error:
        console.say(f"  nothing found: {error}")
        return False
    except (requests.RequestException, ValueError) as error:
        console.say(f"  nothing found: {type(error).__name__}: {error}")
        return False
    finally:
        tenant.clean()
    _tell(tenant, probe, finding, console)
    return True


def _tell(tenant: Tenant, probe: Probe, finding: Finding, console: Console) -> None:
    tenant.recording.findings.append({"probe": probe.name, **asdict(finding)})
    console.say(f"  {finding.switch} = {finding.value}   ({finding.evidence})")


def _end(tenant: Tenant, console: Console, recording: Path) -> None:
    with tenant:
        pass
    for left in tenant.left:
        console.say(f"Not undone, do it by hand: {left}")
    day = datetime.now(UTC).date().isoformat()
    files.write_private(recording, tenant.recording.as_json(tenant.domain, day).encode())
    console.say(f"What was said is in {recording}, without secrets and whole numbers.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox probe",
        description="Ask a development tenant what Auth0's documentation leaves open. "
        f"The application's secret comes from {SECRET}, or is asked for.",
    )
    parser.add_argument("--domain", required=True, help="the tenant: name.eu.auth0.com")
    parser.add_argument(
        "--client-id", required=True, help="an application that may use the whole Management API"
    )
    parser.add_argument("--only", nargs="+", choices=sorted(PROBES), metavar="PROBE", help="these alone")
    parser.add_argument("--ca", help="a PEM file of the authority to trust, for a sandbox")
    parser.add_argument(
        "--recording",
        type=Path,
        default=Path("probe.json"),
        help="the file that keeps the exchange (default: %(default)s)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
