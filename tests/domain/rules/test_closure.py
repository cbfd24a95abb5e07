"""Two-way closure: the customer's word, or what stands in for it, on the record."""

import pytest

from domain import commands as cmd
from domain.claims import Verdict
from domain.complaint import Stage
from tests.builders import CUSTOMER, CX, DAY, HOUR, NOTE, T0, Played, of
from tests.domain.scenes import BODY, ENGINE, QUALITY, ask, at_stage, code

CLAIMED_AT = T0 + HOUR


def call(played: Played, outcome: str, *, day: int) -> str:
    at = CLAIMED_AT + day * DAY
    return code(played.send(cmd.RecordVerificationCall, at=at, by=CX, outcome=outcome))


def test_the_customers_yes_closes() -> None:
    played = at_stage(Stage.VERIFICATION)
    ask(played, cmd.CustomerReply, ratings={"attitude": 5, "recommend": 9})
    assert played.kinds()[-2:] == ["claim_confirmed", "closed"]
    assert (played.complaint.closing, played.complaint.claims[0].verdict) == ("confirmed", Verdict.CONFIRMED)
    assert played.all("claim_confirmed")[0].ratings.recommend == 9


def test_the_customers_no_goes_back_to_those_who_claimed() -> None:
    played = at_stage(Stage.VERIFICATION)
    ask(played, cmd.CustomerReply, answer="reject")
    assert (played.complaint.stage, played.complaint.owner) == (Stage.IN_WORK, "engine")
    assert (played.complaint.first_fix_failures, len(played.complaint.hops)) == (1, 1)


def test_a_first_fix_failure_is_charged_by_share() -> None:
    played = at_stage(Stage.VERIFICATION, "noise")
    ask(played, cmd.CustomerReply, answer="reject")
    assert played.all("claim_rejected")[0].charged == {"quality": 7_000, "body": 1_500, "chassis": 1_500}


@pytest.mark.parametrize(
    ("round_", "refusal", "reason"),
    [(1, "stale_round", "the link of the first round"), (2, "", "the latest"), (3, "stale_round", "not asked yet")],
)
def test_only_the_latest_round_counts(round_: int, refusal: str, reason: str) -> None:
    played = at_stage(Stage.VERIFICATION)
    ask(played, cmd.CustomerReply, answer="reject")
    ask(played, cmd.Claim)
    assert code(ask(played, cmd.CustomerReply, round=round_)) == refusal, reason


@pytest.mark.parametrize("stage", [Stage.TRIAGE, Stage.DISPATCHED, Stage.IN_WORK, Stage.ARBITRATION])
def test_before_a_claim_there_is_nothing_to_confirm(stage: Stage) -> None:
    assert code(ask(at_stage(stage), cmd.CustomerReply)) == "nothing_to_confirm"


CLOSERS = [cmd.CustomerReply, cmd.RecordVerificationCall, cmd.CloseUnreachable, cmd.Withdraw, cmd.MergeInto]


@pytest.mark.parametrize("kind", CLOSERS)
@pytest.mark.parametrize("department", ["quality", "body"], ids=["the claimant", "its supporter"])
@pytest.mark.parametrize("role", cmd.Role)
def test_those_who_claimed_can_never_confirm_or_close(kind: type, department: str, role: cmd.Role) -> None:
    played = at_stage(Stage.VERIFICATION, "noise")
    assert code(ask(played, kind, by=of(department, role))) in ("claimant_may_not_close", "not_yours")
    assert played.complaint.stage is Stage.VERIFICATION


def test_a_claimant_who_speaks_as_the_customer_is_told_why_not() -> None:
    assert code(ask(at_stage(Stage.VERIFICATION), cmd.CustomerReply, by=ENGINE)) == "claimant_may_not_close"


@pytest.mark.parametrize(
    ("outcome", "ends"), [("confirmed", ["claim_confirmed", "closed"]), ("rejected", ["claim_rejected"])]
)
def test_cx_records_the_customers_word_by_phone(outcome: str, ends: list[str]) -> None:
    played = at_stage(Stage.VERIFICATION)
    assert call(played, outcome, day=0) == ""
    assert played.kinds()[-len(ends) - 1 :] == ["call_recorded", *ends]


def test_unreachable_needs_enough_attempts() -> None:
    played = at_stage(Stage.VERIFICATION)
    for day in (3, 4):
        call(played, "unreached", day=day)
        assert code(ask(played, cmd.CloseUnreachable)) == "too_few_attempts"
    call(played, "unreached", day=5)
    assert code(ask(played, cmd.CloseUnreachable)) == ""
    assert (played.complaint.closing, played.complaint.claims[0].verdict) == ("unreachable", Verdict.ABANDONED)


def test_attempts_of_an_earlier_round_do_not_count() -> None:
    played = at_stage(Stage.VERIFICATION)
    for day in (3, 4, 5):
        call(played, "unreached", day=day)
    ask(played, cmd.CustomerReply, answer="reject")
    ask(played, cmd.Claim)
    assert code(ask(played, cmd.CloseUnreachable)) == "too_few_attempts"


