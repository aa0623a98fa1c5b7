"""A place to deploy to."""

from pathlib import Path
from typing import Any

from sandbox.testing import RunningSandbox

from . import service
from .engine_side import Properties, Provider

KIND = "VercelDeployment"


class Site:
    """A project with a domain, and what is declared to be deployed there."""

    def __init__(self, provider: Provider, vercel: RunningSandbox, blobs: Path, project: str) -> None:
        self.provider, self.vercel, self.blobs, self.project = provider, vercel, blobs, project

    def inputs(self, word: str, **other: Any) -> Properties:
        bodies = service.broken() if word == "broken" else service.files(word)
        return {
            "projectId": self.project,
            "files": service.publish(bodies, self.blobs),
            "environmentRevision": "r1",
            "healthUrl": f"https://form.localhost:{self.vercel.ready['vercel']['port']}/healthz",
            "keep": 1,
            **other,
        }

    async def deploy(self, word: str, **other: Any) -> tuple[str, Properties]:
        return await self.provider.create(KIND, self.inputs(word, **other))

    @property
    def ids(self) -> list[str]:
        """Vercel's deployments, oldest first."""
        return [doc["id"] for doc in self.vercel.sandbox.store.all("vercel_deployments")]

    @property
    def production(self) -> str:
        return str((self.vercel.sandbox.store.get("vercel_projects", self.project) or {})["production"])
