"""A rule of Auth0's that the sandbox keeps: what it says, where that is written, and what proves it here."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One row of the rules in COVERAGE.md.

    `source` is a path below https://auth0.com/ ("docs/…"), an RFC or OpenID specification with its section,
    or "unknown: switch NAME" where Auth0's documentation leaves open what the switch decides.
    `tests` are pytest's names below the repository's root: tests/sandbox/test_x.py::test_y.
    """

    area: str
    rule: str
    source: str
    tests: tuple[str, ...]
