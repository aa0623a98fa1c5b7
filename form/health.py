"""What supervisors and operators ask: whether the form lives, what it is, whether it holds the keys."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from serving.store import StoreDownError

from .bodies import read_fields
from .probe import ProbeRefusedError
from .service import Service

# One sentence for whatever is wrong with a probe: whoever holds the keys finds the rest in the log.
REFUSED = "not sealed under a request key of this host, or made by a clock that differs by minutes"


async def health(service: Service, request: Request) -> Response:
    """Alive, and which contract, stage and build this is."""
    return JSONResponse({"status": "ok", **running(service)})


async def prove(service: Service, request: Request) -> Response:
    """Answer a probe with a proof; 403 for one that isn't this host's, 429, or 503 without counters."""
    fields = await read_fields(request)
    token = fields.get(service.contract.probe.parameter, "")
    try:
        return await _proved(service, request, token)
    except StoreDownError:
        return _refusal(503, "the counters are down; the form sends nothing until they are back")


async def _proved(service: Service, request: Request, token: str) -> Response:
    """Only what is refused counts: strangers behind the operator's proxy use up nothing of the operator's."""
    try:
        proof = service.prover.prove(token, running(service))
    except ProbeRefusedError as refused:
        if wait := await service.probes.refused(service.clients.address(request.scope)):
            return _refusal(429, "too many probes", {"retry-after": str(wait)})
        service.log.warning("probe_refused", reason=refused.reason, skew=refused.skew)
        return _refusal(403, REFUSED)
    await service.probes.reach()
    service.log.info("probe_answered")
    return JSONResponse({"status": "ok", "proof": proof})


def running(service: Service) -> dict[str, str | None]:
    """What runs here: two digests, and the build's id where there is one."""
    return {"contract": service.contract.digest, "stage": service.stage_digest, "build": service.build}


def _refusal(status: int, reason: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"status": "refused", "reason": reason}, status, headers)
