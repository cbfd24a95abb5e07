"""The reference CRM's duty: every ticket created is told to Vocloop until Vocloop has taken it."""

import asyncio
import json

import httpx2

from domain.webhooks import signature
from settings import utc_now
from starter.crm_sim.book import CrmBook, OwedTrigger

CONNECTION = "crm-sim"
TYPE = "com.vocloop.crm.ticket.created.v1"
AT_ONCE = 16
FIRST_WAIT, LONGEST_WAIT = 0.2, 5.0  # seconds between rounds while Vocloop is away
_PLAIN = {"Content-Type": "application/json"}
TIMEOUT = httpx2.Timeout(20.0, connect=3.0)


class Triggers:
    """Posts each owed ticket to `{base_url}/api/v1/tickets`. What is owed stands in the book and survives a restart.

    With a `secret` it sends signed events instead, as the connection "crm-sim".
    """

    def __init__(self, book: CrmBook, *, base_url: str, token: str, secret: str = "") -> None:
        self._book, self._secret = book, secret
        door = f"crm/{CONNECTION}/events" if secret else "tickets"
        self._url = f"{base_url.rstrip('/')}/api/v1/{door}"
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """A ticket was created; do not wait for the next round."""
        self._rung.set()

    async def run(self) -> None:
        """Until cancelled."""
        wait = FIRST_WAIT
        async with httpx2.AsyncClient(timeout=TIMEOUT, headers=self._headers) as client:
            while True:
                self._rung.clear()
                owed = self._book.owed_triggers(limit=AT_ONCE)
                if not owed:
                    await self._rung.wait()
                    continue
                went_through = await asyncio.gather(*(self._send(client, trigger) for trigger in owed))
                wait = FIRST_WAIT if any(went_through) else min(wait * 2, LONGEST_WAIT)
                if not all(went_through):
                    await asyncio.sleep(wait)

    async def _send(self, client: httpx2.AsyncClient, trigger: OwedTrigger) -> bool:
        try:
            headers, body = self._signed(trigger) if self._secret else (_PLAIN, trigger.body.encode())
            response = await client.post(self._url, content=body, headers=headers)
        except httpx2.TransportError as error:
            self._book.record_trigger(trigger.ticket_no, state="pending", answer=type(error).__name__)
            return False
        state = _state_after(response)
        self._book.record_trigger(trigger.ticket_no, state=state, answer=f"HTTP {response.status_code}")
        return state != "pending"

    def _signed(self, trigger: OwedTrigger) -> tuple[dict[str, str], bytes]:
        """A CloudEvent, signed by Standard Webhooks anew each time: an old timestamp would not be taken."""
        event = {"specversion": "1.0", "id": trigger.ticket_no, "source": "urn:vocloop:crm-sim", "type": TYPE}
        body = json.dumps({**event, "data": json.loads(trigger.body)}, ensure_ascii=False).encode()
        at, message_id = utc_now(), f"msg_{trigger.ticket_no}"
        headers = {
            "Content-Type": "application/cloudevents+json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signature(self._secret, message_id=message_id, at=at, body=body),
        }
        return headers, body


def _state_after(response: httpx2.Response) -> str:
    """A ticket Vocloop calls wrong will not become right by repeating it; anything else is tried again."""
    if response.is_success:
        return "accepted"
    return "refused" if response.status_code in (400, 409, 413, 422) else "pending"
