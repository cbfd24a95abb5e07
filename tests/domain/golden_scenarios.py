"""Eight complaints played to the end, whose every event, notice and CRM write is kept under tests/domain/golden/.

`python -m tests.domain.golden_scenarios` writes those that are missing and never touches one that is there: a golden
file changes only by a decision, by hand. Read what was written before you commit it.
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from domain import commands as cmd
from domain.fold import apply, opened
from domain.telling import crm_notes, crm_write, invitations, notices
from tests.builders import ARBITER, CUSTOMER, CX, DAY, HOUR, NOTE, OPS, T0, Played, a_policy
from tests.domain.scenes import BODY, CHASSIS, CX_ARBITER, ENGINE, PROOF, QUALITY, SERVICE, transferred

GOLDEN = Path(__file__).parent / "golden"
DONE: dict[str, Any] = {"note_id": NOTE, "root_cause": "supplier_part"}


def the_straight_way() -> Played:
    played = Played("engine.stall")
    played.send(cmd.Accept, at=T0 + HOUR, by=ENGINE)
    played.send(cmd.PostProgress, at=T0 + 5 * HOUR, by=ENGINE, note_id=NOTE)
    played.send(cmd.Claim, at=T0 + DAY, by=ENGINE, **DONE)
    ratings = {"attitude": 5, "ability": 4, "recommend": 9}
    played.send(cmd.CustomerReply, at=T0 + DAY + 2 * HOUR, by=CUSTOMER, answer="confirm", round=1, ratings=ratings)
    return played


def nobody_ever_answers() -> Played:
    played = Played("engine.stall", risk_level=2)
    played.wait(T0 + 11 * DAY)
    return played


def claimed_too_early() -> Played:
    played = Played("engine.stall")
    played.send(cmd.RequestSupport, at=T0 + HOUR, by=ENGINE, department="body", note_id=NOTE)
    played.send(cmd.Claim, at=T0 + DAY, by=ENGINE, **DONE)
    played.wait(T0 + 4 * DAY)
    played.send(cmd.CustomerReply, at=T0 + 4 * DAY + HOUR, by=CUSTOMER, answer="reject", round=1, note_id=NOTE)
    played.send(cmd.Claim, at=T0 + 5 * DAY - HOUR, by=ENGINE, **DONE)
    played.send(cmd.RecordVerificationCall, at=T0 + 5 * DAY + HOUR, by=CX, outcome="confirmed", **PROOF)
    return played


def pushed_away_and_refuted() -> Played:
    played = Played("engine.stall")
    played.send(cmd.Transfer, at=T0 + HOUR, by=ENGINE, to="chassis", note_id=NOTE)
    played.send(cmd.Transfer, at=T0 + 2 * HOUR, by=ENGINE, to="chassis", clause="brakes.noise", **PROOF)
    played.send(cmd.Contest, at=T0 + 4 * HOUR, by=CHASSIS, **PROOF)
    played.send(cmd.Arbitrate, at=T0 + 10 * HOUR, by=ARBITER, owner="engine", note_id=NOTE)
    played.send(cmd.Contest, at=T0 + 11 * HOUR, by=ENGINE, **PROOF)
    played.send(cmd.Claim, at=T0 + 2 * DAY, by=ENGINE, **DONE)
    played.send(cmd.CustomerReply, at=T0 + 2 * DAY + HOUR, by=CUSTOMER, answer="confirm", round=1)
    return played


def sent_back_to_the_sender() -> Played:
    played = transferred()
    played.send(cmd.Transfer, at=T0 + 2 * HOUR, by=CHASSIS, to="engine", **PROOF)
    played.send(cmd.Arbitrate, at=T0 + 30 * HOUR, by=ARBITER, owner="body")
    played.send(cmd.Claim, at=T0 + 2 * DAY, by=BODY, **DONE)
    played.send(cmd.Withdraw, at=T0 + 2 * DAY + HOUR, by=CUSTOMER)
    return played


def a_grey_issue_from_triage() -> Played:
    played = Played("what.is.it", channel="dealer")
    played.send(cmd.Reclassify, at=T0 + HOUR, by=CX, tags=("noise",), risk_level=4, note_id=NOTE)
    played.send(cmd.Transfer, at=T0 + 2 * HOUR, by=QUALITY, to="body", **PROOF)
    played.send(cmd.Contest, at=T0 + 3 * HOUR, by=QUALITY, **PROOF)
    played.send(cmd.Arbitrate, at=T0 + 4 * HOUR, by=CX_ARBITER, owner="quality")
    played.send(cmd.Acknowledge, at=T0 + 5 * HOUR, by=SERVICE, level="service")
    played.send(cmd.Claim, at=T0 + 6 * DAY, by=QUALITY, **DONE)
    played.send(cmd.CustomerReply, at=T0 + 8 * DAY, by=CUSTOMER, answer="confirm", round=1)
    return played


def never_reached() -> Played:
    played = Played("brakes.noise")
    played.send(cmd.Claim, at=T0 + HOUR, by=CHASSIS, **DONE)
    for day in (3, 5, 7):
        played.send(cmd.RecordVerificationCall, at=T0 + day * DAY, by=CX, outcome="unreached", note_id=NOTE)
        played.send(cmd.CloseUnreachable, at=T0 + day * DAY + HOUR, by=CX)
    return played


def escalated_under_new_rules() -> Played:
    played = Played("battery.fire", risk_level=3)
    played.send(
        cmd.Accept,
        at=T0 + 5 * HOUR,
        by=cmd.Actor(role=cmd.Role.RESPONDER, department="battery", id="b-1"),
        now=T0 + 6 * HOUR,
    )
    played.send(cmd.Escalate, at=T0 + DAY, by=CX, note_id=NOTE)
    played.send(cmd.Escalate, at=T0 + 2 * DAY, by=SERVICE)
    shorter = a_policy(version="test+2", clocks={"resolution_complex": "2 calendar_days"})
    played.send(cmd.AdoptPolicy, at=T0 + 3 * DAY, by=OPS, policy=shorter)
    played.send(cmd.MergeInto, at=T0 + 4 * DAY, by=CX, ticket_no="T-2")
    return played


SCENARIOS: dict[str, Callable[[], Played]] = {
    play.__name__: play
    for play in (
        the_straight_way,
        nobody_ever_answers,
        claimed_too_early,
        pushed_away_and_refuted,
        sent_back_to_the_sender,
        a_grey_issue_from_triage,
        never_reached,
        escalated_under_new_rules,
    )
}


def recorded(played: Played) -> list[dict[str, Any]]:
    """Each event with all that leaves because of it: notices, invitations and the CRM's new state."""
    return list(_recorded(played))


def _recorded(played: Played) -> Iterator[dict[str, Any]]:
    first, *rest = played.events
    assert first.kind == "opened"
    complaint = opened(first, played.policy)
    for event in (first, *rest):
        complaint = complaint if event is first else apply(complaint, event)
        notes = crm_notes(complaint.ticket.ticket_no, [event])
        written = crm_write(complaint, at=event.at).model_copy(update={"notes": notes}).model_dump(mode="json")
        said = event.model_dump(mode="json", exclude_none=True)
        if "policy" in said:
            said["policy"] = said["policy"]["version"]
        told = [notice.model_dump(mode="json") for notice in notices(complaint, event)]
        asks = [each.model_dump(mode="json") for each in invitations(complaint, event)]
        yield {"event": said, "notices": told, "invitations": asks, "crm": written}


def main() -> None:
    for name, play in SCENARIOS.items():
        path = GOLDEN / f"{name}.json"
        if path.exists():
            continue
        path.write_text(json.dumps(recorded(play()), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        sys.stdout.write(f"{path.name} is new: read it before you commit it\n")


if __name__ == "__main__":
    main()
