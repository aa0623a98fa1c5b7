"""HTTP to the tenant: JSON there and back, over TLS that only the sandbox's own CA vouches for."""

import ssl
from typing import Any
from urllib.parse import urlsplit

from .errors import LoginError, TenantError

_TIMEOUT_SECONDS = 10.0
_CONNECT_SECONDS = 2.0


class Tenant:
    """The tenant at an issuer, such as https://localhost:8443/.

    Every method raises LoginError for a refusal in OAuth's words and TenantError for anything else.
    """

    def __init__(self, issuer: str, trust: ssl.SSLContext) -> None:
        self.issuer = issuer
        self._trust = trust

    async def configuration(self) -> dict[str, Any]:
        """Asked for each time: the tenant is on the same machine, and a reset may have changed it."""
        configuration = await self.get(f"{self.issuer}.well-known/openid-configuration")
        if configuration.get("issuer") != self.issuer:
            raise TenantError("The tenant's configuration names another issuer.")
        return configuration

    async def get(self, url: str, token: str | None = None) -> dict[str, Any]:
        return await self._call("GET", url, token=token)

    async def post(self, url: str, form: dict[str, str]) -> dict[str, Any]:
        return await self._call("POST", url, form=form)

    async def patch(self, url: str, body: dict[str, Any], token: str) -> dict[str, Any]:
        return await self._call("PATCH", url, token=token, body=body)

    async def _call(
        self,
        method: str,
        url: str,
        token: str | None = None,
        form: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        # Imported late: it is a third of all the sandbox loads, and not needed before somebody logs in here.
        import aiohttp
        from yarl import URL

        headers = {"Authorization": f"Bearer {token}"} if token else {}
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS, connect=_CONNECT_SECONDS)
        # Already encoded: otherwise the client would undo %2F inside a user's id.
        target = URL(url, encoded=True)
        what = f"{method} {urlsplit(url).path}"
        try:
            async with (
                aiohttp.ClientSession(
                    connector=aiohttp.TCPConnector(ssl=self._trust), timeout=timeout
                ) as session,
                session.request(
                    method, target, headers=headers, data=form, json=body, allow_redirects=False
                ) as response,
            ):
                answer = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise TenantError(f"The tenant does not answer {what}.") from error
        return _accepted(response.status, answer, what)


def _accepted(status: int, answer: Any, what: str) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise TenantError(f"The tenant answered {what} with something else than a JSON object.")
    if status < 300:
        return answer
    if "error_description" in answer:
        raise LoginError(str(answer["error"]), str(answer["error_description"]))
    raise TenantError(f"The tenant answered {what} with {status}: {answer.get('message', 'no reason given')}")
