"""Login transactions: what one browser began at /authorize, under a state that works once.

A transaction lives one hour from /authorize on, the time spent on other sites included
(auth0.com/docs/troubleshoot/product-lifecycle/past-migrations/migrate-to-1-hour-expiration).
"""

from dataclasses import asdict, dataclass, replace
from typing import Literal

from starlette.requests import Request

from ..context import Sandbox
from ..store import Doc
from . import browser, expiring
from .authorization import Authorization
from .errors import StateError
from .incoming import Incoming
from .sign_in import SignIn

LIFE_SECONDS = 3600
_KIND = "transactions"

Step = Literal["login", "organization", "picker", "device", "federated", "continue", "mfa", "consent"]


@dataclass(frozen=True)
class Transaction:
    """One authorization under way.

    `browser` is the digest of the cookie of the browser that began it, `number` whose code it waits for.
    """

    id: str
    browser: str
    expires_at: float
    step: Step
    authorization: Authorization
    incoming: Incoming
    sign_in: SignIn | None = None
    number: str | None = None

    def at(self, step: Step, sign_in: SignIn) -> "Transaction":
        return replace(self, step=step, sign_in=sign_in)


def begin(
    sandbox: Sandbox, browser_secret: str, authorization: Authorization, incoming: Incoming
) -> Transaction:
    return Transaction(
        id=sandbox.ids.token(32),
        browser=browser.digest(browser_secret),
        expires_at=sandbox.clock.now() + LIFE_SECONDS,
        step="login",
        authorization=authorization,
        incoming=incoming,
    )


def put(sandbox: Sandbox, transaction: Transaction) -> str:
    """Keep a transaction under a new state, and return that state."""
    expiring.prune(sandbox)
    state = sandbox.ids.token()
    keep(sandbox, state, transaction)
    return state


def keep(sandbox: Sandbox, state: str, transaction: Transaction) -> None:
    """Keep what has changed of a transaction under the state it has."""
    sandbox.store.put(_KIND, state, {**asdict(transaction), "key": state})


def find(sandbox: Sandbox, request: Request, state: str | None, step: Step) -> Transaction:
    """The transaction of this state, if it is this browser's and waits for this step; else StateError."""
    doc = sandbox.store.get(_KIND, state) if state else None
    if doc is None or doc["step"] != step:
        raise StateError("The state is missing, unknown or already used.")
    transaction = _from_doc(doc)
    if transaction.browser != browser.digest(request.cookies.get(browser.BROWSER, "")):
        # The state stays: another browser must not be able to end this one's sign-in.
        raise StateError("The state belongs to a sign-in that another browser began.")
    if transaction.expires_at <= sandbox.clock.now():
        sandbox.store.delete(_KIND, str(state))
        raise StateError(
            "The sign-in took longer than an hour.", transaction.authorization.client_id, expired=True
        )
    return transaction


def take(sandbox: Sandbox, request: Request, state: str | None, step: Step) -> Transaction:
    """`find`, and use the state up: of two requests that race exactly one gets the transaction."""
    transaction = find(sandbox, request, state, step)
    if sandbox.store.take(_KIND, str(state)) is None:
        raise StateError("The state is missing, unknown or already used.")
    return transaction


def _from_doc(doc: Doc) -> Transaction:
    return Transaction(
        **{
            **{name: value for name, value in doc.items() if name != "key"},
            "authorization": Authorization(**doc["authorization"]),
            "incoming": Incoming(**doc["incoming"]),
            "sign_in": SignIn.from_doc(doc["sign_in"]) if doc["sign_in"] else None,
        }
    )
