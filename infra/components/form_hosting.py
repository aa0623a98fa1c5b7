"""Where form and gateway run: a project on Vercel that belongs to the stage, or a host that isn't ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pulumi

from .. import contract
from ..hosting import environment_names, host_environment
from ..providers import vercel
from ..secret import Secret
from ..settings import Settings


@dataclass(frozen=True)
class FormHostingArgs:
    """What `FormHosting` is made from.

    `files`, path to SHA-256, is what `hosted_files(settings, rendered)` returned; an external host has none.
    """

    settings: Settings
    files: Mapping[str, str] = field(default_factory=dict)


class FormHosting(pulumi.ComponentResource):
    """`ready` stands for a form and a gateway that answer, for whoever must not lead there before they do.

    Of an external host nothing is declared: its owner gives it what `environment_names` lists. `outputs` is
    what the stack exports.
    """

    ready: Sequence[pulumi.Resource]
    outputs: Mapping[str, pulumi.Output[Any]]

    def __init__(self, name: str, args: FormHostingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("auth0-phone:index:FormHosting", name, None, opts)
        self._name, self._settings, self._hosting = name, args.settings, args.settings.hosting
        outputs: dict[str, Any] = {"environment_names": environment_names(args.settings)}
        self.ready = ()
        if self._hosting.kind == "vercel":
            deployment = self._on_vercel(args.files)
            self.ready = (deployment,)
            outputs |= {"deployment_id": deployment.deployment_id, "build": deployment.build}
        self.outputs = {key: pulumi.Output.from_input(value) for key, value in outputs.items()}
        self.register_outputs(outputs)

    def _on_vercel(self, files: Mapping[str, str]) -> vercel.VercelDeployment:
        """A project of the stage's own, at its own address, whose newest deployment is in production."""
        address, hosting = self._settings.public_base_url, self._hosting
        provider = vercel.VercelProvider(
            f"{self._name}-vercel",
            api_url=hosting.api_url,
            team=hosting.team or "",
            opts=pulumi.ResourceOptions(parent=self),
        )
        ours = pulumi.ResourceOptions(parent=self, provider=provider)
        # What a mistake must not take away: the address, and everything that was ever deployed there.
        kept = pulumi.ResourceOptions.merge(ours, pulumi.ResourceOptions(protect=self._settings.protect))
        project = vercel.VercelProject(
            f"{self._name}-project", name=hosting.project, region=hosting.region or "", opts=kept
        )
        domain = vercel.VercelDomain(
            f"{self._name}-domain",
            project_id=project.id,
            domain=urlsplit(address).hostname or "",
            opts=kept,
        )
        environment = vercel.VercelEnvironment(
            f"{self._name}-environment", project_id=project.id, variables=self._variables(), opts=ours
        )
        return vercel.VercelDeployment(
            f"{self._name}-deployment",
            project_id=project.id,
            files=dict(files),
            environment_revision=environment.revision,
            health_url=_health(address),
            keep=hosting.keep,
            # A deployment is asked at the stage's address, so that has to lead to the project.
            opts=pulumi.ResourceOptions.merge(ours, pulumi.ResourceOptions(depends_on=[domain])),
        )

    def _variables(self) -> dict[str, pulumi.Output[str]]:
        # All of them as secrets, for Vercel keeps them alike: unreadable afterwards.
        return {
            name: pulumi.Output.secret(value.reveal() if isinstance(value, Secret) else value)
            for name, value in sorted(host_environment(self._settings).items())
        }


def _health(address: str) -> str:
    """Where a new deployment is asked whether it is the one that answers."""
    parts = urlsplit(address)
    # Browsers know every name below .localhost; what resolves names for a server may know this one alone.
    host = "localhost" if (parts.hostname or "").endswith(".localhost") else parts.hostname
    port = f":{parts.port}" if parts.port else ""
    path: str = contract.load()["paths"]["health"]
    return urlunsplit((parts.scheme, f"{host}{port}", path, "", ""))