def test_silence_reminds_calls_and_never_closes() -> None:
    played = at_stage(Stage.VERIFICATION)
    played.wait(CLAIMED_AT + 90 * DAY)
    told = [event for event in played.events if event.kind in ("customer_reminded", "clock_breached")]
    firsts = [
        (event.kind, event.cause, (event.at - CLAIMED_AT) // DAY) for event in told if "progress" not in event.cause
    ]
    assert firsts[:3] == [
        ("customer_reminded", "remind:1.1", 1),
        ("customer_reminded", "remind:1.2", 2),
        ("clock_breached", "breach:verification:1.1", 3),
    ]
    assert played.complaint.stage is Stage.VERIFICATION


def test_each_call_that_reached_nobody_starts_the_next_ones_clock() -> None:
    played = at_stage(Stage.VERIFICATION)
    call(played, "unreached", day=2)
    played.wait(CLAIMED_AT + 3 * DAY)
    breaches = [event.clock for event in played.all("clock_breached") if event.clock_kind == "verification"]
    assert breaches == ["verification:1.2"]


@pytest.mark.parametrize(
    ("kind", "how", "by"),
    [(cmd.Withdraw, "withdrawn", CUSTOMER), (cmd.Withdraw, "withdrawn", CX), (cmd.MergeInto, "merged", CX)],
)
@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.CLOSED])
def test_withdrawn_or_merged_at_any_stage(stage: Stage, kind: type, how: str, by: cmd.Actor) -> None:
    played = at_stage(stage)
    assert code(ask(played, kind, by=by)) == ""
    assert (played.complaint.stage, played.complaint.closing) == (Stage.CLOSED, how)
    assert played.complaint.dispute is None
    assert played.complaint.pending_claim is None


def test_nothing_merges_into_itself() -> None:
    assert code(ask(at_stage(Stage.IN_WORK), cmd.MergeInto, ticket_no="T-1")) == "cannot_merge_into_itself"


def test_a_claim_says_why_it_had_happened_and_asks_in_rounds() -> None:
    played = at_stage(Stage.VERIFICATION)
    ask(played, cmd.CustomerReply, answer="reject")
    played.send(cmd.Claim, at=T0 + 9 * HOUR, by=ENGINE, note_id=NOTE, root_cause="software")
    assert [(claim.round, claim.root_cause) for claim in played.complaint.claims] == [(1, "design"), (2, "software")]
    assert QUALITY.department != BODY.department


@pytest.mark.parametrize(
    ("hours", "attempts", "reason"),
    [
        ([0, 4, 8], [True, True, True], "four hours apart, each counts"),
        ([0, 0, 0], [True, False, False], "three calls in a row are one attempt"),
        (
            [0, 3, 6, 9, 12],
            [True, False, True, False, True],
            "the gap is from the last that counted, not from each call",
        ),
    ],
)
def test_calls_close_together_are_one_attempt(hours: list[int], attempts: list[bool], reason: str) -> None:
    played = at_stage(Stage.VERIFICATION)
    for hour in hours:
        played.send(cmd.RecordVerificationCall, at=CLAIMED_AT + hour * HOUR, by=CX, outcome="unreached")
    assert [event.is_attempt for event in played.all("call_recorded")] == attempts, reason
    assert played.complaint.claims[0].attempts == sum(attempts)
    assert code(ask(played, cmd.CloseUnreachable)) == ("" if sum(attempts) >= 3 else "too_few_attempts")


@pytest.mark.parametrize(
    ("actor", "refusal", "reason"),
    [
        (of("engine", cmd.Role.CUSTOMER), "claimant_may_not_close", "they claimed it, and the customer said no"),
        (of("body", cmd.Role.CUSTOMER), "not_yours", "a customer is of no department"),
        (of("engine", cmd.Role.INTEGRATION), "claimant_may_not_close", "a system of theirs is theirs"),
    ],
)
def test_nobody_of_a_department_withdraws_in_the_customers_name(actor: cmd.Actor, refusal: str, reason: str) -> None:
    played = at_stage(Stage.VERIFICATION)
    ask(played, cmd.CustomerReply, answer="reject")
    assert code(played.send(cmd.Withdraw, at=T0 + 30 * HOUR, by=actor)) == refusal, reason
    assert played.complaint.stage is Stage.IN_WORK


def test_a_claim_that_nobody_answers_any_more_is_abandoned_when_the_complaint_ends() -> None:
    played = at_stage(Stage.VERIFICATION)
    assert code(ask(played, cmd.Withdraw)) == ""
    (claim,) = played.complaint.claims
    assert (claim.verdict, claim.decided_at) == ("abandoned", played.complaint.closed_at)


def test_a_claim_is_decided_when_the_customer_answers() -> None:
    played = at_stage(Stage.VERIFICATION)
    ask(played, cmd.CustomerReply, at=T0 + 3 * HOUR)
    assert played.complaint.claims[0].decided_at == T0 + 3 * HOUR
