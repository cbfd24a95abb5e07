"""What the recorded histories show, by name: each plays one complaint on a world and returns it when it has settled."""

from collections.abc import Awaitable, Callable
from typing import Any

from domain.commands import Actor, Role
from starter.demo.theatre import World
from tests.workflows.cases import CUSTOMER, CX, Case, begin, until

GREY = "engine.noise"


async def happy(world: World) -> Case:
    case = await begin(world)
    await case.pass_time(hours=1)
    await case.accept()
    await case.pass_time(hours=20)
    await case.claim()
    await case.reply("confirm")
    return await ended(case)


async def by_signals(world: World) -> Case:
    case = await begin(world)
    owner, note_id = await case.owner(), await case.note()
    await case.signal("accept", owner)
    await case.signal("claim", owner, note_id=note_id, root_cause="software")
    await case.signal("customer_reply", CUSTOMER, answer="confirm", round=1, ratings={"attitude": 5})
    return await ended(case)


async def silent(world: World) -> Case:
    """Nobody ever does anything; recorded while it is open."""
    case = await begin(world)
    await case.pass_time(days=6)
    return case


async def transferred(world: World) -> Case:
    case = await begin(world)
    refused = await case.send("transfer", await case.owner(), to="electronics", note_id=await case.note())
    assert refused.code == "evidence_missing"
    await case.transfer("electronics")
    await case.accept()
    await case.claim()
    await case.reply("confirm")
    return await ended(case)


async def refuted(world: World) -> Case:
    """The receiver contests; the arbiter finds the transfer unfounded, and the sender's clock never stopped."""
    case = await begin(world)
    sender = await case.owner()
    await case.pass_time(hours=1)
    await case.transfer("electronics")
    await case.contest()
    await case.pass_time(hours=5)
    await case.rule(sender.department)
    await case.claim()
    await case.reply("confirm")
    return await ended(case)


async def ping_pong(world: World) -> Case:
    case = await begin(world)
    sender = await case.owner()
    await case.transfer("electronics")
    await case.transfer(sender.department)
    await case.rule("electronics")
    await case.claim()
    await case.reply("confirm")
    return await ended(case)


async def rejected_twice(world: World) -> Case:
    case = await begin(world, GREY)
    await case.accept()
    for answer in ("reject", "reject", "confirm"):
        await case.pass_time(hours=8)
        await case.claim()
        await case.pass_time(hours=2)
        await case.reply(answer)
    return await ended(case)


async def unreachable(world: World) -> Case:
    case = await begin(world)
    await case.accept()
    await case.claim()
    await case.pass_time(days=2, hours=12)
    for _ in range(3):
        await case.send("record_verification_call", CX, outcome="unreached")
        await case.pass_time(hours=20)
    await case.send("close_unreachable", CX, note_id=await case.note("Three calls on three days reached nobody."))
    return await ended(case)


async def escalated(world: World) -> Case:
    case = await begin(world, risk_level=4)
    await case.accept()
    await case.send("escalate", await case.owner(), note_id=await case.note("It cannot be coordinated."))
    await case.send("request_support", await case.owner(), department="electronics")
    await case.pass_time(days=10, hours=1)
    leader = Actor(role=Role.LEADERSHIP, id="leader-1")
    await case.send("acknowledge", leader, level="leadership")
    await case.send("withdraw", CUSTOMER)
    return await ended(case)


async def triaged(world: World) -> Case:
    case = await begin(world, "no.such.tag")
    await case.pass_time(hours=3)
    await case.send("reclassify", CX, tags=["engine.stall"], risk_level=3, note_id=await case.note())
    await case.pass_time(minutes=30)
    await case.send("withdraw", CUSTOMER)
    return await ended(case)


async def malformed(world: World) -> Case:
    case = await begin(world)
    poison: tuple[Any, ...] = (None, 7, "accept", [], {"command_id": "x"}, {"actor": {"role": "emperor"}})
    for said in poison:
        await case.handle.signal("accept", said)
        await case.ask("claim", said)
    await case.handle.signal("explode", {})
    await case.send("withdraw", CUSTOMER)
    return await ended(case)


async def crm_refuses(world: World) -> Case:
    """The CRM does not know the ticket for an hour; recorded with its pauses."""
    case = await begin(world, in_crm=False)
    await case.pass_time(hours=1)
    await case.accept()
    await case.tell_crm()
    await case.pass_time(minutes=11)
    await case.send("withdraw", CUSTOMER)
    return await ended(case)


async def crm_away(world: World) -> Case:
    case = await begin(world)
    await case.settled()
    (await world.crm.post("/faults", json={"mode": "429", "until_cleared": True, "seconds": 3600})).raise_for_status()
    await case.pass_time(days=1)
    (await world.crm.post("/faults", json={"mode": "none"})).raise_for_status()
    await case.pass_time(hours=2)
    await case.send("withdraw", CUSTOMER)
    return await ended(case)


async def continued(world: World) -> Case:
    """Three runs or more, of which the first two are long and quiet."""
    case = await begin(world, continue_after=20)
    await case.accept()
    await case.pass_time(days=4)
    await until(case.run_count, lambda runs: runs >= 3)
    await case.claim()
    await case.reply("confirm")
    await until(case.is_closed, True)
    return case


async def merged(world: World) -> Case:
    case, other = await begin(world), await begin(world)
    await case.send("merge_into", CX, ticket_no=other.ticket_no)
    return await ended(case)


async def ended(case: Case) -> Case:
    await case.handle.result()
    return case


SCENARIOS: dict[str, Callable[[World], Awaitable[Case]]] = {
    scenario.__name__.replace("_", "-"): scenario
    for scenario in (
        *(happy, by_signals, silent, transferred, refuted, ping_pong, rejected_twice, unreachable, escalated),
        *(triaged, malformed, crm_refuses, crm_away, continued, merged),
    )
}
