from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.authority import (
    Account,
    Answer,
    commit,
    decide,
    end_of,
    expire,
    may_ask,
    may_rule,
    next_due,
    overdue,
    pass_time,
    release,
    rule,
)
from domain.commands import Actor, Role
from domain.goodwill import (
    Alike,
    AuthorityTerms,
    GoodwillKind,
    GoodwillPayer,
    GoodwillRequest,
    GoodwillState,
    NotDone,
    Word,
)

KEY = "0f" * 16
AT = datetime(2026, 11, 10, 2, 0, tzinfo=UTC)
LIMIT = 600_000
TERMS = AuthorityTerms(
    limit=LIMIT,
    hold_life=timedelta(days=3),
    desk_clock=timedelta(days=1),
    splitting_window=timedelta(days=7),
    splitting_over=LIMIT,
)
EMPTY = Account(region="east", month="2026-11", terms=TERMS)


def a_request(number: int = 1, *, fen: int = 100_000, ticket: str = "", keys: tuple[str, ...] = ()) -> GoodwillRequest:
    return GoodwillRequest(
        request_id=f"G{number}",
        ticket_no=ticket or f"T{number}",
        matter_keys=keys,
        kind=GoodwillKind.MONEY,
        fen=fen,
        asked_by="u.east",
        at=AT,
    )


def ask(account: Account, request: GoodwillRequest) -> Answer:
    return decide(account, request, at=request.at)


def asked(*requests: GoodwillRequest) -> Account:
    account = EMPTY
    for request in requests:
        account = ask(account, request).account
    return account


def test_held_on_the_spot_up_to_the_last_fen() -> None:
    answer = ask(EMPTY, a_request(fen=LIMIT))
    assert answer.entry
    assert (answer.entry.state, answer.entry.payer) == (GoodwillState.HELD, GoodwillPayer.REGION)
    assert (answer.account.remaining, answer.entry.due) == (0, AT + TERMS.hold_life)


def test_one_fen_beyond_goes_to_the_desk_with_a_clock() -> None:
    answer = ask(asked(a_request(1, fen=LIMIT - 1)), a_request(2, fen=2))
    assert answer.entry
    assert (answer.entry.state, answer.entry.payer) == (GoodwillState.AT_DESK, GoodwillPayer.DESK)
    assert (answer.account.remaining, answer.entry.due) == (1, AT + TERMS.desk_clock)


def test_a_request_that_comes_again_is_not_held_again() -> None:
    account = asked(a_request())
    later = a_request().model_copy(update={"at": AT + timedelta(hours=1)})
    assert ask(account, later) == Answer(account, account.entry("G1"))


def test_another_request_under_a_used_id_changes_nothing() -> None:
    account = asked(a_request())
    assert ask(account, a_request(fen=1)) == Answer(account, account.entry("G1"), NotDone.ID_USED)


@pytest.mark.parametrize(
    ("at", "is_of_this_month"),
    [
        (datetime(2026, 10, 31, 15, 59, tzinfo=UTC), False),  # 23:59 in Shanghai, still October
        (datetime(2026, 10, 31, 16, 0, tzinfo=UTC), True),  # midnight there
        (datetime(2026, 11, 30, 15, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 30, 16, 0, tzinfo=UTC), False),  # December there
    ],
)
def test_the_month_is_that_of_shanghai(at: datetime, is_of_this_month: bool) -> None:
    answer = ask(EMPTY, a_request().model_copy(update={"at": at}))
    assert answer.refusal == (None if is_of_this_month else NotDone.OTHER_MONTH)


def test_what_is_committed_stays_spent_and_can_be_committed_twice_without_harm() -> None:
    once = commit(asked(a_request()), "G1", at=AT).account
    assert (once.remaining, commit(once, "G1", at=AT).account) == (LIMIT - 100_000, once)
    assert release(once, "G1", at=AT).refusal is NotDone.ALREADY_COMMITTED
    assert expire(once, at=AT + timedelta(days=300)) == once


def test_what_is_released_is_free_again_and_can_no_longer_be_committed() -> None:
    account = release(asked(a_request()), "G1", at=AT).account
    assert account.remaining == LIMIT
    assert commit(account, "G1", at=AT).refusal is NotDone.NOT_HELD


