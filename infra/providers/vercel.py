"""A form's place at Vercel, for Pulumi programs: project, domain, environment and deployment.

The provider behind them is the program `pulumi-resource-auth0-phone`, which the engine finds on PATH.
Its token is the environment variable VERCEL_TOKEN, needed as soon as something is changed or read.
"""

from collections.abc import Mapping

import pulumi

_PACKAGE = "auth0-phone"


class VercelProvider(pulumi.ProviderResource):
    """One account at Vercel: its API and one of its teams, by its id (team_…); "" is the person's own.

    Another API than https://api.vercel.com is possible on loopback only.
    """

    def __init__(
        self, resource_name: str, *, api_url: str, team: str = "", opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(_PACKAGE, resource_name, {"apiUrl": api_url, "team": team}, opts)


class VercelProject(pulumi.CustomResource):
    """A project; `id` is Vercel's. Deleting it deletes every deployment, domain and variable in it.

    `region` is where the functions run (https://vercel.com/docs/regions), "" Vercel's default.
    """

    name: pulumi.Output[str]
    region: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        region: pulumi.Input[str] = "",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        _declare(self, resource_name, {"name": name, "region": region}, opts)


class VercelDomain(pulumi.CustomResource):
    """A domain of a project: a host without a port. A domain belongs to one project only."""

    domain: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        project_id: pulumi.Input[str],
        domain: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        _declare(self, resource_name, {"projectId": project_id, "domain": domain}, opts)


class VercelEnvironment(pulumi.CustomResource):
    """The variables of a project's production, all of them secret and unreadable afterwards.

    `revision` is random, and another one after every change. Vercel hands variables to new deployments
    only, so a deployment takes the revision as an input.
    """

    revision: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        project_id: pulumi.Input[str],
        variables: Mapping[str, pulumi.Input[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        secret = {name: pulumi.Output.secret(value) for name, value in variables.items()}
        inputs = {"projectId": project_id, "variables": secret, "revision": None}
        _declare(self, resource_name, inputs, opts)


class VercelDeployment(pulumi.CustomResource):
    """What is in production: `files` by their path, each as the SHA-256 (hex) of a body in the blob store.

    Other files or another revision are another deployment: it is built, must answer at `health_url` with its
    `build`, and only then is the old one done with; `keep` old ones stay at Vercel for a rollback.
    """

    build: pulumi.Output[str]
    url: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        project_id: pulumi.Input[str],
        files: Mapping[str, pulumi.Input[str]],
        environment_revision: pulumi.Input[str],
        health_url: pulumi.Input[str],
        keep: pulumi.Input[int],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "projectId": project_id,
            "files": dict(files),
            "environmentRevision": environment_revision,
            "healthUrl": health_url,
            "keep": keep,
        }
        outputs = {"build": None, "url": None, "deploymentId": None}
        _declare(self, resource_name, {**inputs, **outputs}, opts)

    @property
    def deployment_id(self) -> pulumi.Output[str]:
        """Vercel's id of the deployment."""
        found: pulumi.Output[str] = pulumi.get(self, "deploymentId")
        return found


def _declare(
    resource: pulumi.CustomResource,
    name: str,
    properties: Mapping[str, object],
    opts: pulumi.ResourceOptions | None,
) -> None:
    kind = f"{_PACKAGE}:index:{type(resource).__name__}"
    pulumi.CustomResource.__init__(resource, kind, name, dict(properties), opts)
