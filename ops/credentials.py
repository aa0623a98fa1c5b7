"""Who deploys to a tenant, as the environment tells the Auth0 plugin, and whether that tenant lets them in.

Source: github.com/auth0/terraform-provider-auth0, docs/index.md
"""

import json
import os
import time
import urllib.request
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from .errors import OpsError

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SECONDS = 30.0
_BODY_BYTES = 64 * 1024
# As much as is shown of what a tenant says.
_SAID = 300
_REFUSALS = (400, 401, 403)
_STRANGERS = (*range(300, 400), 404, 405)
# Other ways of the plugin's to log in: a word, or a yes as Go reads it.
_OTHER_WAYS = {"AUTH0_AUDIENCE": str, "AUTH0_CLI_LOGIN": bool, "AUTH0_DYNAMIC_CREDENTIALS": bool}
_NO = ("0", "f", "false")
# The smallest question that a scope of every stage answers.
_QUESTION = "/api/v2/actions/triggers/post-login/bindings?per_page=1"


@dataclass(frozen=True)
class Answer:
    """What a tenant answered; `skew` is how far this machine's clock is ahead of it, in seconds."""

    status: int
    body: Mapping[str, Any]
    skew: float

    @property
    def reason(self) -> str:
        said = (self.body.get(name) for name in ("error_description", "message", "error"))
        return f"{self.status} {_one_line(next((each for each in said if each), ''))}".strip()


@dataclass(frozen=True)
class Credentials:
    """A token, or an application with its secret or its private key (PEM)."""

    client: str = ""
    token: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    algorithm: str = "RS256"

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> "Credentials":
        """Those of the environment. Raises OpsError for what a login cannot use, or not as it was tried."""
        _refuse_other_ways(environment)
        named = environment.get
        if not named("AUTH0_API_TOKEN", "").isprintable():
            raise OpsError(
                "AUTH0_API_TOKEN cannot be used",
                "It holds a line break or another character that no token has.",
                "Set it to the token alone",
            )
        return cls(
            named("AUTH0_CLIENT_ID", ""),
            named("AUTH0_API_TOKEN", ""),
            named("AUTH0_CLIENT_SECRET", ""),
            named("AUTH0_CLIENT_ASSERTION_PRIVATE_KEY", ""),
            named("AUTH0_CLIENT_ASSERTION_SIGNING_ALG", "") or "RS256",
        )

    @property
    def name(self) -> str:
        """Who that is, for a message; never a secret."""
        if not self.token:
            return f"the application {self.client}"
        meant = _audience(self.token)
        return f"the token in AUTH0_API_TOKEN{f', which is for {meant}' if meant else ''}"

    def try_on(self, stage: str, domain: str) -> Answer:
        """The tenant's answer to a question that every stage asks; a rate limit (429) or a fault is one, too.

        Raises OpsError when it lets nobody in, gives no token, or is no tenant.
        """
        answer = _request(domain, _QUESTION, bearer=self.token or self._bearer(stage, domain))
        if answer.status in _REFUSALS:
            raise self._refused(stage, domain, answer.reason)
        if answer.status in _STRANGERS:
            raise _stranger(stage, domain, answer)
        return answer

    def _bearer(self, stage: str, domain: str) -> str:
        """auth0.com/docs/api/authentication/client-credentials-flow/get-token"""
        answer = _request(domain, "/oauth/token", self.grant(domain))
        if answer.status in _REFUSALS:
            raise self._refused(stage, domain, answer.reason)
        if answer.status == 429 or answer.status >= 500:
            raise OpsError(
                f"The tenant {domain} does not answer now",
                f"Asked for a token, it said: {answer.reason}. Nothing was changed.",
                "Run it again in a while",
            )
        bearer = answer.body.get("access_token")
        if answer.status != 200 or not isinstance(bearer, str) or not bearer:
            raise _stranger(stage, domain, answer)
        return bearer

    def grant(self, domain: str) -> dict[str, str]:
        """What is posted to the tenant's /oauth/token. Raises OpsError when there is nothing to post."""
        if not self.client or not (self.secret or self.key):
            raise OpsError(
                f"There are no credentials for the tenant {domain}",
                "Neither AUTH0_CLIENT_ID with a secret or a private key, nor AUTH0_API_TOKEN, is set.",
                "Set those of the application that deploys the stage (docs/scopes.md)",
            )
        proof = {"client_secret": self.secret}
        if self.key:
            proof = {"client_assertion_type": _ASSERTION, "client_assertion": self._assertion(domain)}
        return {
            "grant_type": "client_credentials",
            "audience": f"https://{domain}/api/v2/",
            "client_id": self.client,
            **proof,
        }

    def _assertion(self, domain: str) -> str:
        """auth0.com/docs/get-started/authentication-and-authorization-flow/authenticate-with-private-key-jwt"""
        now = int(time.time())
        claims = {"iss": self.client, "sub": self.client, "aud": f"https://{domain}/", "jti": str(uuid4())}
        try:
            key = import_key(self.key, "RSA")
            header = {"alg": self.algorithm}
            return jwt.encode(header, {**claims, "iat": now, "exp": now + 60}, key, [self.algorithm])
        except (JoseError, ValueError) as error:
            raise OpsError(
                "AUTH0_CLIENT_ASSERTION_PRIVATE_KEY cannot be used",
                f"It is no RSA private key in PEM for {self.algorithm}.",
                "Set it to the whole file, its first and last line included",
            ) from error

    def _refused(self, stage: str, domain: str, reason: str) -> OpsError:
        return OpsError(
            f"The tenant {domain} does not let in {self.name}",
            f"Stage {stage} belongs to {domain}, and that answered: {reason}. Nothing was changed.",
            f"Set the credentials of an application of {domain}, with the scopes of docs/scopes.md",
        )


