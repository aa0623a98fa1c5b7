"""What the steps and the pages work with."""

from dataclasses import dataclass

from structlog.typing import FilteringBoundLogger

from serving.addresses import Clients

from .contract import Contract
from .pages import Pages
from .probe import Prover
from .sealing import Sealer
from .session import Sessions
from .stage import Stage
from .throttle import ProbeLimits, SendLimits, TryLimits
from .tokens import ResultMaker
from .twilio import Verify


@dataclass(frozen=True)
class Service:
    contract: Contract
    stage: Stage
    stage_digest: str
    build: str | None
    requests: Sealer
    results: ResultMaker
    sessions: Sessions
    pages: Pages
    verify: Verify
    sends: SendLimits
    tries: TryLimits
    prover: Prover
    probes: ProbeLimits
    clients: Clients
    log: FilteringBoundLogger
