"""A webhook of one's own for notices: JSON, signed as Standard Webhooks say, for what has no channel here."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime

import httpx2
from pydantic import BaseModel, ConfigDict, Field

from activities.answering import NoAnswer, status
from activities.channels.page import TIMEOUT, Channel, ChannelAway, ChannelRefused, Said
from domain.webhooks import signature


class Hook(BaseModel):
    """`secret` is `whsec_` and base64, as the receiver's library reads it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: str = Field(pattern=r"^https?://\S+$", repr=False)
    secret: str = Field(pattern=r"^whsec_[A-Za-z0-9+/]+=*$", repr=False)


class Hooks(Channel):
    """An address is a hook's name. The operator names the hooks; nobody else's address is ever asked."""

    def __init__(self, hooks: dict[str, Hook], *, client: httpx2.AsyncClient, clock: Callable[[], datetime]) -> None:
        self._hooks, self._client, self._clock = hooks, client, clock

    async def send(self, address: str, said: Said) -> None:
        hook = self._hooks.get(address)
        if hook is None:
            raise ChannelRefused("no webhook of that name is set up")
        body = json.dumps({"key": said.key, "subject": said.subject, "text": said.text, **said.facts}).encode()
        message_id = f"msg_{hashlib.sha256(f'{address}:{said.key}'.encode()).hexdigest()[:32]}"
        at = self._clock()
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signature(hook.secret, message_id=message_id, at=at, body=body),
        }
        try:
            response = await status(self._client, "POST", hook.url, content=body, headers=headers, timeout=TIMEOUT)
        except NoAnswer as error:
            raise ChannelAway(str(error)) from None
        if response.status_code == httpx2.codes.TOO_MANY_REQUESTS or response.status_code >= 500:
            raise ChannelAway(f"HTTP {response.status_code}")
        if not response.is_success:
            raise ChannelRefused(f"HTTP {response.status_code}")
