"""The three ways a sign-in refuses: on a page, to the application, or as JSON to a back channel."""

from collections.abc import Mapping

from starlette.responses import JSONResponse


class PageError(Exception):
    """Shown to the person and redirected nowhere: there is no address it could safely go to."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status


class StateError(PageError):
    """A state that is unknown, used, expired, or another browser's; `client_id` where it is known."""

    def __init__(self, description: str, client_id: str | None = None, expired: bool = False) -> None:
        super().__init__("invalid_request", description)
        self.client_id = client_id
        self.expired = expired


class GoneError(LookupError):
    """The client, user, connection or API was deleted while a sign-in with it was under way."""


class AppError(Exception):
    """An OAuth error for the application: by redirect from /authorize, as JSON from /oauth/token."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


class OAuthError(Exception):
    """A refusal of a back-channel endpoint: {"error", "error_description"}."""

    def __init__(
        self, error: str, description: str, status: int = 403, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{error}: {description}")
        # The runs of Actions that led to it, for the tenant's log.
        self.executions: list[str] = []
        self.error = error
        self.description = description
        self.status = status
        self.headers = dict(headers or {})

    def response(self) -> JSONResponse:
        headers = {"Cache-Control": "no-store", **self.headers}
        body = {"error": self.error, "error_description": self.description}
        return JSONResponse(body, self.status, headers)