def test_a_hold_expires_at_its_instant_and_not_before() -> None:
    account, due = asked(a_request()), AT + TERMS.hold_life
    assert commit(account, "G1", at=due - timedelta(microseconds=1)).refusal is None
    late = commit(account, "G1", at=due)
    assert (late.refusal, late.account.remaining) == (NotDone.NOT_HELD, LIMIT)


@pytest.mark.parametrize(
    ("granted", "state", "fen"),
    [
        (LIMIT + 1, GoodwillState.HELD, LIMIT + 1),  # in full
        (5, GoodwillState.HELD, 5),  # a part
        (0, GoodwillState.REFUSED, 0),
    ],
)
def test_what_the_desk_grants_is_not_taken_from_the_region(granted: int, state: GoodwillState, fen: int) -> None:
    answer = rule(asked(a_request(fen=LIMIT + 1)), "G1", granted=granted, at=AT)
    assert answer.entry
    assert (answer.entry.state, answer.entry.fen) == (state, fen)
    assert answer.account.remaining == LIMIT


@pytest.mark.parametrize(("again", "refusal"), [(5, None), (6, NotDone.NOT_AT_DESK), (0, NotDone.NOT_AT_DESK)])
def test_the_desk_decides_once(again: int, refusal: NotDone | None) -> None:
    account = rule(asked(a_request(fen=LIMIT + 1)), "G1", granted=5, at=AT).account
    assert rule(account, "G1", granted=again, at=AT + timedelta(hours=1)) == Answer(
        account, account.entry("G1"), refusal
    )


@pytest.mark.parametrize("granted", [-1, LIMIT + 2])
def test_the_desk_grants_no_more_than_was_asked(granted: int) -> None:
    account = asked(a_request(fen=LIMIT + 1))
    assert rule(account, "G1", granted=granted, at=AT).refusal is NotDone.MORE_THAN_ASKED


def test_the_desk_is_overdue_at_its_instant_and_may_answer_still() -> None:
    account, due = asked(a_request(fen=LIMIT + 1)), AT + TERMS.desk_clock
    assert overdue(account, at=due - timedelta(microseconds=1)) == ()
    assert overdue(account, at=due) == account.entries
    assert rule(account, "G1", granted=1, at=due).refusal is None


@pytest.mark.parametrize(
    ("second", "flagged"),
    [
        (a_request(2, fen=300_000, ticket="T1"), ("G1",)),  # one complaint
        (a_request(2, fen=300_000, keys=(KEY,)), ("G1",)),  # one customer or vehicle
        (a_request(2, fen=300_000), ()),  # another matter
        (a_request(2, fen=200_000, ticket="T1"), ()),  # together just the limit
        (a_request(2, fen=LIMIT + 1, ticket="T1"), ()),  # hides nothing
    ],
)
def test_one_matter_split_into_small_ones_is_flagged(second: GoodwillRequest, flagged: tuple[str, ...]) -> None:
    entry = ask(asked(a_request(1, fen=400_000, keys=(KEY,))), second).entry
    assert entry
    assert entry.split_with == flagged


def test_what_lies_beyond_the_window_is_not_flagged() -> None:
    later = AT + TERMS.splitting_window + timedelta(microseconds=1)
    account = commit(asked(a_request(1, fen=400_000)), "G1", at=AT).account
    second = a_request(2, fen=300_000, ticket="T1")
    near = ask(account, second.model_copy(update={"at": AT + TERMS.splitting_window})).entry
    far = ask(account, second.model_copy(update={"at": later})).entry
    assert near
    assert far
    assert (near.split_with, far.split_with) == (("G1",), ())


def test_small_ones_that_lie_in_another_region_or_month_are_seen_too() -> None:
    elsewhere = (Alike(request_id="W7", fen=500_000), Alike(request_id="W8", fen=LIMIT + 1))
    entry = ask(EMPTY, a_request(1, fen=100_001).model_copy(update={"alike": elsewhere})).entry
    assert entry
    assert entry.split_with == ("W7",)


