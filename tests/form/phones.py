"""Twilio Verify as the form's steps see it, in memory: one code and five checks for each number."""

from dataclasses import dataclass, field

from form.errors import MaybeSentError, RefusedError
from form.twilio import Verdict

RIGHT, WRONG = "123456", "000000"


@dataclass
class Pending:
    sid: str
    checks: int = 0


@dataclass
class Phones:
    """`fail_start`/`fail_check` are raised once each, in order; None means that call works."""

    sent: list[str] = field(default_factory=list)
    checked: list[tuple[str, str, str | None]] = field(default_factory=list)
    canceled: list[str] = field(default_factory=list)
    fail_start: list[RefusedError | MaybeSentError | None] = field(default_factory=list)
    fail_check: list[RefusedError | Verdict | None] = field(default_factory=list)
    pending: dict[str, Pending] = field(default_factory=dict)
    made: int = 0

    async def start(self, number: str) -> str:
        if self.fail_start and (failure := self.fail_start.pop(0)) is not None:
            if isinstance(failure, MaybeSentError):
                self.sent.append(number)
                self._pending(number)
            raise failure
        self.sent.append(number)
        return self._pending(number).sid

    def _pending(self, number: str) -> Pending:
        if number not in self.pending:
            self.made += 1
            self.pending[number] = Pending(f"VE{self.made:032x}")
        return self.pending[number]

    async def check(self, number: str, code: str, sid: str | None) -> Verdict:
        self.checked.append((number, code, sid))
        if self.fail_check and (failure := self.fail_check.pop(0)) is not None:
            if isinstance(failure, Verdict):
                return failure
            raise failure
        found = self.pending.get(number)
        if found is None or (sid is not None and found.sid != sid):
            return Verdict.GONE
        if found.checks >= 5:
            return Verdict.EXHAUSTED
        found.checks += 1
        if code != RIGHT:
            return Verdict.WRONG
        del self.pending[number]
        return Verdict.APPROVED

    async def cancel(self, sid: str) -> None:
        self.canceled.append(sid)
        self.pending = {number: p for number, p in self.pending.items() if p.sid != sid}
