"""Whether a stage's host is ready for people: it answers, runs what the stage says, and holds its keys."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import aiohttp

from infra import contract
from infra.render import GATEWAY_STAGE, form_digest, gateway_digest
from infra.secret import Secret
from infra.settings import Settings

from .asking import SECONDS, Answer, NoAnswerError, ask
from .findings import Findings
from .gateway_token import gateway_token
from .probe import ProofBrokenError, probe, proven

_DEPLOY = "Deploy the service from this checkout (docs/hosting.md)"
_PROBE_MENDS = {429: "Wait a minute, then run it again", 503: "See to the host's Redis (REDIS_URL)"}
_GATEWAY_MENDS = {
    "draining": "Wait until it has been replaced",
    "limits_unavailable": "See to the gateway's Redis (REDIS_URL)",
}


async def check_host(settings: Settings, rendered: Mapping[str, str]) -> Findings:
    """Ask the host of a stage. `rendered` is what the next update deploys. A host's faults raise nothing."""
    async with aiohttp.ClientSession(timeout=SECONDS) as session:
        return await checked(session, settings, rendered)


async def checked(
    session: aiohttp.ClientSession, settings: Settings, rendered: Mapping[str, str]
) -> Findings:
    """The same in a session of the caller's."""
    checks = _Checks(settings, rendered)
    for check in (checks.form, checks.gateway):
        try:
            await check(session)
        except NoAnswerError as error:
            checks.found.complaints.append(error.complaint)
    return checks.found


class _Checks:
    def __init__(self, settings: Settings, rendered: Mapping[str, str]) -> None:
        self._settings = settings
        self._rendered = rendered
        self._agreed = contract.load()
        self.found = Findings()

    async def form(self, session: aiohttp.ClientSession) -> None:
        url = self._settings.public_base_url + self._agreed["paths"]["health"]
        answer = await ask(session, "GET", url)
        if answer.status != 200 or answer.document.get("status") != "ok":
            what = f"{url} answers {answer.status}, and not as the form does"
            self.found.complain(what, "Have the name lead to the hosted service (docs/hosting.md)")
            return
        self._compare(url, answer, form_digest(self._rendered))
        await self._keys(session, url)

    def _compare(self, url: str, answer: Answer, digest: str) -> None:
        """The digests of what runs there with those of what this checkout deploys."""
        stage = self._settings.stage
        again = f"python -m infra.render --stage {stage} --out rendered-{stage}; {_lower(_DEPLOY)}, with that"
        if answer.document.get("contract") != contract.digest():
            self.found.complain(f"{url}: another version of the service runs there than here", again)
        elif answer.document.get("stage") != digest:
            self.found.complain(f"{url}: it was deployed with other settings than {stage} has now", again)
        else:
            self.found.fine.append(f"{url} runs this version, with the settings of {stage}")

    async def _keys(self, session: aiohttp.ClientSession, url: str) -> None:
        """The signed probe, under the key with which the Action seals its requests."""
        asked = probe(_judged(self._settings.secrets.request_key))
        answer = await self._probed(session, url, asked.token)
        if answer.status == 200:
            self._judge_proof(url, str(answer.document.get("proof", "")), asked.nonce)
        elif answer.status == 403:
            await self._refused(session, url)
        else:
            reason = str(answer.document.get("reason") or "it knows no probe")[:200]
            what = f"{url} answers the signed probe with {answer.status}: {reason}"
            self.found.complain(what, _PROBE_MENDS.get(answer.status, _DEPLOY))

    async def _refused(self, session: aiohttp.ClientSession, url: str) -> None:
        name = self._agreed["environment"]["requestKey"]
        previous = self._settings.secrets.request_key_previous
        if previous and (await self._probed(session, url, probe(previous).token)).status == 200:
            why = f"the host still has the request key from before the rotation ({name})"
        else:
            why = f"the host doesn't hold secrets.requestKey ({name}), or a clock is minutes off"
        self.found.complain(f"{url}: {why}", self._new_environment())

    def _judge_proof(self, url: str, proof: str, nonce: str) -> None:
        held, names = self._settings.secrets, self._agreed["environment"]
        claims = _opened(proof, nonce, held.result_key)
        if claims is None and (claims := _opened(proof, nonce, held.result_key_previous)) is not None:
            self.found.notices.append(
                f"The host signs with secrets.resultKeyPrevious: give it the new {names['resultKey']} before "
                "the previous one is dropped"
            )
        if claims is None:
            why = f"the host doesn't hold secrets.resultKey ({names['resultKey']})"
            self.found.complain(f"{url}: {why}", self._new_environment())
            return
        if claims.get("key") != "current":
            previous = names["requestKeyPrevious"]
            self.found.notices.append(f"secrets.requestKey is the host's {previous}: finish the rotation")
        self.found.fine.append(f"{url} proves that it holds the stage's keys")

    async def _probed(self, session: aiohttp.ClientSession, url: str, token: str) -> Answer:
        return await ask(session, "POST", url, data={self._agreed["probe"]["parameter"]: token})

    async def gateway(self, session: aiohttp.ClientSession) -> None:
        if GATEWAY_STAGE not in self._rendered:
            return
        terms, address = self._agreed["gateway"], self._settings.sms.gateway_url
        ready = _beside(address, terms["path"]) + terms["ready"]
        answer = await ask(session, "GET", ready)
        if answer.status != 200 or answer.document.get("status") != "ready":
            state = str(answer.document.get("status") or "no gateway there")[:60]
            given = f"Give the host {self._agreed['gatewayEnvironment']['stageFile']}, too (docs/sms.md)"
            what = f"{ready} answers {answer.status}: {state}"
            self.found.complain(what, _GATEWAY_MENDS.get(state, given))
            return
        self._compare(ready, answer, gateway_digest(self._rendered))
        await self._gateway_secret(session, address)

    async def _gateway_secret(self, session: aiohttp.ClientSession, address: str) -> None:
        """An order without content is refused for its content only after its bearer was found good."""
        bearer = {"Authorization": f"Bearer {gateway_token(self._settings)}"}
        answer = await ask(session, "POST", address, json={}, headers=bearer)
        if answer.status == 400:
            self.found.fine.append(f"{address} takes the stage's token")
        elif answer.status == 401:
            name = self._agreed["gatewayEnvironment"]["secret"]
            what = f"{address}: the gateway doesn't hold secrets.smsGatewaySecret ({name})"
            self.found.complain(what, self._new_environment())
        else:
            what = f"{address} answers {answer.status} to an empty order, and not 400 as the gateway does"
            self.found.complain(what, "Have the address lead to the gateway (docs/sms.md)")

    def _new_environment(self) -> str:
        stage = self._settings.stage
        return f"auth0-phone host-env {stage} --out ../{stage}.env; start the host with that"


def _judged(secret: Secret | None) -> Secret:
    return cast(Secret, secret)  # a stage without it did not become settings


def _opened(proof: str, nonce: str, key: Secret | None) -> dict[str, Any] | None:
    try:
        return proven(proof, nonce, key) if key is not None else None
    except ProofBrokenError:
        return None


def _beside(address: str, path: str) -> str:
    """Where the gateway's other paths are: beside its own, else at its host's root."""
    parts = urlsplit(address)
    return address.removesuffix(path) if address.endswith(path) else f"{parts.scheme}://{parts.netloc}"


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
