"""A browser's sign-in after the password: Actions, redirects, consent, and the answer to the application."""

from starlette.responses import Response

from ..context import Sandbox
from ..store import Doc
from . import consent, granting, logs, permissions, pipeline, responses, sessions, transactions
from . import event as events
from .authorization import Authorization
from .errors import GoneError, PageError
from .incoming import Incoming
from .outcome import Outcome
from .sign_in import SignIn
from .transactions import Transaction
from .visit import Visit

# auth0.com/docs/manage-users/user-accounts/block-and-unblock-users
BLOCKED = "user is blocked"


async def start(visit: Visit, transaction: Transaction, session: Doc, user: Doc, connection: Doc) -> Response:
    """The sign-in of a person whose session stands: new, or found by single sign-on."""
    try:
        sign_in = _begun(visit, transaction, session, user, connection)
    except GoneError as error:
        return responses.error(transaction.authorization, "access_denied", str(error))
    if not user.get("blocked"):
        sessions.touch(visit.sandbox, session, sign_in.client_id, visit.incoming)
        count_login(visit.sandbox, user, visit.incoming)
    return await proceed(visit, transaction.at("continue", sign_in), sign_in, transaction.incoming)


def _begun(visit: Visit, transaction: Transaction, session: Doc, user: Doc, connection: Doc) -> SignIn:
    sandbox, authorization = visit.sandbox, transaction.authorization
    return SignIn(
        client_id=authorization.client_id,
        user_id=user["user_id"],
        connection_id=connection["id"],
        transaction=events.transaction(transaction.id, authorization, transaction.incoming),
        scopes=permissions.admitted(
            sandbox, user, authorization.audience, authorization.scopes, authorization.organization
        ),
        audience=authorization.audience,
        organization=authorization.organization,
        session_key=session["key"],
        session_id=session["id"],
        authenticated_at=session["authenticated_at"],
        methods=session["methods"],
        actions=pipeline.bound(sandbox),
    )


async def proceed(
    visit: Visit, transaction: Transaction, sign_in: SignIn, incoming: Incoming, *, resume: bool = False
) -> Response:
    """Run the next leg and answer with where it leads."""
    visit.keep_session(sign_in.session_key)
    try:
        if sign_in.user(visit.sandbox).get("blocked"):
            return refuse(visit, transaction.authorization, "unauthorized", BLOCKED, sign_in)
        outcome = await pipeline.run(visit.sandbox, sign_in, incoming, resume=resume)
        return _lead_on(visit, transaction, sign_in, outcome)
    except GoneError as error:
        return responses.error(transaction.authorization, "access_denied", str(error))


def count_login(sandbox: Sandbox, user: Doc, incoming: Incoming) -> None:
    user |= {
        "logins_count": user.get("logins_count", 0) + 1,
        "last_login": sandbox.clock.iso(),
        "last_ip": incoming.ip,
    }
    sandbox.store.put("users", user["user_id"], user)


def agree(visit: Visit, transaction: Transaction, sign_in: SignIn) -> Response:
    """The person has consented, or was never asked: hand out what the application asked for."""
    if sign_in.user(visit.sandbox).get("blocked"):
        return refuse(visit, transaction.authorization, "unauthorized", BLOCKED, sign_in)
    _log(visit, sign_in, transaction.authorization, None)
    given = granting.parameters(visit.sandbox, transaction.authorization, sign_in)
    return responses.success(transaction.authorization, given)


def refuse(
    visit: Visit, authorization: Authorization, error: str, description: str, sign_in: SignIn
) -> Response:
    _log(visit, sign_in, authorization, description)
    return responses.error(authorization, error, description)


def _lead_on(visit: Visit, transaction: Transaction, sign_in: SignIn, outcome: Outcome) -> Response:
    authorization = transaction.authorization
    match outcome.kind:
        case "redirect":
            state = transactions.put(visit.sandbox, transaction.at("continue", sign_in))
            return responses.redirect(responses.with_query(outcome.text, {"state": state}))
        case "challenge":
            state = transactions.put(visit.sandbox, transaction.at("mfa", sign_in))
            return responses.redirect(f"/u/mfa?state={state}")
        case "done" if consent.is_needed(visit.sandbox, authorization, sign_in):
            if "none" in authorization.prompts:
                return refuse(visit, authorization, "consent_required", consent.REQUIRED, sign_in)
            state = transactions.put(visit.sandbox, transaction.at("consent", sign_in))
            return responses.redirect(f"/u/consent?state={state}")
        case "done":
            return agree(visit, transaction, sign_in)
        case "interaction_required":
            return refuse(visit, authorization, "interaction_required", outcome.text, sign_in)
        case "invalid":
            _log(visit, sign_in, authorization, outcome.text)
            raise PageError(outcome.code, outcome.text)
        case _:
            return refuse(visit, authorization, "access_denied", outcome.text, sign_in)


def _log(visit: Visit, sign_in: SignIn, authorization: Authorization, failure: str | None) -> None:
    sandbox = visit.sandbox
    silent = "none" in authorization.prompts
    kind = ("fsa" if silent else "f") if failure is not None else ("ssa" if silent else "s")
    logs.write(
        sandbox,
        kind,
        visit.incoming,
        description=failure,
        client=sign_in.client(sandbox),
        connection=sign_in.connection(sandbox),
        user=sign_in.user(sandbox),
        actions=sign_in.executions,
    )
