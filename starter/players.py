"""The demo's people: each plays one complaint through in its own virtual time, by the same door that real ones use."""

import random
from collections.abc import Awaitable, Callable
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

    async def be_dispatched(self) -> None:
        """A ticket without a known tag waits in triage until CX has classified it."""
        if (await self.look())["stage"] == Stage.TRIAGE:
            await self.pause(5 * MINUTE, 3 * HOUR)
            await self.ask(
                "reclassify", CX, tags=["engine.stall"], note_id=await self.note("Asked the customer again.")
            )


async def swift(p: Player) -> None:
    await p.pause(5 * MINUTE, 3 * HOUR)
    await p.accept()
    await _solve(p)


async def silent(p: Player) -> None:
    await p.pause(5 * HOUR, 20 * HOUR)
    await p.accept()
    await _solve(p)


async def pushes_without_proof(p: Player) -> None:
    await p.pause(10 * MINUTE, 3 * HOUR)
    await p.hand_over(with_proof=False)
    await p.accept()
    await _solve(p)


async def hands_over(p: Player) -> None:
    await p.pause(10 * MINUTE, 3 * HOUR)
    await p.hand_over()
    await p.pause(10 * MINUTE, 3 * HOUR)
    await p.accept()
    await _solve(p)


async def disputed(p: Player) -> None:
    """The receiver contests, and the arbiter finds the transfer unfounded."""
    sender = await p.owner()
    await p.pause(10 * MINUTE, 3 * HOUR)
    await p.hand_over()
    await p.pause(30 * MINUTE, 3 * HOUR)
    await p.contest()
    await p.pause(2 * HOUR, 20 * HOUR)
    await p.rule(sender.department)
    await _solve(p)


async def ping_pong(p: Player) -> None:
    """Sent back to where it came from: the arbiter decides instead, for the one who would not have it."""
    sender = await p.owner()
    await p.pause(10 * MINUTE, 2 * HOUR)
    await p.hand_over()
    receiver = await p.owner()
    await p.pause(10 * MINUTE, 2 * HOUR)
    await p.hand_over(to=sender.department)
    await p.pause(2 * HOUR, 20 * HOUR)
    await p.rule(receiver.department)
    await _solve(p)


async def claims_too_early(p: Player) -> None:
    await p.pause(10 * MINUTE, 3 * HOUR)
    await p.accept()
    await p.pause(1 * HOUR, 6 * HOUR)
    await p.claim()
    await p.pause(2 * HOUR, 3 * DAY)
    await p.customer_says("reject")
    await _solve(p)


async def never_answers(p: Player) -> None:
    """Reminded twice, called until the procedure is complete, closed as unreachable by CX."""
    await p.pause(10 * MINUTE, 3 * HOUR)
    await p.accept()
    await p.pause(6 * HOUR, 2 * DAY)
    await p.claim()
    await p.pause(timedelta(days=2, hours=12), timedelta(days=2, hours=20))
    for _ in range(3):
        await p.call(CallOutcome.UNREACHED)
        await p.pause(20 * HOUR, 23 * HOUR)
    await p.ask("close_unreachable", CX, note_id=await p.note("Three calls on three days reached nobody."))


async def called(p: Player) -> None:
    """Never opens the link; says yes on the phone."""
    await p.pause(10 * MINUTE, 3 * HOUR)
    await p.accept()
    await p.pause(6 * HOUR, 2 * DAY)
    await p.claim()
    await p.pause(timedelta(days=2, hours=2), timedelta(days=2, hours=20))
    await p.call(CallOutcome.CONFIRMED)


async def forgotten(p: Player) -> None:
    """Everybody is silent until leadership asks."""
    await p.pause(10 * DAY, 11 * DAY)
    await p.ask("acknowledge", Actor(role=Role.LEADERSHIP, id="demo-ceo"), level="leadership")
    await p.accept()
    await _solve(p)


async def cannot_be_coordinated(p: Player) -> None:
    await p.pause(10 * MINUTE, 3 * HOUR)
    await p.accept()
    owner = await p.owner()
    await p.ask("request_support", owner, department=await p.somebody_else())
    await p.pause(1 * DAY, 2 * DAY)
    await p.ask("escalate", owner, note_id=await p.note("Two suppliers each point at the other."))
    await p.pause(2 * HOUR, 8 * HOUR)
    await p.ask("post_progress", owner, note_id=await p.note("Both suppliers are on site tomorrow."))
    await _solve(p)


async def withdraws(p: Player) -> None:
    await p.pause(10 * MINUTE, 1 * DAY)
    await p.ask("withdraw", CUSTOMER)


async def left_open(p: Player) -> None:
    """Accepted and then left lying: still open, and red, when the curtain falls."""
    await p.pause(10 * MINUTE, 3 * HOUR)
    await p.accept()
    await p.pause(6 * DAY, 9 * DAY)


async def _solve(p: Player) -> None:
    """Work, claim, and the customer is content."""
    await p.pause(6 * HOUR, 50 * HOUR)
    await p.claim()
    await p.pause(1 * HOUR, 2 * DAY)
    await p.customer_says("confirm")


Script = Callable[[Player], Awaitable[None]]

SCRIPTS: tuple[Script, ...] = (
    pushes_without_proof,
    hands_over,
    disputed,
    silent,
    claims_too_early,
    never_answers,
    swift,
    ping_pong,
    forgotten,
    called,
    cannot_be_coordinated,
    withdraws,
    left_open,
)

# These need an owner who may move it: the lead of a grey issue may not.
MOVING: frozenset[Script] = frozenset({pushes_without_proof, hands_over, disputed, ping_pong})
