"""What one region may give away in one month: money is held, then committed or released; the rest goes to the desk.

Pure and total: an account, a message and an instant go in; an account and an answer come out.
"""

from datetime import UTC, datetime
from typing import Annotated, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from domain.command_values import Actor, Role
from domain.goodwill import (
    BY_TIME,
    REGION,
    AuthorityTerms,
    Entry,
    GoodwillPayer,
    GoodwillRequest,
    GoodwillState,
    MonthText,
    NotDone,
    Step,
    Word,
)
from domain.values import Value

DECEMBER = 12


class Account(Value):
    """One region's month. Nothing is carried over: the next month is another account."""

    region: Annotated[str, Field(pattern=REGION)]
    month: MonthText
    terms: AuthorityTerms
    entries: tuple[Entry, ...] = ()

    @property
    def spent(self) -> int:
        return sum(entry.fen for entry in self.entries if entry.is_spent)

    @property
    def remaining(self) -> int:
        return self.terms.limit - self.spent

    def entry(self, request_id: str) -> Entry | None:
        return next((each for each in self.entries if each.request.request_id == request_id), None)

    def with_entry(self, entry: Entry) -> "Account":
        """The entry in the place of the one of its id, or at the end. Raises ValueError for one fen too much."""
        same = entry.request.request_id
        if self.entry(same) is None:
            entries = (*self.entries, entry)
        else:
            entries = tuple(entry if each.request.request_id == same else each for each in self.entries)
        return Account(region=self.region, month=self.month, terms=self.terms, entries=entries)

    @model_validator(mode="after")
    def _never_overspends(self) -> Self:
        if self.spent > self.terms.limit:
            raise ValueError("an account never spends more than its limit")
        return self


_ASKS = frozenset({Role.MANAGER, Role.DIRECTOR, Role.VP, Role.COORDINATOR, Role.DEALER, Role.CX})
_RULES = frozenset({Role.MANAGER, Role.DIRECTOR, Role.VP})


def may_ask(actor: Actor) -> bool:
    """Also for making good and giving back."""
    return actor.role in _ASKS


def may_rule(actor: Actor, *, desk: str, asked_by: str) -> bool:
    """The special-claims desk, which is a department's, and leadership; never whoever asked, nor anybody nameless."""
    is_of_desk = actor.role in _RULES and actor.department == desk
    return (is_of_desk or actor.role is Role.LEADERSHIP) and actor.id not in ("", asked_by)


class Answer(NamedTuple):
    """The account afterwards and the entry it is about, or why nothing was done."""

    account: Account
    entry: Entry | None
    refusal: NotDone | None = None


