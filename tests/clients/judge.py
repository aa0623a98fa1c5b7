"""Auth0's Python SDK as the judge of what the sandbox answers: its types parse every answer, strictly.

The SDK's models keep members that they don't know; here each of those is a finding, unless a recording of a
real tenant has it too.
"""

import ssl
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import httpx
import pydantic
from auth0.management import Auth0
from auth0.management.core.pagination import SyncPager

from sandbox.testing import RunningSandbox

# Members that recordings of a real tenant have and the SDK's types lack; [[] is a literal bracket.
RECORDED = (
    "actions.*: *current_version",
    "branding.phone.templates.*: *ated_at",
    "clients.*: *cross_origin_auth",
    "connections.*: *provisioning_ticket_url",
    "connections.list: connections[[]].enabled_clients",
    "custom_domains.*: *created_at",
    "custom_domains.*: *is_default",
    "tenants.settings.*: flags.*",
    "users.permissions.list: permissions[[]].sources",
)
# Documented members that its types lack.
DOCUMENTED = (
    "jobs.*: connection",
    "logs.*: *_id",
    "logs.*: *tenant_name",
    "organizations.invitations.list: total",
    "users.*: *profile_data.*",
)
# A pager asks for the page after the last; more pages than this, and it never ends.
_PAGES = 5


class Judge:
    """Calls like the SDK's client (`judge.roles.create(name="r")`) and reads every answer to its end."""

    def __init__(self, node: Any, findings: list[str], path: str = "") -> None:
        self._node = node
        self._path = path
        self.findings = findings

    def __getattr__(self, name: str) -> Any:
        path = f"{self._path}.{name}".lstrip(".")
        found = getattr(self._node, name)
        return self._called(found, path) if callable(found) else Judge(found, self.findings, path)

    def _called(self, method: Any, path: str) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            answer = method(*arguments, **named)
            found = (f"{path}: {member}" for member in _read(answer))
            self.findings += [one for one in found if not is_known(one)]
            return answer

        return call


def http_client(sandbox: RunningSandbox) -> httpx.Client:
    """What the SDK sends with: it trusts the sandbox's authority."""
    return httpx.Client(verify=ssl.create_default_context(cafile=str(sandbox.ca)), trust_env=False)


def judge(sandbox: RunningSandbox, client: httpx.Client) -> Judge:
    """The SDK as the deployment client, with every scope."""
    sdk = Auth0(base_url=f"{sandbox.url}/api/v2", token=sandbox.token(), httpx_client=client, max_retries=0)
    return Judge(sdk, [])


def is_known(finding: str) -> bool:
    """Whether a member that the SDK's types lack is nevertheless Auth0's."""
    return any(fnmatchcase(finding, pattern) for pattern in (*RECORDED, *DOCUMENTED))


def _read(answer: Any) -> Iterator[str]:
    if not isinstance(answer, SyncPager):
        yield from strange(answer)
        return
    for number, page in enumerate(answer.iter_pages(), 1):
        if number > _PAGES:
            yield "its pages have no end"
            return
        yield from strange(page.response)


def strange(value: Any, place: str = "") -> Iterator[str]:
    """Where a parsed answer has a member that its type doesn't know."""
    if isinstance(value, pydantic.BaseModel):
        for name in value.model_extra or {}:
            yield f"{place}.{name}".lstrip(".")
        for name in type(value).model_fields:
            yield from strange(getattr(value, name), f"{place}.{name}")
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strange(item, f"{place}[]")
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from strange(item, f"{place}.{name}")
