"""One person's sign-in, from the first Action to the issued token, as the pipeline carries it along."""

from dataclasses import asdict, dataclass, field
from typing import Any

from ..context import Sandbox
from ..store import Doc
from . import scopes as scope_rules
from .errors import GoneError


@dataclass
class Wishes:
    """What Actions have asked for the tokens; kept across redirects."""

    id_claims: Doc = field(default_factory=dict)
    access_claims: Doc = field(default_factory=dict)
    added_scopes: list[str] = field(default_factory=list)
    removed_scopes: list[str] = field(default_factory=list)
    refresh_token_metadata: Doc | None = None

    def scopes(self, requested: list[str]) -> list[str]:
        wished = dict.fromkeys([*requested, *self.added_scopes])
        return [scope for scope in wished if scope not in self.removed_scopes]


@dataclass
class SignIn:
    """Who signs in where, and how far the Actions have got. JSON-able both ways.

    `transaction` is `event.transaction` without its metadata. `actions` are the ids bound when the flow
    began; `position` is the one to run, or to resume, next.
    """

    client_id: str
    user_id: str
    connection_id: str
    transaction: Doc
    scopes: list[str] = field(default_factory=list)
    audience: str | None = None
    organization: str | None = None
    session_key: str | None = None
    session_id: str | None = None
    authenticated_at: float | None = None
    refresh_token_key: str | None = None
    methods: list[Doc] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    position: int = 0
    redirected_to: list[str] = field(default_factory=list)
    metadata: Doc = field(default_factory=dict)
    metadata_bytes: dict[str, int] = field(default_factory=dict)
    primary_user_set: bool = False
    # What `multifactor.enable` asked for, the challenge under way, and the factors proven meanwhile.
    multifactor: Doc | None = None
    challenge: Doc | None = None
    proven_factors: list[str] = field(default_factory=list)
    wishes: Wishes = field(default_factory=Wishes)
    executions: list[str] = field(default_factory=list)

    def to_doc(self) -> Doc:
        return asdict(self)

    @classmethod
    def from_doc(cls, doc: Doc) -> "SignIn":
        values: dict[str, Any] = {**doc, "wishes": Wishes(**doc["wishes"])}
        return cls(**values)

    def client(self, sandbox: Sandbox) -> Doc:
        return _existing(sandbox, "clients", self.client_id)

    def user(self, sandbox: Sandbox) -> Doc:
        return _existing(sandbox, "users", self.user_id)

    def connection(self, sandbox: Sandbox) -> Doc:
        return _existing(sandbox, "connections", self.connection_id)

    def granted_scopes(self) -> list[str]:
        return self.wishes.scopes(self.scopes)

    @property
    def has_browser(self) -> bool:
        """Whether there is one to redirect: a grant at the token endpoint has no address to return to."""
        return "redirect_uri" in self.transaction

    @property
    def wants_offline(self) -> bool:
        return scope_rules.OFFLINE in self.granted_scopes()


def _existing(sandbox: Sandbox, kind: str, key: str) -> Doc:
    doc = sandbox.store.get(kind, key)
    if doc is None:
        raise GoneError(f"The sign-in's {kind.removesuffix('s')} no longer exists.")
    return doc