def month_of(at: datetime, *, zone: str) -> str:
    """The calendar month there, as yyyy-mm."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m}"


def decide(account: Account, request: GoodwillRequest, *, at: datetime) -> Answer:
    """Held when the rest of the month covers it, else at the desk; a repeated request is answered as it stands. The
    month is that of when it was asked for; `at` is now.
    """
    known = account.entry(request.request_id)
    if known is None and month_of(request.at, zone=account.terms.zone) != account.month:
        return Answer(account, None, NotDone.OTHER_MONTH)
    account = expire(account, at=at)
    if known:
        known = account.entry(request.request_id) or known
        return Answer(account, known, None if known.request.says_the_same_as(request) else NotDone.ID_USED)
    return _replaced(account, _placed(account, request, at=at))


def _placed(account: Account, request: GoodwillRequest, *, at: datetime) -> Entry:
    fits = request.fen <= account.remaining
    state = GoodwillState.HELD if fits else GoodwillState.AT_DESK
    return Entry(
        request=request,
        state=state,
        steps=(Step(state=state, at=at, fen=request.fen, word=Word(actor=request.asked_as)),),
        payer=GoodwillPayer.REGION if fits else GoodwillPayer.DESK,
        fen=request.fen,
        due=at + (account.terms.hold_life if fits else account.terms.desk_clock),
        split_with=_split_with(account, request),
    )


def _split_with(account: Account, request: GoodwillRequest) -> tuple[str, ...]:
    """The requests which, with this one, ask for more in one matter than is to go unnoticed; () where none do.

    Asked for one by one each is small. One that alone is beyond the region's limit hides nothing and counts for none.
    """
    terms = account.terms
    here = {each.request.request_id: each.fen for each in account.entries if _is_same_matter(terms, each, request)}
    small = {each.request_id: each.fen for each in request.alike if each.fen <= terms.limit} | here
    small.pop(request.request_id, None)
    if not small or request.fen > terms.limit or sum(small.values()) + request.fen <= terms.splitting_over:
        return ()
    return tuple(sorted(small))


def _is_same_matter(terms: AuthorityTerms, entry: Entry, request: GoodwillRequest) -> bool:
    other = entry.request
    is_live = entry.state in (GoodwillState.HELD, GoodwillState.AT_DESK, GoodwillState.COMMITTED)
    is_near = abs(other.at - request.at) <= terms.splitting_window
    is_one = other.ticket_no == request.ticket_no or bool({*other.matter_keys} & {*request.matter_keys})
    return is_live and is_near and is_one and other.fen <= terms.limit


def expire(account: Account, *, at: datetime) -> Account:
    """Give back the holds that nobody committed in time; a hold stands until just before its `due`."""
    for entry in account.entries:
        if entry.state is GoodwillState.HELD and entry.due and entry.due <= at:
            account = account.with_entry(_settled(entry, GoodwillState.EXPIRED, at=entry.due))
    return account


def pass_time(account: Account, *, at: datetime) -> Account:
    """What the clock alone does: holds expire, and what the desk has not answered by its due instant is overdue."""
    account = expire(account, at=at)
    for entry in overdue(account, at=at):
        account = account.with_entry(entry.model_copy(update={"is_overdue": True}))
    return account


def commit(account: Account, request_id: str, *, at: datetime, word: Word = BY_TIME) -> Answer:
    """Spend what is held. Too late is too late: what expired may have been given to another already."""
    account = expire(account, at=at)
    entry = account.entry(request_id)
    if entry is None:
        return Answer(account, None, NotDone.UNKNOWN)
    if entry.state is GoodwillState.COMMITTED:
        return Answer(account, entry)
    if entry.state is not GoodwillState.HELD:
        return Answer(account, entry, NotDone.NOT_HELD)
    return _replaced(account, _settled(entry, GoodwillState.COMMITTED, at=at, word=word))


def release(account: Account, request_id: str, *, at: datetime, word: Word = BY_TIME) -> Answer:
    """Give back what is held, or withdraw what is at the desk."""
    account = expire(account, at=at)
    entry = account.entry(request_id)
    if entry is None:
        return Answer(account, None, NotDone.UNKNOWN)
    if entry.state is GoodwillState.RELEASED:
        return Answer(account, entry)
    if entry.state is GoodwillState.COMMITTED:
        return Answer(account, entry, NotDone.ALREADY_COMMITTED)
    if entry.state not in (GoodwillState.HELD, GoodwillState.AT_DESK):
        return Answer(account, entry, NotDone.NOT_HELD)
    return _replaced(account, _settled(entry, GoodwillState.RELEASED, at=at, word=word))


def rule(account: Account, request_id: str, *, granted: int, at: datetime, word: Word = BY_TIME) -> Answer:
    """The desk's word: 0 fen refuses, less than was asked grants a part.

    The same word again changes nothing. An overdue desk may still answer.
    """
    account = expire(account, at=at)
    entry = account.entry(request_id)
    if entry is None:
        return Answer(account, None, NotDone.UNKNOWN)
    if entry.granted is not None and entry.granted == granted:
        return Answer(account, entry)
    if entry.state is not GoodwillState.AT_DESK:
        return Answer(account, entry, NotDone.NOT_AT_DESK)
    if not 0 <= granted <= entry.request.fen:
        return Answer(account, entry, NotDone.MORE_THAN_ASKED)
    said = entry.model_copy(update={"fen": granted, "granted": granted})
    if granted == 0:
        return _replaced(account, _settled(said, GoodwillState.REFUSED, at=at, word=word))
    held = _moved(said, GoodwillState.HELD, at=at, word=word)
    return _replaced(account, held.model_copy(update={"due": at + account.terms.hold_life}))


def end_of(account: Account) -> datetime:
    """The first instant after its month."""
    year, month = map(int, account.month.split("-"))
    following = (year + 1, 1) if month == DECEMBER else (year, month + 1)
    return datetime(*following, 1, tzinfo=ZoneInfo(account.terms.zone)).astimezone(UTC)


def next_due(account: Account) -> datetime | None:
    """When the next hold expires, or the desk should have answered."""
    return min((each.due for each in account.entries if each.due and not each.is_overdue), default=None)


def is_settled(account: Account) -> bool:
    """Whether nothing of it waits for anybody."""
    waiting = (GoodwillState.HELD, GoodwillState.AT_DESK)
    return not any(entry.state in waiting for entry in account.entries)


def overdue(account: Account, *, at: datetime) -> tuple[Entry, ...]:
    """What the desk should have answered by `at`, and nobody has noticed."""
    waiting = (each for each in account.entries if each.state is GoodwillState.AT_DESK and not each.is_overdue)
    return tuple(each for each in waiting if each.due and each.due <= at)


def _settled(entry: Entry, state: GoodwillState, *, at: datetime, word: Word = BY_TIME) -> Entry:
    return _moved(entry, state, at=at, word=word).model_copy(update={"due": None})


def _moved(entry: Entry, state: GoodwillState, *, at: datetime, word: Word) -> Entry:
    step = Step(state=state, at=at, fen=entry.fen, word=word)
    return entry.model_copy(update={"state": state, "is_overdue": False, "steps": (*entry.steps, step)})


def _replaced(account: Account, entry: Entry) -> Answer:
    return Answer(account.with_entry(entry), entry)
