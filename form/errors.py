"""Why something can't go on: a case name for the person's page (see texts.py), a reason for the log."""

from typing import Literal

Case = Literal[
    "code_format",
    "code_wrong",
    "code_expired",
    "tries_used",
    "subject_locked",
    "send_limit",
    "send_wait",
    "sends_used",
    "busy",
    "number_missing",
    "number_invalid",
    "number_country",
    "country_off",
    "number_kind",
    "number_landline",
    "number_blocked",
    "number_on_file",
    "maybe_sent",
    "unavailable",
]


class LinkBrokenError(Exception):
    """The link that brought the person here isn't ours, or isn't whole. `skew` in seconds, for clocks."""

    def __init__(self, reason: str, skew: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.skew = skew


class LinkExpiredError(Exception):
    """The link was ours, but its time is over."""


class RefusedError(Exception):
    """This step can't be done now. `wait`: seconds until it could be, 0 when waiting won't help."""

    def __init__(self, case: Case, wait: int = 0, vendor_code: int | None = None) -> None:
        super().__init__(case)
        self.case: Case = case
        self.wait = wait
        self.vendor_code = vendor_code


class MaybeSentError(Exception):
    """Twilio didn't answer after it was asked to send: a code may be on its way."""
