"""What an application asks of /authorize: read, judged, and kept with the transaction."""

from dataclasses import dataclass, field

from ..context import Sandbox
from ..store import Doc
from . import scopes
from .errors import AppError, PageError
from .incoming import Incoming

RESPONSE_MODES = ("query", "fragment", "form_post")
_PROMPTS = {"none", "login", "consent", "select_account"}


@dataclass(frozen=True)
class Authorization:
    """A judged authorization request; JSON-able, see `dataclasses.asdict`.

    `organization` and whatever else isn't listed is ignored, but stays in `event.request.query`.
    """

    client_id: str
    redirect_uri: str
    response_mode: str = "query"
    state: str | None = None
    scopes: list[str] = field(default_factory=list)
    audience: str | None = None
    nonce: str | None = None
    prompts: list[str] = field(default_factory=list)
    max_age: int | None = None
    login_hint: str | None = None
    screen_hint: str | None = None
    connection: str | None = None
    code_challenge: str | None = None
    acr_values: list[str] = field(default_factory=list)
    ui_locales: list[str] = field(default_factory=list)
    correlation_id: str | None = None
    redirect_uri_given: bool = True


def address(client: Doc, incoming: Incoming) -> Authorization:
    """Where the answer may go; until this is known, errors are shown and never redirected."""
    callbacks = client.get("callbacks") or []
    given = incoming.text("redirect_uri") or (callbacks[0] if callbacks else None)
    if given not in callbacks:
        raise PageError(
            "invalid_request",
            "Callback URL mismatch. The provided redirect_uri is not in the list of allowed callback URLs: "
            f"{given}",
            403,
        )
    mode = incoming.text("response_mode") or "query"
    if mode not in RESPONSE_MODES:
        raise PageError("invalid_request", f"Unsupported response mode: {mode}")
    return Authorization(client["client_id"], str(given), mode, incoming.text("state"))


def judge(sandbox: Sandbox, client: Doc, known: Authorization, incoming: Incoming) -> Authorization:
    """The whole request, or AppError for the application's callback."""
    response_type = incoming.text("response_type")
    if response_type is None:
        raise AppError("invalid_request", "Missing required parameter: response_type")
    if response_type != "code":
        raise AppError("unsupported_response_type", f"Unsupported response type: {response_type}")
    audience = incoming.text("audience")
    return Authorization(
        client_id=known.client_id,
        redirect_uri=known.redirect_uri,
        response_mode=known.response_mode,
        state=known.state,
        scopes=scopes.requested(sandbox, client, audience, incoming.text("scope")),
        audience=audience,
        nonce=incoming.text("nonce"),
        prompts=_prompts(incoming),
        max_age=_max_age(incoming),
        login_hint=incoming.text("login_hint"),
        screen_hint=incoming.text("screen_hint"),
        connection=incoming.text("connection"),
        code_challenge=_challenge(client, incoming),
        acr_values=(incoming.text("acr_values") or "").split(),
        ui_locales=(incoming.text("ui_locales") or "").split(),
        correlation_id=incoming.text("correlation_id"),
        redirect_uri_given=incoming.text("redirect_uri") is not None,
    )


def _prompts(incoming: Incoming) -> list[str]:
    prompts = (incoming.text("prompt") or "").split()
    if not _PROMPTS.issuperset(prompts) or ("none" in prompts and len(prompts) > 1):
        raise AppError("invalid_request", f"Invalid prompt: {' '.join(prompts)}")
    return prompts


def _max_age(incoming: Incoming) -> int | None:
    given = incoming.text("max_age")
    if given is None:
        return None
    if not given.isdecimal():
        raise AppError("invalid_request", "max_age must be a number of seconds")
    return int(given)


def _challenge(client: Doc, incoming: Incoming) -> str | None:
    """The PKCE challenge (RFC 7636), S256 only; clients without a secret must bring one."""
    challenge, method = incoming.text("code_challenge"), incoming.text("code_challenge_method")
    if challenge is None:
        if client.get("token_endpoint_auth_method") == "none":
            raise AppError("invalid_request", "Parameter 'code_challenge' is required for this client")
        return None
    if method != "S256":
        raise AppError("invalid_request", "Parameter 'code_challenge_method' must be S256")
    return challenge
