"""What an application asks of /authorize: read, judged, and kept with the transaction."""

from dataclasses import dataclass, field, replace

from ..context import Sandbox
from ..store import Doc
from . import clients, scopes, urls
from .errors import AppError, OAuthError, PageError
from .incoming import Incoming

RESPONSE_MODES = ("query", "fragment", "form_post", "web_message")
RESPONSE_TYPES = ("code", "token", "id_token")
CHALLENGE_METHODS = ("S256", "plain")
_READ = (
    "response_type", "response_mode", "state", "scope", "audience", "nonce", "prompt", "max_age",
    "organization", "login_hint", "screen_hint", "connection", "code_challenge", "code_challenge_method",
    "acr_values", "ui_locales", "correlation_id",
)  # fmt: skip
_MOST_DIGITS = 10
PROMPTS = ("none", "login", "consent", "select_account")


@dataclass(frozen=True)
class Authorization:
    """A judged authorization request; JSON-able, see `dataclasses.asdict`.

    Whatever isn't listed is ignored, but stays in `event.request.query`. `organization` is an id.
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
    response_types: list[str] = field(default_factory=lambda: ["code"])
    code_challenge_method: str = "S256"
    organization: str | None = None

    @property
    def front_channel(self) -> bool:
        """Whether tokens themselves travel by the browser: the implicit and hybrid flows."""
        return self.response_types != ["code"]


def address(client: Doc, incoming: Incoming, organization: str | None = None) -> Authorization:
    """Where the answer may go; until this is known, errors are shown and never redirected.

    `organization` is the name that a placeholder in a callback stands for.
    """
    if incoming.is_repeated("redirect_uri"):
        raise PageError("invalid_request", "Parameter 'redirect_uri' is given more than once")
    callbacks = client.get("callbacks") or []
    given = incoming.text("redirect_uri") or (callbacks[0] if callbacks else None)
    if given is None or not urls.admits(callbacks, given, organization):
        raise PageError(
            "invalid_request",
            "Callback URL mismatch. The provided redirect_uri is not in the list of allowed callback URLs: "
            f"{given}",
            403,
        )
    types = (incoming.text("response_type") or "").split()
    mode = incoming.text("response_mode") or (
        "fragment" if {"token", "id_token"}.intersection(types) else "query"
    )
    if mode not in RESPONSE_MODES:
        raise PageError("invalid_request", f"Unsupported response mode: {mode}")
    if mode == "web_message" and not _may_listen(client, given, organization):
        raise PageError(
            "invalid_request", f"The specified redirect_uri '{given}' does not have a registered origin.", 403
        )
    return Authorization(client["client_id"], given, mode, incoming.text("state"), response_types=types)


def judge(sandbox: Sandbox, client: Doc, known: Authorization, incoming: Incoming) -> Authorization:
    """The whole request, or AppError for the application's callback."""
    _refuse_repeated(incoming)
    _check_response_type(client, known, incoming)
    audience = incoming.text("audience") or scopes.default_audience(sandbox)
    challenge, method = _challenge(client, known, incoming)
    return replace(
        known,
        scopes=scopes.requested(sandbox, client, audience, incoming.text("scope")),
        audience=audience,
        nonce=incoming.text("nonce"),
        prompts=_prompts(incoming),
        max_age=_max_age(incoming),
        login_hint=incoming.text("login_hint"),
        screen_hint=incoming.text("screen_hint"),
        connection=incoming.text("connection"),
        code_challenge=challenge,
        code_challenge_method=method,
        acr_values=(incoming.text("acr_values") or "").split(),
        ui_locales=(incoming.text("ui_locales") or "").split(),
        correlation_id=incoming.text("correlation_id"),
        redirect_uri_given=incoming.text("redirect_uri") is not None,
    )


def _refuse_repeated(incoming: Incoming) -> None:
    """RFC 6749, 3.1: no parameter may come more than once. One that nobody reads may."""
    for name in _READ:
        if incoming.is_repeated(name):
            raise AppError("invalid_request", f"Parameter '{name}' is given more than once")


def _may_listen(client: Doc, redirect_uri: str, organization: str | None) -> bool:
    """Whether a page at the callback's origin may be told the answer by a message.

    Source: auth0.com/docs/authenticate/login/configure-silent-authentication, "Response modes".
    """
    listener = urls.origin(redirect_uri)
    return listener is not None and urls.admits_origin(
        client.get("web_origins") or [], listener, organization
    )


def _check_response_type(client: Doc, known: Authorization, incoming: Incoming) -> None:
    types = known.response_types
    if not types:
        raise AppError("invalid_request", "Missing required parameter: response_type")
    if len(set(types)) != len(types) or not set(types).issubset(RESPONSE_TYPES):
        raise AppError("unsupported_response_type", f"Unsupported response type: {' '.join(types)}")
    if known.front_channel and known.response_mode == "query":
        # OAuth 2.0 Multiple Response Type Encoding Practices, 3: tokens never travel in a query.
        raise AppError("invalid_request", f"response_mode 'query' is not allowed for '{' '.join(types)}'")
    try:
        if "code" in types:
            clients.require_grant(client, "authorization_code")
        if known.front_channel:
            clients.require_grant(client, "implicit")
    except OAuthError as error:
        raise AppError(error.error, error.description) from error
    if "id_token" in types and incoming.text("nonce") is None:
        # OpenID Connect Core 1.0, 3.2.2.1 and 3.3.2.11.
        raise AppError("invalid_request", "Missing required parameter: nonce")


def _prompts(incoming: Incoming) -> list[str]:
    prompts = (incoming.text("prompt") or "").split()
    if not set(prompts).issubset(PROMPTS) or ("none" in prompts and len(prompts) > 1):
        raise AppError("invalid_request", f"Invalid prompt: {' '.join(prompts)}")
    return prompts


def _max_age(incoming: Incoming) -> int | None:
    given = incoming.text("max_age")
    if given is None:
        return None
    if not (given.isascii() and given.isdigit()) or len(given) > _MOST_DIGITS:
        raise AppError("invalid_request", "max_age must be a number of seconds")
    return int(given)


def _challenge(client: Doc, known: Authorization, incoming: Incoming) -> tuple[str | None, str]:
    """The PKCE challenge and its method (RFC 7636, 4.3); public clients bring one."""
    challenge, method = incoming.text("code_challenge"), incoming.text("code_challenge_method")
    if challenge is None:
        if "code" in known.response_types and client.get("token_endpoint_auth_method") == "none":
            raise AppError("invalid_request", "Parameter 'code_challenge' is required for this client")
        return None, "S256"
    if method not in (None, *CHALLENGE_METHODS):
        raise AppError("invalid_request", "Parameter 'code_challenge_method' must be S256 or plain")
    return challenge, method or "plain"
