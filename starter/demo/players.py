"""The demo's people: each plays one complaint through in its own virtual time, by the same door that real ones use."""

import random
from datetime import datetime, timedelta
from typing import Any, Protocol

from domain.commands import Actor, CallOutcome, Role, RootCause
from domain.complaint import Stage
from domain.receipts import Receipt

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CX = Actor(role=Role.CX, department="cx", id="demo-cx")
CUSTOMER = Actor(role=Role.CUSTOMER, id="demo-customer")


class Theatre(Protocol):
    """What a player needs of the world: its complaint's clock, the door, and somewhere to keep proof."""

    async def now(self, ticket_no: str) -> datetime: ...
    async def pass_time(self, ticket_no: str, length: timedelta) -> None: ...
    async def look(self, ticket_no: str) -> dict[str, Any]: ...
    async def ask(self, ticket_no: str, name: str, body: dict[str, Any], *, command_id: str) -> Receipt: ...
    async def note(self, ticket_no: str, text: str) -> str: ...
    async def proof(self, ticket_no: str) -> dict[str, str]: ...
    async def talk_nonsense(self, ticket_no: str) -> int: ...
    async def let_crm_answer(self, *, is_up: bool) -> None: ...


class PlaySpoiltError(AssertionError):
    """The product did not do what it promises in front of an actor; the message says what."""


class Player:
    """One complaint's cast. Waits and choices come from a seed, so a run can be had again."""

    def __init__(self, theatre: Theatre, ticket_no: str, departments: tuple[str, ...], *, seed: str) -> None:
        self.ticket_no = ticket_no
        self.dice = random.Random(seed)
        self._theatre = theatre
        self._departments = departments
        self._asked = 0

    async def pause(self, least: timedelta, most: timedelta) -> None:
        """Let a while go by, as long as the dice say."""
        await self._theatre.pass_time(self.ticket_no, least + (most - least) * self.dice.random())

    async def look(self) -> dict[str, Any]:
        return await self._theatre.look(self.ticket_no)

    async def owner(self) -> Actor:
        hops = (await self.look())["hops"]
        return self.of(hops[-1]["department"])

    def of(self, department: str) -> Actor:
        return Actor(role=Role.RESPONDER, department=department, id=f"demo-{department}")

    async def somebody_else(self) -> str:
        """A department that has not had it."""
        held = {hop["department"] for hop in (await self.look())["hops"]}
        return self.dice.choice([name for name in self._departments if name not in held])

    async def ask(self, name: str, by: Actor, **body: Any) -> Receipt:
        self._asked += 1
        asked = {"actor": by.model_dump(mode="json"), **body}
        return await self._theatre.ask(self.ticket_no, name, asked, command_id=f"demo-{self._asked}")

    async def note(self, text: str) -> str:
        return await self._theatre.note(self.ticket_no, text)

    async def accept(self) -> None:
        await self.ask("accept", await self.owner())

    async def hand_over(self, *, with_proof: bool = True, to: str = "") -> Receipt:
        proof = (await self._theatre.proof(self.ticket_no),) if with_proof else ()
        return await self.ask(
            "transfer",
            await self.owner(),
            to=to or await self.somebody_else(),
            note_id=await self.note("The trace shows that the fault begins elsewhere."),
            evidence=proof,
        )

    async def contest(self) -> Receipt:
        return await self.ask(
            "contest",
            await self.owner(),
            note_id=await self.note("The trace was taken before the last update; it proves nothing."),
            evidence=(await self._theatre.proof(self.ticket_no),),
        )

    async def rule(self, owner: str) -> Receipt:
        arbiter = (await self.look())["dispute"]["arbiter"]
        role = Role.CX if arbiter == CX.department else Role.ARBITER
        by = Actor(role=role, department=arbiter, id="demo-arbiter")
        return await self.ask("arbitrate", by, owner=owner, note_id=await self.note("Both traces were compared."))

    async def claim(self) -> None:
        await self.ask(
            "claim",
            await self.owner(),
            note_id=await self.note("Part replaced, road test passed."),
            root_cause=self.dice.choice(list(RootCause)),
        )

    async def customer_says(self, answer: str) -> None:
        ratings = {"attitude": self.dice.randint(1, 5), "recommend": self.dice.randint(0, 10)}
        claims = (await self.look())["claims"]
        await self.ask("customer_reply", CUSTOMER, answer=answer, round=len(claims), ratings=ratings)

    async def call(self, outcome: CallOutcome) -> None:
        await self.ask("record_verification_call", CX, outcome=outcome)

    async def talk_nonsense(self) -> None:
        """Send what no command is, and the same command twice: each recorded or answered, and nothing else happens."""
        before = (await self.look())["seq"]
        sent = await self._theatre.talk_nonsense(self.ticket_no)
        recorded = (await self.look())["seq"] - before
        if recorded != sent:
            raise PlaySpoiltError(f"{self.ticket_no}: of {sent} unreadable messages {recorded} were recorded")
        first = await self.ask("escalate", await self.owner())
        self._asked -= 1
        again = await self.ask("escalate", await self.owner())
        if not again.is_duplicate or again.seq != first.seq:
            raise PlaySpoiltError(f"{self.ticket_no}: the same command counted twice")

    async def crm_is(self, *, is_up: bool) -> None:
        await self._theatre.let_crm_answer(is_up=is_up)

    async def be_dispatched(self) -> None:
        """A ticket without a known tag waits in triage until CX has classified it."""
        if (await self.look())["stage"] == Stage.TRIAGE:
            await self.pause(5 * MINUTE, 3 * HOUR)
            await self.ask(
                "reclassify", CX, tags=["engine.stall"], note_id=await self.note("Asked the customer again.")
            )
