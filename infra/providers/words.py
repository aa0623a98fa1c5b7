"""Vercel's refusals in plain words: what failed, why, and what mends it.

Shapes: https://vercel.com/docs/rest-api/errors ({"error": {"code", "message"}}).
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

from .errors import ConflictError, ForbiddenError, GoneError, MissingFilesError, ProviderError

_SIGN_IN = (
    "Make a token at https://vercel.com/account/tokens for the team of this stage, then:\n"
    "    export VERCEL_TOKEN=…"
)
UNAUTHENTICATED = f"VERCEL_TOKEN is not set, so nothing can be done at Vercel. {_SIGN_IN}"
_SHOWN = 120
_LONGEST = 600
# A shorter value would be found in the middle of ordinary words.
_SHORTEST_HIDDEN = 6


def refusal(
    status: int, answer: Any, doing: str, hidden: Collection[str], wait: float | None = None
) -> ProviderError:
    """The error for an answer of 400 or more.

    `doing` says what was tried, like "create the project x"; none of `hidden` gets into the text; `wait` is
    after how many seconds Vercel answers again, if it said so.
    """
    error = answer.get("error") if isinstance(answer, Mapping) else None
    error = error if isinstance(error, Mapping) else {}
    code, said = str(error.get("code") or ""), scrubbed(str(error.get("message") or ""), hidden)[:_LONGEST]
    told = f"Vercel would not {doing}: " + (said or f"it answered {status}") + (f" ({code})" if code else "")
    if code == "missing_files":
        return MissingFilesError([str(digest) for digest in error.get("missing") or ()])
    if status == 404:
        return GoneError(told)
    if status == 409:
        return ConflictError(told, code)
    refused = f"{told.removesuffix('.')}."
    if status == 401 or (status == 403 and error.get("invalidToken")):
        return ProviderError(f"{refused} VERCEL_TOKEN is wrong or has expired. {_SIGN_IN}")
    if status == 403:
        return ForbiddenError(
            f"{refused} The owner of VERCEL_TOKEN may not do this in the team of the stage (hosting.team): "
            "somebody of that team has to allow it, or to give a token of their own."
        )
    return ProviderError(refused + _mend(status, wait))


def stranger(url: str, doing: str, status: int, said: str) -> str:
    """The text for an answer that is not in Vercel's shape, like the page of a proxy."""
    shown = " ".join(said.split())[:_SHOWN] or "nothing"
    return (
        f"Something else than Vercel answers at {url}, so it could not be asked to {doing}: {status}, "
        f"{shown}. Look at the network and its proxy (HTTPS_PROXY), then run `pulumi up` again."
    )


def _mend(status: int, wait: float | None) -> str:
    if status == 402:
        return (
            " The team's plan does not allow it, or a payment is due: see "
            "https://vercel.com/docs/plans and the team's billing page, then run `pulumi up` again."
        )
    if status == 429:
        again = "in some minutes" if wait is None else f"after {wait:.0f} seconds"
        return f" Too many calls were made. Run `pulumi up` again {again}."
    if status >= 500:
        return " See https://www.vercel-status.com, then run `pulumi up` again: it goes on from here."
    return ""


def scrubbed(text: str, hidden: Collection[str]) -> str:
    """`text` without the values in `hidden`, as they are or as JSON writes them; very short ones stay."""
    for value in sorted((each for each in hidden if len(each) >= _SHORTEST_HIDDEN), key=len, reverse=True):
        for form in (value, json.dumps(value)[1:-1]):
            text = text.replace(form, "[secret]")
    return text
