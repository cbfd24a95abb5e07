"""The people of a run: seeded, patient, and each keeps a book of what they were answered.

Every request goes under a key of its own and is sent again until it is answered for good, whatever breaks meanwhile.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import httpx2

from settings import utc_now

DAY = timedelta(days=1)
# Nothing in the policy is shorter than an hour, so tickets come old enough that these ages fall due while we play:
# the yellow light and the breach of three days, and the escalation of five.
AGES = (2 * DAY, 3 * DAY, 5 * DAY)
TAGS = {"engine.hard_start": "powertrain", "transmission.jerking": "transmission", "engine.overheating": "powertrain"}
MOVED_TO = "chassis"
_RETRY_S = (0.2, 3.0)
_CUSTOMER = {"role": "customer", "id": "customer-1"}
_ARBITER = {"role": "arbiter", "department": "quality", "id": "arbiter-1"}


class Answered(NamedTuple):
    """What somebody holds in hand: their request `key` was decided by event `seq`. `owner` is who had it then."""

    ticket_no: str
    key: str
    kind: str
    seq: int
    owner: str
    is_accepted: bool


class Book:
    """All that was sent and answered. `repeated` are answers to a request that had been answered before."""

    def __init__(self) -> None:
        self.created: list[str] = []
        self.answered: list[Answered] = []
        self.repeated: list[Answered] = []
        self.tries = 0


class UnexpectedAnswerError(AssertionError):
    """Neither a receipt nor a reason to ask again: the harness, or the product, does what it should not."""


class Doors:
    """The API and the CRM as the actors know them; nothing that breaks on the way reaches them."""

    def __init__(self, http: httpx2.AsyncClient, *, api: str, crm: str, book: Book) -> None:
        self._http, self._api, self._crm, self.book = http, f"{api}/api/v1", crm, book

    async def create(self, ticket: dict[str, Any]) -> None:
        await self._until(lambda: self._http.post(f"{self._crm}/tickets", json=ticket), wanted=(200, 201))
        self.book.created.append(ticket["ticket_no"])

    async def look(self, ticket_no: str) -> dict[str, Any]:
        """How the complaint stands, once it has begun."""
        while True:
            response = await self._until(
                lambda: self._http.get(f"{self._api}/complaints/{ticket_no}"), wanted=(200, 404)
            )
            found: dict[str, Any] = response.json().get("complaint") or {}
            if found:
                return found
            await asyncio.sleep(0.5)

    async def proof(self, ticket_no: str) -> dict[str, str]:
        form = {"ticket_no": ticket_no, "kind": "log"}
        content = {"file": ("trace.txt", f"trace of {ticket_no}\n".encode())}
        sent = await self._until(
            lambda: self._http.post(f"{self._api}/evidence", data=form, files=content), wanted=(200, 201)
        )
        return {"kind": "log", "sha256": sent.json()["sha256"]}

    async def ask(self, ticket_no: str, kind: str, *, key: str, **body: Any) -> Answered:
        """The receipt, however often it has to be asked for."""
        url, headers = f"{self._api}/complaints/{ticket_no}/{kind.replace('_', '-')}", {"Idempotency-Key": key}
        while True:
            response = await self._until(
                lambda: self._http.post(url, json=body, headers=headers), wanted=(200, 202, 409)
            )
            said = response.json()
            if response.status_code != 202:
                break
            await asyncio.sleep(0.5)
        if "seq" not in said:
            raise UnexpectedAnswerError(f"{kind} of {ticket_no} got no receipt: {said}")
        return Answered(ticket_no, key, kind, said["seq"], said["owner"], response.status_code == 200)

    async def _until(
        self, send: Callable[[], Awaitable[httpx2.Response]], *, wanted: tuple[int, ...]
    ) -> httpx2.Response:
        wait, most = _RETRY_S
        while True:
            self.book.tries += 1
            try:
                response = await send()
            except httpx2.TransportError:
                response = None
            if response is not None and response.status_code in wanted:
                return response
            if response is not None and response.status_code not in (429, 500, 502, 503, 504):
                raise UnexpectedAnswerError(f"{response.request.url}: {response.status_code} {response.text[:300]}")
            await asyncio.sleep(wait)
            wait = min(wait * 2, most)


class Cast:
    """Everybody around one complaint. The play and the age go by its number, so that fifteen have every pair of them;
    how long they wait, what they repeat and in which order, comes from the seed.
    """

    def __init__(self, doors: Doors, number: int, *, seed: int, horizon_s: float, pause_s: float) -> None:
        self._doors, self.ticket_no, self._pause_s, self._horizon_s = doors, f"CHAOS-{number}", pause_s, horizon_s
        self._dice = random.Random(f"cast:{seed}:{number}")
        self._tag = self._dice.choice(list(TAGS))
        self._owner = TAGS[self._tag]
        self._asked = 0
        plays = (self._moved, self._disputed, self._swift, self._stubborn, self._asleep)
        self._play, self._age = plays[number % len(plays)], AGES[number % len(AGES)]

    async def live(self) -> None:
        """From the ticket on. What is due by age falls due within the horizon."""
        age = self._age - timedelta(seconds=self._dice.uniform(self._horizon_s / 3, self._horizon_s))
        await self._doors.create(self._ticket(created_at=utc_now() - age))
        await self._doors.look(self.ticket_no)
        await self._play()

    def _ticket(self, *, created_at: datetime) -> dict[str, Any]:
        customer = {"name": "欧阳春晓", "phone": "13812348000", "email": f"{self.ticket_no.lower()}@example.com"}
        words = "冷车难启动，等了三天没有人回复。"
        facts = {"customer": customer, "words": words, "created_at": created_at.isoformat()}
        return {"ticket_no": self.ticket_no, "tags": [self._tag], **facts}

    async def _swift(self) -> None:
        await self._out_of_order([("accept", self._of(), {}), ("post_progress", self._of(), {"note": "Part ordered."})])
        await self._claim()
        await self._says("confirm", 1)

    async def _moved(self) -> None:
        await self._ask("transfer", self._of(), to=MOVED_TO, note="The trace begins elsewhere.")  # no proof: refused
        moved = await self._ask(
            "transfer",
            self._of(),
            to=MOVED_TO,
            note="The trace begins elsewhere.",
            evidence=[await self._doors.proof(self.ticket_no)],
        )
        self._owner = moved.owner
        await self._ask("accept", self._of())

    async def _disputed(self) -> None:
        proof = [await self._doors.proof(self.ticket_no)]
        await self._ask("contest", self._of(), note="It proves nothing.", evidence=proof)
        await self._ask("arbitrate", _ARBITER, owner=self._owner, note="Both traces were compared.")

    async def _stubborn(self) -> None:
        await self._out_of_order([("accept", self._of(), {}), ("escalate", self._of(), {})])
        await self._claim()
        await self._says("reject", 1)
        await self._claim()
        await self._says("confirm", 2)

    async def _asleep(self) -> None:
        """Nobody does anything: only the clock acts."""

    async def _claim(self) -> None:
        await self._ask("claim", self._of(), note="Part replaced, road test passed.", root_cause="design")

    async def _says(self, answer: str, round_: int) -> None:
        await self._ask("customer_reply", _CUSTOMER, answer=answer, round=round_)

    async def _out_of_order(self, requests: list[tuple[str, dict[str, str], dict[str, Any]]]) -> None:
        """All at once, in an order of the dice's: whichever comes first is decided first."""
        shuffled = self._dice.sample(requests, len(requests))
        await asyncio.gather(*(self._ask(kind, by, **body) for kind, by, body in shuffled))

    async def _ask(self, kind: str, by: dict[str, str], **body: Any) -> Answered:
        """After a pause. Now and then it is sent once more later, under the key that it had."""
        self._asked += 1
        key, is_repeated = f"chaos-{self._asked}", self._dice.random() < 0.3
        await asyncio.sleep(self._dice.uniform(0, 2 * self._pause_s))
        answered = await self._doors.ask(self.ticket_no, kind, key=key, actor=by, **body)
        self._doors.book.answered.append(answered)
        if is_repeated:
            again = await self._doors.ask(self.ticket_no, kind, key=key, actor=by, **body)
            self._doors.book.repeated.append(again)
        return answered

    def _of(self) -> dict[str, str]:
        return {"role": "responder", "department": self._owner, "id": f"{self._owner}-1"}
