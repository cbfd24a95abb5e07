"""What CX's desk shows, read from the ledger as of one instant."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from domain import commands as cmd
from domain import masking
from domain.access import Permission, is_concerned
from domain.clocks import Clock, governing, running
from domain.commands import Actor, RootCause
from domain.complaint import Complaint
from domain.events import Claimed, Event
from domain.explanations import Sentence
from domain.lights import Light
from domain.policy import ClockKind
from domain.rules.closure import attempt_counts_from, counted_calls
from domain.rules.table import refusal
from domain.rules.voices import is_addressed
from domain.ticket import Ticket
from domain.wording import Both
from domain.wording import refusal as in_words
from ledger import events, notes, queries, seatings, tickets
from ledger.desk import Raised
from policy.reading import PolicyFiles
from policy.suggesting import Suggester, Suggestion
from starter.api.answers import known_ticket
from starter.api.seats import called
from starter.http.behind import Behind
from starter.http.principals import Principal
from starter.telling.events import Names, told
from starter.web.complaint_files import KeptFile, files_of

AT_ONCE = 50  # rows: more are worked off from the top


class Row(NamedTuple):
    """A complaint on a pile. `clock` is what the desk watches; `words` are masked."""

    c: Complaint
    clock: Clock | None
    words: str
    car: str
    why_not: Sentence | None = None
    suggestions: tuple[Suggestion, ...] = ()
    call: "Call | None" = None
    seat: Sentence | None = None  # who of CX looks after it

    @property
    def ticket_no(self) -> str:
        return self.c.ticket.ticket_no


class Call(NamedTuple):
    """Where the calls of the last claim stand. `calls` are those in vain and whether each counts as an attempt;
    `counts_from` is None where the next counts at once.
    """

    calls: tuple[tuple[datetime, bool], ...]
    attempts: int
    needed: int
    counts_from: datetime | None
    department: str
    root_cause: RootCause
    claimed_at: datetime
    is_due: bool

    @property
    def is_proven(self) -> bool:
        return self.attempts >= self.needed


class System(NamedTuple):
    """A vehicle system's names and its tags that the complaint's own matrix knows."""

    named: Both
    tags: tuple[str, ...]


class Said(NamedTuple):
    """What a party did: the event told, its note masked, the clause relied on, and the files it named."""

    at: datetime
    sentence: Sentence
    note: str
    clause: str
    files: tuple[KeptFile, ...]


class Side(NamedTuple):
    """A party to a dispute. `part` is "holder", "named" (where they want it to go) or "before" (had it once)."""

    department: str
    part: str
    said: tuple[Said, ...]


class Case(NamedTuple):
    """A dispute with all that the arbiter looks at."""

    row: Row
    sides: tuple[Side, ...]
    customers: tuple[KeptFile, ...]
    may_see_files: bool


def why_not(c: Complaint, command: type, who: Principal) -> Sentence | None:
    """Why this visitor may not ask it of the complaint now; None when they may."""
    code = refusal(c, command, who.actor)
    if code is None and not who.may(Permission.ACT):
        return _NOT_THEIRS
    return Sentence(zh=in_words(code, "zh"), en=in_words(code, "en")) if code else None


_NOT_THEIRS = Sentence(zh="您的角色只能查看。", en="Your role may look, not act.")


async def triage_rows(behind: Behind, pile: Sequence[Complaint], who: Principal) -> list[Row]:
    return [
        row._replace(why_not=why_not(row.c, cmd.Reclassify, who), suggestions=suggested(behind.files, row.words, row.c))
        for row in await rows_of(behind, pile)
    ]


async def call_rows(behind: Behind, pile: Sequence[Complaint], who: Principal, *, at: datetime) -> list[Row]:
    """The most urgent call first."""
    found = [
        row._replace(
            clock=call_clock(row.c), call=call_of(row.c, at=at), why_not=why_not(row.c, cmd.RecordVerificationCall, who)
        )
        for row in await rows_of(behind, pile)
    ]
    return sorted(found, key=lambda row: row.clock.due_at if row.clock else at)


async def plain_rows(behind: Behind, pile: Sequence[Complaint], who: Principal) -> list[Row]:
    return [row._replace(why_not=why_not(row.c, cmd.Arbitrate, who)) for row in await rows_of(behind, pile)]


async def row_of(behind: Behind, ticket_no: str) -> Row | None:
    """None while it has not begun. Raises the problem `unknown_complaint`."""
    ticket = await known_ticket(behind, ticket_no)
    c = await queries.complaint(behind.engine, ticket_no)
    return _row(c, ticket) if c else None


async def rows_of(behind: Behind, pile: Sequence[Complaint]) -> list[Row]:
    """Each with its customer's words and whose it is at the desk."""
    numbers = [c.ticket.ticket_no for c in pile]
    known, held = await tickets.of_many(behind.engine, numbers), await seatings.of_tickets(behind.engine, numbers)
    seats = {number: called(behind.roster, each.seat) for number, each in held.items()}
    return [
        _row(c, known.get(number))._replace(seat=seats.get(number)) for number, c in zip(numbers, pile, strict=True)
    ]


