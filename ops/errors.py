"""The one error that commands raise on purpose: what happened, why, and what mends it."""


class OpsError(Exception):
    """A refusal or failure that a person is told about in three sentences; it never shows a stack trace.

    `what` and `why` are sentences; `mend` is what to do next, with the command to type where there is one.
    """

    def __init__(self, what: str, why: str, mend: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what = what
        self.why = why
        self.mend = mend
