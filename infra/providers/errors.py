"""What the provider tells a person, and what it knows beside the sentence."""

from collections.abc import Mapping
from typing import Any


class ProviderError(Exception):
    """What failed, why, and what mends it. Never a token and never a variable's value."""


class GoneError(ProviderError):
    """The thing asked for isn't there (any more)."""


class ConflictError(ProviderError):
    """Vercel has something else in that place. `code` is Vercel's own."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class ForbiddenError(ProviderError):
    """The token is good, but may not do this."""


class UnansweredError(ProviderError):
    """No answer of Vercel's came: the call may have been carried out, or not."""


class MissingFilesError(ProviderError):
    """A deployment names files that Vercel doesn't have yet. `digests` are their SHA-1."""

    def __init__(self, digests: list[str]) -> None:
        super().__init__(f"Vercel lacks {len(digests)} of the deployment's files.")
        self.digests = digests


class IncompleteError(ProviderError):
    """The thing was made and is known, but isn't as it should be yet: the engine keeps `id` and `state`."""

    def __init__(self, message: str, id_: str, state: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.id = id_
        self.state = dict(state)
