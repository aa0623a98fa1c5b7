"""The signed probe: an operator has the host prove that it holds the stage's keys (docs/protocol.md)."""

import time
from collections.abc import Mapping, Sequence
from typing import Annotated

from joserfc import jwt
from joserfc.jwk import OctKey
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from .contract import Contract
from .sealing import SealBrokenError, Sealer, derive_key

LEEWAY_SECONDS = 60  # an operator's own machine may keep the time less well than hosts do
KEY_NAMES = ("current", "previous")


class ProbeRefusedError(Exception):
    """No probe under this host's keys, or not one of now. `reason` is for the log; `skew` in seconds."""

    def __init__(self, reason: str, skew: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.skew = skew


class Probe(BaseModel):
    """What a probe says: times in unix seconds."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    aud: str
    iat: int
    exp: int
    nonce: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{22,64}$")]


class Prover:
    """Opens probes with the current request key, then the previous one; answers under the result key.

    Both under keys derived for this alone: a probe is no request and a proof no result, nor can be made one.
    """

    def __init__(self, contract: Contract, request_keys: Sequence[str], result_key: str) -> None:
        self._terms = contract.probe
        terms = self._terms
        self._sealers = [Sealer([key], terms.key_info, terms.typ) for key in request_keys]
        self._key = OctKey.import_key(derive_key(result_key, terms.proof_key_info))

    def prove(self, token: str, running: Mapping[str, str | None]) -> str:
        """The proof: an HS256 JWT with the probe's nonce, which request key opened it, and what runs here.

        ProbeRefusedError for anything that isn't a probe of now, sealed under a request key of this host.
        """
        place, document = self._open(token)
        probe, now = self._judged(document), int(time.time())
        claims = {
            "aud": self._terms.proof_audience,
            "iat": now,
            "exp": now + self._terms.lifetime_seconds,
            "nonce": probe.nonce,
            "key": KEY_NAMES[place],
            **running,
        }
        return jwt.encode({"alg": "HS256", "typ": self._terms.proof_typ}, claims, self._key)

    def _open(self, token: str) -> tuple[int, dict[str, object]]:
        for place, sealer in enumerate(self._sealers):
            try:
                return place, sealer.open(token)
            except SealBrokenError:
                continue
        raise ProbeRefusedError("seal")

    def _judged(self, document: dict[str, object]) -> Probe:
        try:
            probe = Probe.model_validate(document)
        except ValidationError:
            raise ProbeRefusedError("claims") from None
        if probe.aud != self._terms.audience:
            raise ProbeRefusedError("audience")
        if not 0 < probe.exp - probe.iat <= self._terms.lifetime_seconds:
            raise ProbeRefusedError("lifetime")
        now = int(time.time())
        if not probe.iat - LEEWAY_SECONDS <= now <= probe.exp + LEEWAY_SECONDS:
            raise ProbeRefusedError("clock", skew=probe.iat - now)
        return probe
