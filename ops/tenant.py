"""The few Management API calls that the command makes itself."""

from urllib.parse import quote

import aiohttp
import yarl

from .credentials import Credentials


class Tenant:
    """A tenant's Management API, as the machine-to-machine application of a stage.

    Source: https://auth0.com/docs/api/management/v2
    """

    def __init__(self, session: aiohttp.ClientSession, domain: str, credentials: Credentials) -> None:
        self._session = session
        self._domain = domain
        self._base = f"https://{domain}"
        self._credentials = credentials
        self._token = credentials.token

    async def delete_users(self, email: str) -> int:
        """Delete every user with this address; returns how many there were."""
        found = await self._call("GET", f"/api/v2/users-by-email?email={quote(email)}")
        for user in found:
            await self.delete_user(user["user_id"])
        return len(found)

    async def delete_user(self, user_id: str) -> None:
        """Delete one user; nothing happens when there is none."""
        await self._call("DELETE", f"/api/v2/users/{quote(user_id, safe='')}")

    async def _call(self, method: str, path: str) -> list[dict[str, str]]:
        headers = {"Authorization": f"Bearer {await self._bearer()}"}
        async with self._session.request(method, _raw(self._base + path), headers=headers) as response:
            response.raise_for_status()
            return [] if response.status == 204 else await response.json()

    async def _bearer(self) -> str:
        if not self._token:
            grant = self._credentials.grant(self._domain)
            async with self._session.post(f"{self._base}/oauth/token", json=grant) as response:
                response.raise_for_status()
                self._token = (await response.json())["access_token"]
        return self._token


def _raw(url: str) -> yarl.URL:
    """`auth0|…` travels as `auth0%7C…`: the address is already encoded as the API wants it."""
    return yarl.URL(url, encoded=True)
