"""Row 23: the overdue evidence is erased on close. https://github.com/osTicket/osTicket/issues/4144"""

from domain import clocks
from domain import commands as cmd
from domain.custody import department_total
from domain.lights import Light
from tests.builders import CUSTOMER, DAY, HOUR, NOTE, T0, Played
from tests.domain.scenes import ENGINE


def test_a_closed_complaint_keeps_every_breach_and_every_second() -> None:
    played = Played("engine.stall")
    played.send(cmd.Claim, at=T0 + 4 * DAY, by=ENGINE, note_id=NOTE, root_cause="design")
    played.send(cmd.CustomerReply, at=T0 + 4 * DAY + HOUR, by=CUSTOMER, answer="confirm", round=1)
    kept = {breach.clock: breach.due_at - T0 for breach in played.complaint.breaches}
    assert kept["response:1"] == 4 * HOUR
    assert kept["resolution:ordinary"] == 3 * DAY
    assert played.complaint.hops[0].deemed_at == T0 + 4 * HOUR
    assert department_total(played.complaint, "engine", at=T0 + 900 * DAY) == 4 * DAY
    assert clocks.light(played.complaint, at=T0 + 900 * DAY) is Light.GREEN, (
        "the light is of now, the record is for good"
    )
