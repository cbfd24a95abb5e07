"""The reference CRM's duty: every ticket created is told to Vocloop until Vocloop has taken it."""

import asyncio

import httpx2

from starter.crm_sim.book import CrmBook, OwedTrigger

AT_ONCE = 16
FIRST_WAIT, LONGEST_WAIT = 0.2, 5.0  # seconds between rounds while Vocloop is away
TIMEOUT = httpx2.Timeout(20.0, connect=3.0)


class Triggers:
    """Posts each owed ticket to `{base_url}/api/v1/tickets`. What is owed stands in the book and survives a restart."""

    def __init__(self, book: CrmBook, *, base_url: str, token: str) -> None:
        self._book = book
        self._url = f"{base_url.rstrip('/')}/api/v1/tickets"
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
            response = await client.post(self._url, content=trigger.body, headers={"Content-Type": "application/json"})
        except httpx2.TransportError as error:
            self._book.record_trigger(trigger.ticket_no, state="pending", answer=type(error).__name__)
            return False
        state = _state_after(response)
        self._book.record_trigger(trigger.ticket_no, state=state, answer=f"HTTP {response.status_code}")
        return state != "pending"


def _state_after(response: httpx2.Response) -> str:
    """A ticket Vocloop calls wrong will not become right by repeating it; anything else is tried again."""
    if response.is_success:
        return "accepted"
    return "refused" if response.status_code in (400, 409, 413, 422) else "pending"
