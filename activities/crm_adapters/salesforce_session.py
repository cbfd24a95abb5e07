"""A session with Salesforce by OAuth's client-credentials flow: a token is asked for when there is none any more."""

import asyncio
from typing import Any

from activities.crm_adapters.asking import passed, read, sent
from activities.crm_adapters.page import CrmAway, CrmConnection

_EXPIRED = 401


class SalesforceSession:
    """Raises KeyError for an option that is missing."""

    def __init__(self, connection: CrmConnection) -> None:
        self._connection = connection
        self._url = connection.url.rstrip("/")
        self._grant = {
            "grant_type": "client_credentials",
            "client_id": connection.options["client_id"],
            "client_secret": connection.options["client_secret"],
        }
        self._token = ""
        self._turn = asyncio.Lock()

    async def asked(self, method: str, path: str, *, part: str, **request: Any) -> dict[str, Any]:
        """The answer's JSON, an object that has the list `part`. Raises CrmAway or CrmRefuses."""
        token = self._token or await self._renewed("")
        response = await self._sent(method, path, token, **request)
        if response.status_code == _EXPIRED:
            response = await self._sent(method, path, await self._renewed(token), **request)
        said = read(passed(response))
        if not isinstance(said, dict) or not isinstance(said.get(part), list):
            raise CrmAway(f"an answer without {part}")
        return said

    async def _sent(self, method: str, path: str, token: str, **request: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        return await sent(self._connection, method, f"{self._url}{path}", headers=headers, **request)

    async def _renewed(self, old: str) -> str:
        """One asks, the others wait for it."""
        async with self._turn:
            if self._token == old:
                answer = await sent(self._connection, "POST", f"{self._url}/services/oauth2/token", data=self._grant)
                if not answer.is_success:  # a secret that is wrong today may be mended: nothing is refused for good
                    raise CrmAway(f"HTTP {answer.status_code} of the sign-in")
                self._token = _token_in(read(answer))
            return self._token


def _token_in(said: Any) -> str:
    token = said.get("access_token") if isinstance(said, dict) else None
    if not isinstance(token, str):
        raise CrmAway("a sign-in without a token")
    return token
