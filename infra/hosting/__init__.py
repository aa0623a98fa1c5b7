"""What a host runs and is told: the service's files, where their bodies wait, and its environment."""

from collections.abc import Mapping

from ..settings import Settings
from .bundle import files
from .environment import environment_names, host_environment
from .store import publish

__all__ = ["environment_names", "files", "host_environment", "hosted_files", "publish"]


def hosted_files(settings: Settings, rendered: Mapping[str, str]) -> dict[str, str]:
    """What `FormHosting` deploys, path to SHA-256, with the bodies kept for the provider.

    Nothing for an external host. `rendered` is `render(settings)`. Raises BundleError.
    """
    return publish(files(rendered)) if settings.hosting.kind == "vercel" else {}
