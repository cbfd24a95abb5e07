"""Accept or prove: four hours to answer, and nothing moves without proof."""

from datetime import timedelta
from typing import Any

import pytest

from domain import commands as cmd
from domain.complaint import Stage
from domain.hops import Response
from tests.builders import HOUR, NOTE, PHOTO, SECOND, T0, Played, of
from tests.domain.scenes import CHASSIS, ENGINE, PROOF, QUALITY, ask, at_stage, code, transferred


def test_a_known_tag_is_dispatched_at_once() -> None:
    played = Played("engine.stall")
    assert played.kinds() == ["opened", "dispatched"]
    assert (played.complaint.owner, played.complaint.stage) == ("engine", Stage.DISPATCHED)


@pytest.mark.parametrize("tags", [(), ("nobody.knows",)])
def test_what_no_tag_names_is_cx_triages(tags: tuple[str, ...]) -> None:
    played = Played(tags=tags)
    assert played.kinds() == ["opened", "sent_to_triage"]
    assert (played.complaint.owner, played.complaint.desk) == ("cx-triage", "cx")


def test_accepting_answers_the_dispatch() -> None:
    played = at_stage(Stage.IN_WORK)
    hop = played.complaint.hops[0]
    assert (hop.response, hop.responded_at) == (Response.ACCEPTED, T0 + HOUR)
    assert code(ask(played, cmd.Accept)) == "already_accepted"


SILENCE = ["clock_breached", "deemed_accepted"]


@pytest.mark.parametrize(
    ("late", "kinds", "reason"),
    [
        (-SECOND, ["accepted"], "a second before the hour is in time"),
        (timedelta(), ["clock_warned", *SILENCE, "accepted"], "the time allowed is half-open"),
        (SECOND, ["clock_warned", *SILENCE, "accepted"], "late is late"),
    ],
)
def test_silence_past_four_hours_is_breach_and_acceptance(late: timedelta, kinds: list[str], reason: str) -> None:
    played = Played("engine.stall")
    played.send(cmd.Accept, at=T0 + 4 * HOUR + late, by=ENGINE)
    assert [kind for kind in played.kinds()[2:] if late >= timedelta() or kind != "clock_warned"] == kinds, reason


def test_a_silent_owner_still_accepts_late() -> None:
    played = Played("engine.stall")
    played.wait(T0 + 5 * HOUR)
    hop = played.complaint.hops[0]
    assert (played.complaint.stage, hop.deemed_at, hop.responded_at) == (Stage.IN_WORK, T0 + 4 * HOUR, None)
    assert code(ask(played, cmd.Accept)) == ""
    assert played.complaint.hops[0].responded_at


@pytest.mark.parametrize(
    ("changes", "refusal", "reason"),
    [
        ({"evidence": ()}, "evidence_missing", "no proof"),
        ({"note_id": None}, "reason_missing", "no reason"),
        ({"to": "paint-shop"}, "unknown_department", "not in the matrix"),
        ({"to": "cx"}, "unknown_department", "CX owns no tag and is nobody's target"),
        ({"to": "engine"}, "already_theirs", "to itself"),
    ],
)
def test_a_transfer_needs_a_target_a_reason_and_proof(changes: dict[str, Any], refusal: str, reason: str) -> None:
    played = at_stage(Stage.DISPATCHED)
    assert code(ask(played, cmd.Transfer, **changes)) == refusal, reason
    assert played.complaint.transfers_refused == 1


def test_a_transfer_with_proof_starts_the_next_turn() -> None:
    played = transferred()
    first, second = played.complaint.hops
    assert played.kinds()[2:] == ["transferred", "dispatched"]
    assert (first.response, first.left_at, first.handed_to) == (Response.TRANSFERRED, T0 + HOUR, "chassis")
    assert (second.department, second.entered_at, second.responded_at) == ("chassis", T0 + HOUR, None)
    assert code(ask(played, cmd.Accept, by=ENGINE)) == "not_yours"


@pytest.mark.parametrize("silent", [False, True], ids=["accepted", "deemed accepted"])
def test_after_acceptance_only_arbitration_moves_it(silent: bool) -> None:
    played = at_stage(Stage.DISPATCHED if silent else Stage.IN_WORK)
    refused = ask(played, cmd.Transfer, at=T0 + 4 * HOUR)
    assert code(refused) == "only_arbitration_moves_it"
    assert code(ask(played, cmd.Contest)) == ""
    assert played.complaint.owner == "arbiter"


@pytest.mark.parametrize("begin", [cmd.Claim, cmd.RequestSupport, cmd.PostProgress])
def test_whoever_starts_work_without_a_word_has_accepted(begin: type) -> None:
    played = at_stage(Stage.DISPATCHED)
    assert code(ask(played, begin, by=ENGINE)) == ""
    assert played.complaint.hops[0].response is Response.ACCEPTED
    assert "accepted" in played.kinds()


def test_news_from_cx_is_no_answer_of_the_owner() -> None:
    played = at_stage(Stage.DISPATCHED)
    ask(played, cmd.PostProgress)
    assert played.complaint.hops[0].responded_at is None


def test_a_grey_lead_may_not_hand_it_back_but_may_call_in_and_contest() -> None:
    played = Played("noise")
    assert code(ask(played, cmd.Transfer, by=QUALITY)) == "grey_lead_keeps_it"
    assert code(ask(played, cmd.RequestSupport, by=QUALITY, department="engine")) == ""
    assert played.complaint.hops[0].supporters == ("body", "chassis", "engine")
    assert code(ask(played, cmd.Contest, by=QUALITY)) == ""


def test_it_stays_grey_when_cx_finds_out_later() -> None:
    played = transferred(to="quality")
    ask(played, cmd.Reclassify, tags=("noise",))
    assert played.complaint.hops[-1].supporters == ("body", "chassis")
    assert [event.department for event in played.all("support_requested")] == ["body", "chassis"]
    assert code(ask(played, cmd.Transfer, by=QUALITY, to="body")) == "grey_lead_keeps_it"


@pytest.mark.parametrize(
    ("department", "refusal"),
    [("paint-shop", "unknown_department"), ("engine", "already_theirs"), ("body", "already_theirs"), ("chassis", "")],
)
def test_support_is_called_in_from_the_matrix_and_once(department: str, refusal: str) -> None:
    played = at_stage(Stage.IN_WORK)
    ask(played, cmd.RequestSupport)
    assert code(ask(played, cmd.RequestSupport, department=department)) == refusal


def test_the_response_clock_is_the_hops_own() -> None:
    played = transferred()
    played.wait(T0 + 5 * HOUR)
    breach = played.all("clock_breached")[0]
    assert (breach.clock, breach.due_at, breach.charged) == ("response:2", T0 + 5 * HOUR, {"chassis": 10_000})
    assert breach.copied == ("chassis",)


def test_a_supporter_tells_the_customer_but_does_not_answer_for_the_lead() -> None:
    played = Played("noise")
    assert code(played.send(cmd.PostProgress, at=T0 + HOUR, by=of("body"), note_id=NOTE)) == ""
    assert played.complaint.hops[0].responded_at is None
    assert code(played.send(cmd.Claim, at=T0 + HOUR, by=of("body"), note_id=NOTE, root_cause="design")) == "not_yours"


def test_evidence_travels_by_content_hash() -> None:
    played = transferred()
    assert played.all("transferred")[0].evidence == (PHOTO,)
    assert code(played.send(cmd.Contest, at=T0 + 2 * HOUR, by=CHASSIS, **PROOF)) == ""
    assert played.all("arbitration_opened")[0].evidence == (PHOTO,)
