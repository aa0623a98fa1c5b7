"""What the application asks of the Management API: a user's metadata, and another number for it."""

from typing import Any
from urllib.parse import quote

from .tenant import Tenant


class Management:
    """The Management API through the seeded machine-to-machine client."""

    def __init__(self, tenant: Tenant, client_id: str, client_secret: str) -> None:
        self._tenant = tenant
        self._client_id = client_id
        self._client_secret = client_secret

    async def metadata(self, user_id: str) -> dict[str, dict[str, Any]]:
        """{"user_metadata": …, "app_metadata": …}: what the person may change, and what only the tenant."""
        user = await self._tenant.get(self._user(user_id), await self._token())
        return {name: user.get(name) or {} for name in ("user_metadata", "app_metadata")}

    async def wish_number(self, user_id: str, number: str) -> None:
        """Write the hint; it proves nothing until the next login has verified it."""
        await self._tenant.patch(
            self._user(user_id), {"user_metadata": {"phone_number": number}}, await self._token()
        )

    def _user(self, user_id: str) -> str:
        return f"{self._tenant.issuer}api/v2/users/{quote(user_id, safe='')}"

    async def _token(self) -> str:
        answer = await self._tenant.post(
            f"{self._tenant.issuer}oauth/token",
            {
                "grant_type": "client_credentials",
                "client_id": self._client_id,
                "client_secret": self._client_secret,
                "audience": f"{self._tenant.issuer}api/v2/",
            },
        )
        return str(answer["access_token"])