async def words_of(behind: Behind, ticket_nos: Collection[str]) -> dict[str, str]:
    """The customers' words by ticket, masked."""
    known = await tickets.of_many(behind.engine, ticket_nos)
    return {ticket_no: masking.told(ticket.words, ticket).strip() for ticket_no, ticket in known.items()}


def _row(c: Complaint, ticket: Ticket | None) -> Row:
    words = masking.told(ticket.words, ticket).strip() if ticket else ""
    car = f"{ticket.vehicle.brand} {ticket.vehicle.model}".strip() if ticket else ""
    return Row(c, governing(c), words, car)


def call_clock(c: Complaint) -> Clock | None:
    return next((clock for clock in running(c) if clock.kind is ClockKind.VERIFICATION), None)


def call_of(c: Complaint, *, at: datetime) -> Call | None:
    """None where no claim waits for the customer's word."""
    claim, clock, counted = c.pending_claim, call_clock(c), set(counted_calls(c)) if c.claims else set()
    if claim is None:
        return None
    return Call(
        calls=tuple((call, call in counted) for call in claim.calls),
        attempts=claim.attempts,
        needed=c.policy.verification.unreachable_attempts,
        counts_from=attempt_counts_from(c),
        department=claim.department,
        root_cause=claim.root_cause,
        claimed_at=claim.claimed_at,
        is_due=clock is not None and clock.light(at=at) is not Light.GREEN,
    )


@lru_cache(maxsize=2)
def _suggester(files: PolicyFiles) -> Suggester:
    return Suggester(files)


def suggested(files: PolicyFiles, words: str, c: Complaint) -> tuple[Suggestion, ...]:
    known = [tag for owned in c.policy.matrix.owners.values() for tag in owned]
    return _suggester(files).suggest(words, known=known)


def systems(files: PolicyFiles, c: Complaint) -> tuple[System, ...]:
    """All there is to choose from."""
    known = {tag for owned in c.policy.matrix.owners.values() for tag in owned}
    found = []
    for system in files.sheets.matrix.table.system:
        tags = tuple(dict.fromkeys(row.code for row in system.tags if row.code in known))
        found.append(System((system.zh, system.en), tags))
    return tuple(each for each in found if each.tags)


async def what_was_done(behind: Behind, ticket_no: str) -> str:
    """The last claim's words, masked; "" where there are none."""
    recorded = await events.timeline(behind.engine, ticket_no)
    claimed = [each.event for each in recorded if isinstance(each.event, Claimed)]
    ticket = await known_ticket(behind, ticket_no)
    note = await notes.get(behind.engine, claimed[-1].note_id) if claimed else None
    return masking.told(note.text, ticket) if note else ""


async def case_of(behind: Behind, ticket_no: str, who: Principal) -> Case | None:
    """None unless it is before the arbiter. Raises the problem `unknown_complaint`."""
    row = await row_of(behind, ticket_no)
    if row is None or row.c.dispute is None:
        return None
    ticket = await known_ticket(behind, ticket_no)
    happened = [each.event for each in await events.timeline(behind.engine, ticket_no)]
    texts = {note.note_id: masking.told(note.text, ticket) for note in await notes.of_ticket(behind.engine, ticket_no)}
    files = await files_of(behind, ticket, happened)
    by_hash = {file.sha256: file for file in (*files.customers, *files.evidence)}
    names = Names(behind.files)
    return Case(
        row=row._replace(why_not=why_not(row.c, cmd.Arbitrate, who)),
        sides=tuple(
            Side(party, part, tuple(_said(event, names, texts, by_hash) for event in happened if _is_by(event, party)))
            for party, part in _parties(row.c)
        ),
        customers=files.customers,
        may_see_files=is_concerned(row.c, who.actor) and who.may(Permission.SEE_FILES),
    )


def _parties(c: Complaint) -> Iterable[tuple[str, str]]:
    """Who has it, whom they name, and who had it before."""
    holder = c.hop.department if c.hop else ""
    named = c.dispute.proposed if c.dispute else ""
    before = [hop.department for hop in reversed(c.hops) if not hop.is_void]
    for party in dict.fromkeys(each for each in (holder, named, *before) if each):
        yield party, "holder" if party == holder else "named" if party == named else "before"


_PLEADINGS = ("accepted", "transferred", "arbitration_opened", "support_requested", "progress_posted", "claimed")


def _is_by(event: Event, party: str) -> bool:
    return event.kind in _PLEADINGS and event.actor is not None and event.actor.department == party


def _said(event: Event, names: Names, texts: dict[str, str], files: dict[str, KeptFile]) -> Said:
    attached: Iterable[Any] = getattr(event, "evidence", ())
    return Said(
        at=event.at,
        sentence=told(event, names),
        note=texts.get(getattr(event, "note_id", ""), ""),
        clause=getattr(event, "clause", ""),
        files=tuple(files[each.sha256] for each in attached if each.sha256 in files),
    )


def parted(found: Iterable[Raised], actor: Actor) -> tuple[list[Raised], list[Raised]]:
    """Those raised to this actor, and those that others have still to acknowledge."""
    mine: list[Raised] = []
    others: list[Raised] = []
    for each in found:
        (mine if is_addressed(each.to, actor) else others).append(each)
    return mine, others
