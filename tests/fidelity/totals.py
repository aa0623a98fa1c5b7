"""What a replay amounts to: by list, by resource, by operation."""

from collections.abc import Callable, Iterable, Mapping

from sandbox.management.operations import OPERATIONS
from sandbox.management.routing import Router

from .replay import Replayed, Request

Count = tuple[int, int]
_ROUTER = Router(OPERATIONS)


def operation(request: Request) -> str:
    """`GET /actions/actions/{id}`, or the path's first two parts where the sandbox knows no such one."""
    found = _ROUTER.find(request.method, request.path)
    path = found[0].path if found else "/" + "/".join(request.path.strip("/").split("/")[:2])
    return f"{request.method} {path}"


def resource(request: Request) -> str:
    """The path's first part."""
    return request.path.strip("/").partition("/")[0]


def count(requests: Iterable[Request], group: Callable[[Request], str]) -> dict[str, Count]:
    """Matched and total by group, in the groups' alphabetical order."""
    counts: dict[str, Count] = {}
    for request in requests:
        matched, total = counts.get(group(request), (0, 0))
        counts[group(request)] = (matched + request.matched, total + 1)
    return dict(sorted(counts.items()))


def every(replayed: Iterable[Replayed]) -> list[Request]:
    return [request for one in replayed for request in one.requests]


def by_list(replayed: Iterable[Replayed], lists: Mapping[str, tuple[str, ...]]) -> dict[str, Count]:
    """Matched and total of each list that names a recording, and of all recordings."""
    done = {one.name: one for one in replayed}
    chosen = {label: [done[name] for name in names] for label, names in lists.items() if names}
    return {label: _count(ones) for label, ones in {**chosen, "all": list(done.values())}.items()}


def _count(replayed: Iterable[Replayed]) -> Count:
    requests = every(replayed)
    return sum(request.matched for request in requests), len(requests)


def line(label: str, counted: Count) -> str:
    """One row of the table: matched/total, percentage, name."""
    matched, total = counted
    share = 100 * matched / total if total else 0.0
    return f"{matched:6d}/{total:<6d}{share:6.1f} %  {label}"