def test_what_counts_as_small_change_is_the_policys_to_say() -> None:
    terms = TERMS.model_copy(update={"splitting_over": 200_000})
    account = ask(EMPTY.model_copy(update={"terms": terms}), a_request(1, fen=150_000, ticket="T1")).account
    entry = ask(account, a_request(2, fen=60_000, ticket="T1")).entry
    assert entry
    assert entry.split_with == ("G1",)


def test_a_request_of_another_month_expires_nothing_here() -> None:
    account = asked(a_request(1))
    later = a_request(2).model_copy(update={"at": datetime(2026, 12, 2, tzinfo=UTC)})
    assert ask(account, later) == Answer(account, None, NotDone.OTHER_MONTH)


def test_keys_in_another_order_are_the_same_request() -> None:
    keys = ("0f" * 16, "aa" * 16)
    account = asked(GoodwillRequest.model_validate(a_request().model_dump() | {"matter_keys": keys}))
    again = GoodwillRequest.model_validate(a_request().model_dump() | {"matter_keys": keys[::-1]})
    assert ask(account, again).refusal is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"request_id": "G 1"},
        {"matter_keys": ("王小明",)},
        {"asked_by": "李 雷"},
        {"ticket_no": "T 1"},
        {"fen": 0},
        {"fen": 1.5},
    ],
)
def test_what_is_no_request(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        GoodwillRequest.model_validate(a_request().model_dump() | wrong)


def test_terms_name_a_zone_that_exists() -> None:
    with pytest.raises(ValidationError, match="is no time zone"):
        AuthorityTerms.model_validate(TERMS.model_dump() | {"zone": "Mars/Olympus"})


def test_an_account_cannot_be_made_to_overspend() -> None:
    account = asked(a_request(1, fen=LIMIT))
    with pytest.raises(ValidationError, match="never spends more"):
        account.with_entry(account.entries[0].model_copy(update={"fen": LIMIT + 1}))


@pytest.mark.parametrize(
    ("role", "department", "id_", "rules", "reason"),
    [
        (Role.DIRECTOR, "service", "d-1", True, "the desk's own"),
        (Role.RESPONDER, "service", "r-1", False, "nobody who answers for it"),
        (Role.DIRECTOR, "powertrain", "d-2", False, "another department's"),
        (Role.LEADERSHIP, "", "ceo", True, "above every desk"),
        (Role.MANAGER, "service", "m-1", False, "whoever asked"),
        (Role.LEADERSHIP, "", "", False, "nobody knows who that is"),
    ],
)
def test_who_rules_on_what_is_beyond_the_month(role: Role, department: str, id_: str, rules: bool, reason: str) -> None:
    actor = Actor(role=role, department=department, id=id_)
    assert may_rule(actor, desk="service", asked_by="m-1") is rules, reason


def test_who_asks() -> None:
    asks = {role for role in Role if may_ask(Actor(role=role))}
    assert asks == {Role.MANAGER, Role.DIRECTOR, Role.VP, Role.COORDINATOR, Role.DEALER, Role.CX}


STEPS = st.tuples(
    st.sampled_from(("ask", "commit", "release", "rule", "expire")),
    st.integers(1, 8),
    st.integers(0, 24 * 15),
)


def applied(account: Account, step: tuple[str, int, int], amounts: list[int]) -> Account:
    act, number, hour = step
    at, named = AT + timedelta(hours=hour), f"G{number}"
    if act == "ask":
        return ask(account, a_request(number, fen=amounts[number - 1]).model_copy(update={"at": at})).account
    if act == "commit":
        return commit(account, named, at=at).account
    if act == "release":
        return release(account, named, at=at).account
    return rule(account, named, granted=amounts[number - 1], at=at).account if act == "rule" else expire(account, at=at)


@settings(max_examples=200, deadline=None)
@given(st.lists(STEPS, max_size=50), st.lists(st.integers(1, LIMIT + 5), min_size=8, max_size=8))
def test_no_order_and_no_repeat_of_messages_overspends(steps: list[tuple[str, int, int]], amounts: list[int]) -> None:
    """Hours come in any order and ids repeat, so this reorders, duplicates and retries."""
    account, committed = EMPTY, set[str]()
    for step in steps:
        account = applied(account, step, amounts)
        live = [each.fen for each in account.entries if each.is_spent]
        assert sum(live) <= LIMIT
        now = {each.request.request_id for each in account.entries if each.state is GoodwillState.COMMITTED}
        assert committed <= now  # what is spent is never unspent
        committed = now
        assert Account.model_validate_json(account.model_dump_json()) == account


def test_every_step_says_who_when_and_how_much() -> None:
    desk = Word(actor=Actor(role=Role.DIRECTOR, department="service", id="d-1"), note_id=f"note-{'0' * 32}")
    account = asked(a_request(fen=LIMIT + 1))
    account = rule(account, "G1", granted=5, at=AT, word=desk).account
    entry = expire(account, at=AT + timedelta(days=30)).entries[0]
    assert [(step.state, step.fen) for step in entry.steps] == [
        (GoodwillState.AT_DESK, LIMIT + 1),
        (GoodwillState.HELD, 5),
        (GoodwillState.EXPIRED, 5),
    ]
    assert [step.word.actor for step in entry.steps] == [None, desk.actor, None]
    assert entry.steps[2].at == account.entries[0].due, "it expired at its instant, whenever that was noticed"


def test_the_desk_is_overdue_once_and_no_more_when_it_has_answered() -> None:
    account = asked(a_request(fen=LIMIT + 1))
    due = account.entries[0].due
    assert due
    assert next_due(account) == due
    assert pass_time(account, at=due - timedelta(microseconds=1)) == account
    late = pass_time(account, at=due)
    assert late.entries[0].is_overdue
    assert (next_due(late), overdue(late, at=due), pass_time(late, at=due + timedelta(days=1))) == (None, (), late)
    assert not rule(late, "G1", granted=0, at=due).account.entries[0].is_overdue


@pytest.mark.parametrize(
    ("month", "end"), [("2026-11", "2026-12-01"), ("2026-12", "2027-01-01"), ("2026-01", "2026-02-01")]
)
def test_a_month_ends_at_midnight_in_its_zone(month: str, end: str) -> None:
    account = EMPTY.model_copy(update={"month": month})
    assert end_of(account) == datetime.fromisoformat(f"{end}T00:00:00+08:00")
    assert end_of(account).tzinfo is UTC


def test_each_step_says_who_took_it() -> None:
    someone = Actor(role=Role.MANAGER, department="east", id="m-1")
    request = a_request().model_copy(update={"asked_as": someone})
    account = ask(EMPTY, request).account
    released = release(account, "G1", at=AT + timedelta(hours=1), word=Word(actor=someone, note_id="note-" + "0" * 32))
    assert released.entry
    assert [each.word for each in released.entry.steps] == [
        Word(actor=someone),
        Word(actor=someone, note_id="note-" + "0" * 32),
    ]
    assert released.entry.due is None


def test_what_was_given_back_once_stays_so_and_is_answered_the_same() -> None:
    account = release(asked(a_request()), "G1", at=AT).account
    again = release(account, "G1", at=AT + timedelta(hours=1))
    assert (again.account, again.entry, again.refusal) == (account, account.entry("G1"), None)


def test_only_what_stays_within_a_regions_own_word_is_a_part_of_a_split() -> None:
    """Who asks for the limit itself splits nothing off; one fen more goes to the desk by itself."""
    for fen, flagged in ((LIMIT, ("G1",)), (LIMIT + 1, ())):
        account = ask(EMPTY, a_request(1, fen=fen, ticket="T", keys=(KEY,))).account
        second = ask(account, a_request(2, fen=LIMIT, ticket="T", keys=(KEY,))).entry
        assert second
        assert second.split_with == flagged, fen


def test_what_cannot_be_done_says_why() -> None:
    account = asked(a_request())
    assert commit(account, "G9", at=AT).refusal is NotDone.UNKNOWN
    refused = rule(asked(a_request(fen=LIMIT + 1)), "G1", granted=0, at=AT).account
    answer = release(refused, "G1", at=AT)
    assert (answer.account, answer.entry, answer.refusal) == (refused, refused.entry("G1"), NotDone.NOT_HELD)
