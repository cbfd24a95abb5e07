"""The forms of a complaint's acts: every command has one, and what is typed there is what its route would take."""

from datetime import timedelta

import pytest
from starlette.datastructures import FormData

from domain import commands as cmd
from domain.commands import EvidenceKind, Role
from domain.policy import EscalationLevel
from starter.api.bodies import COMMANDS, body_of
from starter.web import words
from starter.web.complaint_forms import (
    CHOICES,
    ELSEWHERE,
    FACTORS,
    FORMS,
    Attached,
    Misfilled,
    acts,
    body_from,
    levels,
    targets,
)
from tests.builders import ARBITER, CX, HOUR, LEADERSHIP, NOTE, PHOTO, T0, Played, of

ENGINE, CHASSIS = of("engine"), of("chassis")
FILE = Attached(EvidenceKind.PHOTO, "a" * 64)
TYPED = {
    "to": "chassis",
    "department": "chassis",
    "owner": "chassis",
    "clause": "brakes.noise",
    "level": "service",
    "outcome": "confirmed",
    "tags": "engine.oil",
    "risk_level": "3",
    "is_complex": "true",
    "ticket_no": "T-2",
    "note": "because",
    "motion": "irrational",
    "agrees": "true",
    "remedy": "refund",
    "demanded_on": "2026-03-02",
    "decision": "granted",
    "root_cause": "design",
    "case_kind": "repair",
    "third_party": "hotline",
    "standing": "fleet",
    "period": "launch",
    "cost_fen": "1,234.5",
    "ratings.attitude": "5",
    "ratings.recommend": "10",
}


def allowed(played: Played, actor: cmd.Actor, *, at_hour: int = 1) -> set[str]:
    return {act.kind for act in acts(played.complaint, actor, at=T0 + at_hour * HOUR) if act.why_not is None}


def test_every_command_has_its_form_or_a_page_of_its_own() -> None:
    assert set(FORMS) | ELSEWHERE == set(COMMANDS)
    assert set(FORMS).isdisjoint(ELSEWHERE)


@pytest.mark.parametrize("kind", FORMS)
def test_a_form_asks_for_all_that_its_command_knows(kind: str) -> None:
    assert {field.name for field in FORMS[kind]} == set(body_of(kind).model_fields) - {"actor"}


@pytest.mark.parametrize("kind", FORMS)
def test_a_form_is_spoken_in_full(kind: str) -> None:
    spoken = words.of("complaint")
    asked = {f"consequence.{kind}", *(f"label.{kind}.{field.name}" for field in FORMS[kind])}
    assert asked <= spoken.keys()
    assert {f"factor.{factor}" for factor in FACTORS} <= spoken.keys()
    assert {f"kind.{each}" for each in EvidenceKind} <= spoken.keys()


@pytest.mark.parametrize("kind", FORMS)
def test_what_is_typed_is_what_the_route_takes(kind: str) -> None:
    body = body_from(kind, FormData(list(TYPED.items())), [FILE])
    assert set(body.model_fields_set) == {field.name for field in FORMS[kind]}


def test_money_is_typed_in_yuan_and_kept_in_fen() -> None:
    for typed, fen in (("1,234.5", 123_450), ("600", 60_000), ("0.01", 1)):
        assert body_from("report_facts", FormData([("cost_fen", typed)]), []).model_dump()["cost_fen"] == fen
    for typed in ("-1", "1.234", "六百"):
        with pytest.raises(Misfilled, match="cost_fen"):
            body_from("report_facts", FormData([("cost_fen", typed)]), [])


def test_blank_is_left_out_and_line_ends_are_plain() -> None:
    form = FormData([("note", " one\r\ntwo\x00 "), ("tags", ""), ("risk_level", "")])
    assert body_from("reclassify", form, []).model_dump(exclude_unset=True) == {"note": "one\ntwo"}


@pytest.mark.parametrize(
    ("kind", "typed", "faults"),
    [
        ("transfer", {}, {"to": "missing", "clause": "missing", "note": "missing", "evidence": "missing"}),
        ("claim", {"note": "done"}, {"root_cause": "missing"}),
        ("claim", {"note": "done", "root_cause": "magic"}, {"root_cause": "wrong"}),
        ("merge_into", {"ticket_no": "../etc"}, {"ticket_no": "wrong"}),
        ("post_progress", {"note": "x" * 4001}, {"note": "wrong"}),
    ],
)
def test_what_is_missing_or_wrong_is_named_by_its_field(
    kind: str, typed: dict[str, str], faults: dict[str, str]
) -> None:
    with pytest.raises(Misfilled) as raised:
        body_from(kind, FormData(typed), [])
    assert raised.value.faults == faults


