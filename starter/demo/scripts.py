"""What the demo's people do: one script a behaviour, each from the dispatch to whatever end it takes."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from domain.commands import Actor, CallOutcome, Role
from starter.demo.players import CUSTOMER, CX, DAY, HOUR, MINUTE, Player


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


async def is_talked_nonsense_to(p: Player) -> None:
    await p.pause(10 * MINUTE, 3 * HOUR)
    await p.accept()
    await p.talk_nonsense()
    await _solve(p)


async def outlives_the_crm(p: Player) -> None:
    """The CRM is down for four days; nothing waits for it, and it hears everything afterwards."""
    await p.crm_is(is_up=False)
    await p.pause(4 * DAY, 4 * DAY)
    await p.accept()
    await p.crm_is(is_up=True)
    await _solve(p)


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
    is_talked_nonsense_to,
    left_open,
)

# Played when the others have gone home, for it takes the CRM away from all.
FINALE: Script = outlives_the_crm

# These need an owner who may move it: the lead of a grey issue may not.
MOVING: frozenset[Script] = frozenset({pushes_without_proof, hands_over, disputed, ping_pong})
