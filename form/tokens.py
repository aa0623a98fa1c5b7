"""The two tokens of the protocol: the request that brings a person here, the result that takes them back."""

import time
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from joserfc import jwt
from joserfc.jwk import OctKey
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from .contract import Contract
from .errors import LinkBrokenError, LinkExpiredError
from .sealing import SealBrokenError, Sealer
from .session import Session
from .stage import Stage

LEEWAY_SECONDS = 5  # clocks of two well-kept hosts differ by less

E164 = r"^\+[1-9][0-9]{6,14}$"


class PhoneRequest(BaseModel):
    """What the Action asks for: times in unix seconds, numbers in E.164, `login_host` an index."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    sub: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    aud: str
    iat: int
    exp: int
    nbf: int = 0
    jti: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{22,64}$")]
    login_host: Annotated[int, Field(ge=0)]
    flow: Literal["form", "action"]
    phone: Annotated[str, StringConstraints(max_length=32)] | None = None
    proven: Annotated[str, StringConstraints(pattern=E164)] | None = None
    notice: str | None = None
    skippable: bool = False


def open_request(token: str, sealer: Sealer, contract: Contract, stage: Stage) -> PhoneRequest:
    """Open and judge a request token; LinkBrokenError (with a reason for the log) or LinkExpiredError."""
    try:
        document = sealer.open(token)
        request = PhoneRequest.model_validate(_ours(document, contract))
    except SealBrokenError:
        raise LinkBrokenError("seal") from None
    except ValidationError:
        raise LinkBrokenError("claims") from None
    _judge(request, contract, stage)
    _judge_times(request, contract.request.lifetime_seconds, int(time.time()))
    return request


def _ours(document: dict[str, Any], contract: Contract) -> dict[str, Any]:
    names = {theirs: ours for ours, theirs in contract.request.claims.model_dump().items()}
    return {names.get(name, name): value for name, value in document.items()}


def _judge(request: PhoneRequest, contract: Contract, stage: Stage) -> None:
    if request.aud != contract.request.audience:
        raise LinkBrokenError("audience")
    if request.login_host >= len(stage.login_hosts):
        raise LinkBrokenError("host")
    if stage.flow is not None and request.flow != stage.flow:
        raise LinkBrokenError("flow")
    if request.notice is not None and request.notice not in contract.request.notices:
        raise LinkBrokenError("notice")


def _judge_times(request: PhoneRequest, lifetime: int, now: int) -> None:
    if not 0 < request.exp - request.iat <= lifetime:
        raise LinkBrokenError("lifetime")
    if max(request.iat, request.nbf) > now + LEEWAY_SECONDS:
        raise LinkBrokenError("clock", skew=request.iat - now)
    if now > request.exp + LEEWAY_SECONDS:
        raise LinkExpiredError


class ResultMaker:
    """Makes the signed result for `/continue`; what is personal in it is sealed."""

    def __init__(self, contract: Contract, result_key: str, login_hosts: Sequence[str]) -> None:
        self._terms = contract.result
        self._hosts = login_hosts
        self._key = OctKey.import_key(result_key)
        self._sealer = Sealer([result_key], contract.result.sealed_key_info, contract.result.sealed_typ)

    def make(self, session: Session) -> str:
        """HS256 JWT of a finished session; bound to its login by `state` and `sub`, good for 180 s."""
        terms, names, now = self._terms, self._terms.claims, int(time.time())
        claims: dict[str, Any] = {
            "sub": session.sub,
            # The login's own host: whether Auth0 compares `iss` with it or with nothing is not documented.
            "iss": self._hosts[session.host],
            "aud": terms.audience,
            "iat": now,
            "exp": now + terms.lifetime_seconds,
            "jti": session.jti,  # the request's: it answers that one and no other
            names.state: session.state,
            names.outcome: session.outcome,
        }
        if sealed := self._sealed(session):
            claims[names.sealed] = self._sealer.seal(sealed)
        if session.consent_at:
            claims[names.consent_at] = session.consent_at
            claims[names.consent_version] = session.consent_version
        return jwt.encode({"alg": "HS256", "typ": terms.typ}, claims, self._key)

    def _sealed(self, session: Session) -> dict[str, Any]:
        names = self._terms.sealed_claims
        if session.outcome == "verified":
            return {names.phone: session.number}
        if session.outcome == "submitted":
            return {names.code: session.code}
        return {}
