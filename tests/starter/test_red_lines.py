"""From a ticket's words at the door to a red line that calls, and to the complaint's risk; with codes alone."""

from domain.red_line import Source
from ledger import red_lines
from policy.red_line_calling import load_calling
from settings import utc_now
from starter.commands import Admission
from starter.demo.theatre import World
from starter.red_lines import begin_owed
from tests.ledger.building import a_whole_ticket
from tests.workflows.cases import until
from workflows.names import TASK_QUEUE

FIRE = "行驶中突然起火，没有人受伤"


async def test_a_fire_in_the_words_calls_and_grades_the_complaint_without_a_word_of_it_in_temporal(
    world: World,
) -> None:
    ticket = a_whole_ticket(
        "RLW-1", created_at=utc_now(), tags=["engine.hard_start"], words="行驶中突然起火，没有人受伤"
    )
    assert await world.complaints.open(ticket, received_at=utc_now()) is Admission.NEW
    row = await red_lines.get(world.engine, "RLW-1")
    assert row
    assert (row.source, row.matters) == (Source.WORDS, ("fire",))
    await begin_owed(world.env.client, world.engine, load_calling(), task_queue=TASK_QUEUE)
    await until(lambda: red_lines.happened(world.engine, "RLW-1"), bool)
    standing = await until(lambda: world.look("RLW-1"), lambda found: found["risk_level"] == 5)
    assert standing["case"]["red_line_words"] == ["fire"]
    for handle in (world.handle("RLW-1"), world.env.client.get_workflow_handle("red-line-RLW-1")):
        kept = [event.SerializeToString() async for event in handle.fetch_history_events()]
        assert kept
        assert not any("起火".encode() in event for event in kept)


async def test_words_that_deny_a_fire_owe_nothing(world: World) -> None:
    ticket = a_whole_ticket("RLW-2", created_at=utc_now(), tags=["engine.hard_start"], words="没有起火，就是打不着火")
    await world.complaints.open(ticket, received_at=utc_now())
    assert await red_lines.get(world.engine, "RLW-2") is None