def _refuse_other_ways(environment: Mapping[str, str]) -> None:
    """The plugin would log in otherwise than what was tried here."""
    for name, kind in _OTHER_WAYS.items():
        said = environment.get(name, "").strip()
        if said and (kind is str or said.lower() not in _NO):
            raise OpsError(
                f"{name} is set",
                "It changes how the Auth0 plugin logs in, and is no way of this project's.",
                f"Run: unset {name}; docs/operations.md, Credentials, has the three ways",
            )


def _stranger(stage: str, domain: str, answer: Answer) -> OpsError:
    return OpsError(
        f"{domain} does not answer as a tenant of Auth0 does",
        f"Stage {stage} belongs to it, and it said: {answer.reason}. Nothing was changed.",
        "Check auth0.domain in the stage file, and what stands between this machine and the tenant",
    )


def _audience(token: str) -> str:
    """Whom a token is for, as it says itself; empty when it says nothing."""
    try:
        payload = token.split(".")[1]
        said = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["aud"]
    except (ValueError, LookupError, TypeError):
        return ""
    return " and ".join(said) if isinstance(said, list) else str(said)


class _AsItIs(urllib.request.HTTPErrorProcessor):
    """Hands every answer on: no status is an exception, and no redirect gets our credentials."""

    def http_response(self, request: urllib.request.Request, response: Any) -> Any:
        return response

    https_response = http_response


def _request(domain: str, path: str, form: Mapping[str, str] | None = None, bearer: str = "") -> Answer:
    data = json.dumps(form).encode() if form else None
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
    request = urllib.request.Request(f"https://{domain}{path}", data, headers)
    try:
        with urllib.request.build_opener(_AsItIs).open(request, timeout=_SECONDS) as response:
            return _answer(response.status, response.headers.get("Date"), response.read(_BODY_BYTES))
    # ValueError: an address or a header that cannot be sent.
    except (OSError, HTTPException, ValueError) as error:
        raise OpsError(
            f"The tenant {domain} does not answer",
            f"{_one_line(getattr(error, 'reason', error)) or type(error).__name__}.",
            "Check auth0.domain in the stage file, and this machine's way to it",
        ) from error


def _answer(status: int, date: str | None, text: bytes) -> Answer:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = {}
    return Answer(status, body if isinstance(body, dict) else {}, _skew(date))


def _skew(date: str | None) -> float:
    try:
        return time.time() - parsedate_to_datetime(date).timestamp() if date else 0.0
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _one_line(said: object) -> str:
    """What somebody else said, fit for a terminal."""
    return "".join(each if each.isprintable() else " " for each in str(said))[:_SAID].strip()
