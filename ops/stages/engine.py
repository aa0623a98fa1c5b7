"""Pulumi's own commands for a new stack: on a backend, with a secrets provider, in the draft's folder."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from .. import engine
from ..errors import OpsError
from ..project import PROJECT

# https://www.pulumi.com/docs/iac/concepts/state-and-backends/
BACKENDS = ("file://", "s3://", "gs://", "azblob://", "https://", "http://")
# https://www.pulumi.com/docs/iac/concepts/secrets/
KEY_SERVICES = ("awskms://", "gcpkms://", "azurekeyvault://", "hashivault://")
PASSPHRASE = "passphrase"  # noqa: S105  (what a secrets provider is called)
CLOUD = "default"
# A cloud's client tries three times and waits in between; measured against a port that refuses: 4 s.
_SECONDS = 90


@dataclass(frozen=True)
class Engine:
    """Pulumi in `folder`, beside a Pulumi.yaml. `kept_open`: files that each command holds open."""

    pulumi: Path
    folder: Path
    env: Mapping[str, str] = field(repr=False)
    backend: str | None = None
    kept_open: tuple[int, ...] = ()

    def on(self, backend: str) -> "Engine":
        """The same on another backend, for its commands alone: nobody's login changes."""
        return replace(self, backend=backend)

    def knowing(self, passphrase: str) -> "Engine":
        return replace(self, env={**self.env, "PULUMI_CONFIG_PASSPHRASE": passphrase})

    def current_backend(self) -> str | None:
        """Where this person is logged in; None for nowhere."""
        try:
            found = json.loads(self.run("whoami", "--verbose", "--json"))
        except (OpsError, ValueError):
            return None
        url = found.get("url") if isinstance(found, dict) else None
        return url if isinstance(url, str) else None

    def stacks(self) -> dict[str, int]:
        """The project's stacks on the backend, and how many resources each holds. Raises OpsError.

        By their whole names: those of other organisations than the person's usual one begin with theirs.
        """
        listed = json.loads(self.run("stack", "ls", "--json", "--project", PROJECT))
        return {each["name"]: each.get("resourceCount") or 0 for each in listed}

    def initialise(self, stage: str, secrets_provider: str) -> None:
        self.run("stack", "init", stage, "--no-select", "--secrets-provider", secrets_provider)

    def remove(self, stage: str) -> None:
        """Remove an empty stack; Pulumi refuses one that holds resources."""
        self.run("stack", "rm", stage, "--yes", "--preserve-config")

    def set_secret(self, stage: str, key: str, value: str) -> None:
        """The value travels on standard input: `config set-all` would want it on the command line."""
        self.run("config", "set", "--secret", "--path", f"{PROJECT}:{key}", "--stack", stage, given=value)

    def run(self, *arguments: str, given: str | None = None) -> str:
        """What the command prints. Raises OpsError with its own error."""
        env = dict(self.env) | ({"PULUMI_BACKEND_URL": self.backend} if self.backend else {})
        command = [
            str(self.pulumi),
            *arguments,
            "--non-interactive",
            "--color",
            "never",
            "-C",
            str(self.folder),
        ]
        # Nothing that takes this long does any good: no patience.
        ran = engine.run(
            command, env, quiet=True, given=given, seconds=_SECONDS, patience=(), kept_open=self.kept_open
        )
        if ran.is_late:
            raise self._refusal(arguments, f"it gave no answer within {_SECONDS} seconds")
        if ran.code != 0:
            raise self._refusal(arguments, ran.why)
        return ran.out

    def _refusal(self, arguments: Sequence[str], why: str) -> OpsError:
        what = f"`pulumi {' '.join(arguments[:2])}` failed on {self.backend or 'the current backend'}"
        return OpsError(what, f"{why.strip().rstrip('.')}.", "Mend what it names, then run the command again")


def absolute(backend: str, here: Path) -> str:
    """A relative folder of a file backend, which each command would look for where it runs."""
    scheme, found, place = backend.partition("file://")
    if scheme or not found or not place or place.startswith(("/", "~")):
        return backend
    return f"file://{(here / place).resolve()}"


def wrong_backend(backend: str) -> str | None:
    if backend.startswith(BACKENDS):
        return None
    return f"must begin with one of {', '.join(BACKENDS)}"


def is_cloud(backend: str) -> bool:
    return backend.startswith(("https://", "http://"))


def usual_provider(backend: str) -> str:
    """What encrypts secrets when nobody says so."""
    return CLOUD if is_cloud(backend) else PASSPHRASE


def wrong_provider(provider: str, backend: str) -> str | None:
    if provider == CLOUD and not is_cloud(backend):
        return f"{CLOUD} is Pulumi Cloud's own; {backend} has {PASSPHRASE} or a key service"
    if provider in (PASSPHRASE, CLOUD) or provider.startswith(KEY_SERVICES):
        return None
    return f"must be {PASSPHRASE}, {CLOUD} (Pulumi Cloud), or begin with one of {', '.join(KEY_SERVICES)}"
