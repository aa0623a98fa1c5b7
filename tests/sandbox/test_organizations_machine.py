"""A sequence of changes to memberships against a model of them."""

from typing import Any
from urllib.parse import quote

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sandbox import users
from sandbox.seed import CONNECTION
from sandbox.testing import memory_sandbox

from .in_process import InProcess

PEOPLE = st.integers(0, 2)
NAMES = st.sampled_from(["acme", "other"])
ROLES = st.integers(0, 1)


class Memberships(RuleBasedStateMachine):
    """The model: for each organization its members in order, and the roles each has there."""

    def __init__(self) -> None:
        super().__init__()
        self.sandbox = memory_sandbox()
        self.api = InProcess(self.sandbox)
        self.people = [self._person(number) for number in range(3)]
        self.roles = [self.api.call("POST", "/roles", {"name": f"r{number}"})[1]["id"] for number in range(2)]
        self.ids: dict[str, str] = {}
        self.model: dict[str, dict[int, set[int]]] = {}

    def _person(self, number: int) -> str:
        user = users.create(
            self.sandbox, CONNECTION, f"{number}@example.com", None, user_id=f"person{number}"
        )
        return str(user["user_id"])

    def _call(self, method: str, name: str, below: str, body: Any = None) -> tuple[int, Any]:
        identifier = self.ids.get(name, "org_0000000000000000")
        return self.api.call(method, f"/organizations/{identifier}{below}", body)

    @rule(name=NAMES)
    def found(self, name: str) -> None:
        status, made = self.api.call("POST", "/organizations", {"name": name})
        assert status == (409 if name in self.model else 201)
        if status == 201:
            self.ids[name], self.model[name] = made["id"], {}

    @rule(name=NAMES)
    def dissolve(self, name: str) -> None:
        status, _ = self._call("DELETE", name, "")
        assert status == (204 if self.model.pop(name, None) is not None else 404)
        self.ids.pop(name, None)

    @rule(name=NAMES, person=PEOPLE, leaves=st.booleans())
    def join_or_leave(self, name: str, person: int, leaves: bool) -> None:
        body = {"members": [self.people[person]]}
        status, _ = self._call("DELETE" if leaves else "POST", name, "/members", body)
        assert status == (204 if name in self.model else 404)
        if name in self.model and leaves:
            self.model[name].pop(person, None)
        elif name in self.model:
            self.model[name].setdefault(person, set())

    @rule(name=NAMES, person=PEOPLE, role=ROLES, gone=st.booleans())
    def give_or_take(self, name: str, person: int, role: int, gone: bool) -> None:
        below = f"/members/{quote(self.people[person], safe='')}/roles"
        status, _ = self._call("DELETE" if gone else "POST", name, below, {"roles": [self.roles[role]]})
        held = self.model.get(name, {}).get(person)
        assert status == (204 if held is not None or (gone and name in self.model) else 404)
        if held is not None:
            (held.discard if gone else held.add)(role)

    @rule(person=PEOPLE)
    def be_deleted_and_come_back(self, person: int) -> None:
        self.api.call("DELETE", f"/users/{quote(self.people[person], safe='')}")
        for members in self.model.values():
            members.pop(person, None)
        assert self._person(person) == self.people[person]

    @invariant()
    def members_are_who_joined_in_that_order(self) -> None:
        for name, members in self.model.items():
            _, listed = self._call("GET", name, "/members?fields=user_id,roles")
            shown = {
                self.people.index(one["user_id"]): {self.roles.index(role["id"]) for role in one["roles"]}
                for one in listed
            }
            assert (list(shown), shown) == (list(members), members)

    @invariant()
    def people_know_where_they_belong(self) -> None:
        for person, user_id in enumerate(self.people):
            _, listed = self.api.call("GET", f"/users/{quote(user_id, safe='')}/organizations")
            assert {one["name"] for one in listed} == {
                name for name, members in self.model.items() if person in members
            }


Memberships.TestCase.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
TestMemberships = Memberships.TestCase