def test_the_owner_is_offered_what_the_stage_allows() -> None:
    played = Played("engine.stall")
    assert allowed(played, ENGINE) == {
        *("accept", "transfer", "contest", "request_support", "post_progress", "claim", "escalate", "report_facts"),
        "record_demand",
    }
    played.send(cmd.Accept, at=T0 + HOUR, by=ENGINE)
    assert allowed(played, ENGINE) == {
        "contest",
        "request_support",
        "post_progress",
        "claim",
        "escalate",
        "report_facts",
        "record_demand",
    }
    assert allowed(played, CHASSIS) == set()


def test_trying_changes_nothing() -> None:
    played = Played("engine.stall")
    before = played.complaint.model_dump_json()
    acts(played.complaint, ENGINE, at=T0 + timedelta(days=30))
    assert played.complaint.model_dump_json() == before


def test_a_deadline_that_has_passed_counts_though_the_ledger_has_not_heard_of_it() -> None:
    assert "transfer" in allowed(Played("engine.stall"), ENGINE, at_hour=3)
    assert "transfer" not in allowed(Played("engine.stall"), ENGINE, at_hour=5)


def test_closing_as_unreachable_waits_for_enough_attempts() -> None:
    played = Played("engine.stall")
    played.send(cmd.Claim, at=T0 + HOUR, by=ENGINE, note_id=NOTE, root_cause=cmd.RootCause.DESIGN)
    why = {act.kind: act.why_not for act in acts(played.complaint, CX, at=T0 + 2 * HOUR)}
    assert why["record_verification_call"] is None
    assert why["close_unreachable"]
    assert "Too few calls" in why["close_unreachable"].en


def test_only_those_addressed_acknowledge_and_only_once() -> None:
    played = Played("engine.stall", risk_level=4)
    played.wait(T0 + HOUR)
    service = of("service", Role.MANAGER)
    assert "acknowledge" in allowed(played, service)
    assert levels(played.complaint, service) == (EscalationLevel.SERVICE,)
    assert "acknowledge" not in allowed(played, ENGINE)
    played.send(cmd.Acknowledge, at=T0 + HOUR, by=service, level=EscalationLevel.SERVICE)
    assert "acknowledge" not in allowed(played, service)


def test_the_second_person_is_offered_to_decide_and_the_first_is_not() -> None:
    played = Played("engine.stall")
    assert "propose" in allowed(played, CX)
    assert "decide_proposal" not in allowed(played, LEADERSHIP)
    played.send(cmd.Propose, at=T0 + HOUR, by=CX, motion="irrational", note_id=NOTE, evidence=(PHOTO,))
    assert "propose" not in allowed(played, CX)
    assert "decide_proposal" in allowed(played, LEADERSHIP)
    assert "decide_proposal" not in allowed(played, CX)


def test_whose_tags_it_bears_is_named_first_and_whoever_has_it_not_at_all() -> None:
    named = [each.department for each in targets(Played("engine.stall", "brakes.noise").complaint, "transfer")]
    assert named[0] == "chassis"
    assert "engine" not in named


def test_a_department_that_had_it_is_offered_by_way_of_the_arbiter() -> None:
    played = Played("engine.stall")
    played.send(cmd.Transfer, at=T0 + HOUR, by=ENGINE, to="chassis", evidence=(PHOTO,), note_id=NOTE)
    ways = {each.department: each.goes_to_arbiter for each in targets(played.complaint, "transfer")}
    assert ways["engine"]
    assert ways["body"]  # it would be one hop too many
    first = {each.department: each.goes_to_arbiter for each in targets(Played().complaint, "transfer")}
    assert not any(first.values())


def test_the_arbiter_finds_both_sides_first() -> None:
    played = Played("engine.stall")
    played.send(cmd.Transfer, at=T0 + HOUR, by=ENGINE, to="chassis", evidence=(PHOTO,), note_id=NOTE)
    played.send(cmd.Transfer, at=T0 + HOUR, by=CHASSIS, to="engine", evidence=(PHOTO,), note_id=NOTE)
    assert allowed(played, ARBITER, at_hour=2) >= {"arbitrate"}
    assert [each.department for each in targets(played.complaint, "arbitrate")][:2] == ["engine", "chassis"]


def test_choices_are_the_domains_own() -> None:
    assert set(CHOICES) == {field.name for form in FORMS.values() for field in form if field.widget == "choice"}
