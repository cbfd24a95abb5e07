"""The shell on a real server: two channels, one decision path, and the same story everywhere."""

from typing import Any

import pytest
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy

from domain.fold import replay
from domain.receipts import Receipt
from ledger import policies
from ledger.events import events_of
from settings import utc_now
from starter.demo.theatre import World
from tests.workflows.cases import CUSTOMER, ORDINARY, Case, a_ticket, a_worker, begin, until
from workflows import names
from workflows.carrying import ComplaintStart
from workflows.complaint import ComplaintWorkflow

HAPPY = ["opened", "dispatched", "accepted", "claimed", "claim_confirmed", "closed"]
NAME, PHONE, VIN, PLATE, WORDS = "欧阳春晓", "13912345678", "LSVAB4189E2184847", "沪A88Q16", "高速上突然失速"


async def test_a_complaint_closes_on_the_customers_word_and_the_crm_hears_all_of_it(world: World) -> None:
    case = await begin(world)
    await case.pass_time(hours=1)
    await case.accept()
    await case.pass_time(hours=20)
    await case.claim()
    receipt = await case.reply("confirm")
    assert (receipt.accepted, receipt.stage, receipt.seq) == (True, "closed", 6)
    finish = await case.handle.result()
    assert finish == {"ticket_no": case.ticket_no, "closing": "confirmed", "seq": 6}
    assert await case.kinds() == HAPPY
    assert [write["stage"] for write in await case.writes()] == ["dispatched", "in_work", "verification", "closed"]
    told = (await world.crm.get(f"/tickets/{case.ticket_no}/notes")).json()
    assert [(note["seq"], note["kind"], note["text"]) for note in told] == [(4, "claimed", "Replaced.")]


async def test_the_crm_is_told_news_that_change_no_state_and_history_holds_no_word_of_them(world: World) -> None:
    case = await begin(world)
    await case.accept()
    owner = await case.owner()
    for words in ("配件周五到店", f"客户电话 {PHONE}"):
        await case.send("post_progress", owner, note_id=await case.note(words))
    await case.settled()
    told = (await world.crm.get(f"/tickets/{case.ticket_no}/notes")).json()
    assert [(note["by"], note["text"]) for note in told] == [
        (owner.department, "配件周五到店"),
        (owner.department, "客户电话 139****5678"),
    ]
    assert "配件" not in str((await case.handle.fetch_history()).to_json_dict())


async def test_signals_alone_close_a_complaint_as_well(world: World) -> None:
    case = await begin(world)
    owner, note_id = await case.owner(), await case.note()
    await case.signal("accept", owner)
    await case.signal("claim", owner, note_id=note_id, root_cause="software")
    await case.signal("customer_reply", CUSTOMER, answer="confirm", round=1)
    assert (await case.handle.result())["closing"] == "confirmed"
    assert await case.kinds() == HAPPY


@pytest.mark.parametrize("first", ["update", "signal"])
async def test_one_command_sent_by_both_channels_counts_once(world: World, first: str) -> None:
    case = await begin(world)
    envelope = await case.envelope(await case.owner())
    if first == "update":
        await case.ask("accept", envelope)
    await case.handle.signal("accept", envelope)
    receipt = await case.ask("accept", envelope)
    assert (receipt.accepted, receipt.seq, receipt.is_duplicate) == (True, 3, True)
    await case.settled()
    assert await case.kinds() == HAPPY[:3]


async def test_an_update_that_arrives_before_the_first_task_is_answered(world: World) -> None:
    ticket, policy = a_ticket(), world.files.policy_at(utc_now())
    await policies.keep(world.engine, policy)
    start = ComplaintStart(
        ticket=ticket.facts(received_at=utc_now(), matrix=policy.matrix), policy=policy, together=True
    )
    starting: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        ComplaintWorkflow.run,
        start,
        id=names.workflow_id(ticket.ticket_no),
        task_queue=names.TASK_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
    )
    case = Case(world, ticket.ticket_no)
    said = {"command_id": "c1", "actor": {"role": "customer"}}
    receipt: Receipt = await world.env.client.execute_update_with_start_workflow(
        "withdraw", said, start_workflow_operation=starting, result_type=Receipt
    )
    assert (receipt.accepted, receipt.stage) == (True, "closed")
    await until(case.kinds, lambda kinds: kinds[:3] == ["opened", "dispatched", "closed"])


