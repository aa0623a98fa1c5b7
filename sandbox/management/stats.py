"""Numbers of a tenant, out of its log: /stats.

Source: auth0.com/docs/api/management/v2/stats. Only the entries the log still holds are counted.
"""

import re
from collections import Counter
from datetime import date, timedelta

from ..clock import Clock
from . import paging
from .routing import Answer, Call, Operation

_LOGINS = ("s", "sepft", "ssa")
_SIGN_UPS = ("ss",)
_LEAKED = ("pwd_leak", "signup_pwd_leak")
_ACTIVE_DAYS = 30
# The log goes back a month at the most; a range may ask for all of history.
_MOST_DAYS = 366
_DAY = re.compile(r"^\d{8}$", re.ASCII)


def active_users(call: Call) -> Answer:
    """How many people logged in within the last 30 days: a bare number."""
    first = call.sandbox.clock.iso(call.sandbox.clock.now() - _ACTIVE_DAYS * 86_400)
    entries = call.sandbox.store.all("tenant_logs")
    active = {
        entry.get("user_id") for entry in entries if entry["type"] in _LOGINS and entry["date"] >= first
    }
    return Answer(len(active - {None}))


def daily(call: Call) -> Answer:
    """Each day's numbers, from and to being YYYYMMDD; the last 30 days unless they say otherwise.

    Of a longer range, its last 366 days.
    """
    last = _day(call, "to", _today(call.sandbox.clock))
    first = max(_day(call, "from", _before(last, _ACTIVE_DAYS)), _before(last, _MOST_DAYS - 1))
    counts: Counter[tuple[str, str]] = Counter()
    for entry in call.sandbox.store.all("tenant_logs"):
        counts[entry["date"][:10], _sort(entry["type"])] += 1
    now = call.sandbox.clock.iso()
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return Answer(
        [
            {
                "date": f"{day}T00:00:00.000Z",
                "logins": counts[str(day), "logins"],
                "signups": counts[str(day), "signups"],
                "leaked_passwords": counts[str(day), "leaked_passwords"],
                "updated_at": now,
                "created_at": now,
            }
            for day in days
        ]
    )


def _sort(kind: str) -> str:
    if kind in _LOGINS:
        return "logins"
    if kind in _SIGN_UPS:
        return "signups"
    return "leaked_passwords" if kind in _LEAKED else ""


def _today(clock: Clock) -> date:
    return date.fromisoformat(clock.iso()[:10])


def _before(day: date, days: int) -> date:
    """So many days earlier, or the first day there is."""
    return day - timedelta(days=min(days, (day - date.min).days))


def _day(call: Call, name: str, default: date) -> date:
    given = call.query.get(name)
    if given is None:
        return default
    try:
        if _DAY.fullmatch(given):
            return date.fromisoformat(given)
    except ValueError:
        pass
    raise paging.invalid_query(f"String does not match pattern {_DAY.pattern}: {given}", name)


OPERATIONS = (
    Operation("GET", "/stats/active-users", active_users, ("read:stats",)),
    Operation("GET", "/stats/daily", daily, ("read:stats",)),
)
