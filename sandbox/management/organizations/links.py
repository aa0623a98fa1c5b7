"""What joins an organization to a connection, a grant or an application: one document for each pair."""

from ...context import Sandbox
from ...store import Doc, Store


class Links:
    """Pairs of an organization and something else of a tenant.

    `kind` is where they are stored, `member` what names the other side; `others` is the other side's own
    kind. A pair whose other side is gone is gone too.
    """

    def __init__(self, kind: str, member: str, others: str) -> None:
        self._kind = kind
        self._member = member
        self._others = others

    def get(self, store: Store, organization: str, other: str) -> Doc | None:
        link = store.get(self._kind, _key(organization, other))
        return link if link is not None and self.other(store, link) is not None else None

    def put(self, store: Store, organization: str, other: str, values: Doc) -> Doc:
        """Store a pair with what is to be known of it, and return it."""
        link = {"organization_id": organization, self._member: other, **values}
        store.put(self._kind, _key(organization, other), link)
        return link

    def remove(self, store: Store, organization: str, other: str) -> None:
        store.delete(self._kind, _key(organization, other))

    def of(self, store: Store, organization: str) -> list[Doc]:
        """The organization's, in the order in which they were made."""
        return self._living(store, "organization_id", organization)

    def to(self, store: Store, other: str) -> list[Doc]:
        """Those of every organization with this one."""
        return self._living(store, self._member, other)

    def forget(self, store: Store, organization: str) -> None:
        for link in store.where(self._kind, "organization_id", organization):
            self.remove(store, organization, link[self._member])

    def forget_other(self, store: Store, other: str) -> None:
        for link in store.where(self._kind, self._member, other):
            self.remove(store, link["organization_id"], other)

    def other(self, store: Store, link: Doc) -> Doc | None:
        """The other side's own document."""
        return store.get(self._others, link[self._member])

    def _living(self, store: Store, member: str, value: str) -> list[Doc]:
        links = store.where(self._kind, member, value)
        return [link for link in links if self.other(store, link) is not None]


def _key(organization: str, other: str) -> str:
    return f"{organization} {other}"


MEMBERS = Links("organization_members", "user_id", "users")
CONNECTIONS = Links("organization_connections", "connection_id", "connections")
GRANTS = Links("organization_client_grants", "grant_id", "client_grants")
CLIENTS = Links("organization_clients", "client_id", "clients")
ALL = (MEMBERS, CONNECTIONS, GRANTS, CLIENTS)


def join(sandbox: Sandbox, organization: str, user: str) -> Doc:
    """Make a user a member, who may be one already: a link with joined_at and the ids of roles."""
    link = MEMBERS.get(sandbox.store, organization, user) or {}
    return MEMBERS.put(
        sandbox.store, organization, user, {"joined_at": sandbox.clock.now(), "roles": [], **link}
    )