async def test_updates_that_wait_for_a_worker_are_answered_when_it_comes(world: World) -> None:
    case = await begin(world, queue="late-worker")
    for command_id in ("early-1", "early-2"):
        await case.handle.signal("withdraw", {"command_id": command_id, "actor": {"role": "customer"}})
    async with a_worker(world, "late-worker"):
        assert (await case.handle.result())["closing"] == "withdrawn"
    events = await events_of(world.engine, case.ticket_no)  # a complaint that is over has told the ledger everything
    assert [(event.kind, event.cause) for event in events[2:]] == [
        ("closed", "early-1"),
        ("command_refused", "early-2"),
    ]


async def test_ops_see_ten_search_attributes_and_a_story_in_the_ui(world: World) -> None:
    case = await begin(world, ORDINARY, tier="vip", risk_level=2)
    await case.accept()
    await case.settled()
    shown = await until(case.shown, lambda found: found.get("ComplaintStage") == "in_work")
    due_at = shown.pop("ComplaintDueAt")
    assert due_at > await case.now()
    assert shown == {
        "ComplaintStage": "in_work",
        "ComplaintOwner": "powertrain",
        "ComplaintLight": "green",
        "ComplaintTier": "vip",
        "ComplaintBlockedOn": "powertrain",
        "ComplaintPolicy": world.files.policy_at(utc_now()).version,
        "ComplaintRisk": 2,
        "ComplaintHops": 1,
        "ComplaintRejections": 0,
    }
    told = await case.handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    assert "powertrain" in told.current_details
    assert await (await case.handle.describe()).static_summary() == case.ticket_no


async def test_a_closed_complaint_shows_no_deadline(world: World) -> None:
    case = await begin(world)
    await case.send("withdraw", CUSTOMER)
    await case.handle.result()
    shown = await until(case.shown, lambda found: found.get("ComplaintStage") == "closed")
    assert "ComplaintDueAt" not in shown
    assert shown["ComplaintBlockedOn"] == ""


async def test_attributes_are_upserted_once_for_each_change_and_timers_name_their_rule(world: World) -> None:
    case = await begin(world)
    for _ in range(5):
        await case.handle.signal("accept", {"command_id": "refused", "actor": {"role": "customer"}})
    await case.accept()
    await case.settled()
    history = await case.history()
    assert history.count("UPSERT_WORKFLOW_SEARCH_ATTRIBUTES") == 2
    assert await case.timer_summaries() == ["warn:response:1", "warn:resolution:ordinary"]


async def test_the_snapshot_is_the_ledgers_fold_without_the_policy_and_the_backlog_is_empty(world: World) -> None:
    case = await begin(world)
    await case.accept()
    await case.settled()
    folded = replay(await case.events(), world.files.policy_at(utc_now()))
    assert await case.look() == folded.model_dump(mode="json", exclude={"policy"})
    assert await case.handle.query(ComplaintWorkflow.backlog) == {"ledger": 0, "crm": 0, "notices": 0, "survey": 0}


async def test_no_payload_of_a_history_holds_personal_data(world: World) -> None:
    person: dict[str, Any] = {
        "customer": {"name": NAME, "phone": PHONE},
        "vehicle": {"vin": VIN, "plate": PLATE},
        "words": WORDS,
    }
    case = await begin(world, **person)
    await case.accept()
    await case.note(WORDS)
    await case.claim()
    await case.reply("confirm")
    await case.handle.result()
    history = await case.handle.fetch_history()
    recorded = b"".join(event.SerializeToString() for event in history.events)
    assert case.ticket_no.encode() in recorded
    assert [said for said in (NAME, PHONE, VIN, PLATE, WORDS) if said.encode() in recorded] == []
