"""What the complaint's page shows, read from the ledger as of one instant."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from domain import masking, service
from domain.access import Permission, is_concerned
from domain.commands import Actor, EvidenceKind
from domain.complaint import Complaint
from domain.custody import Custody
from domain.events import EscalationAcknowledged, Event
from domain.explanations import Sentence
from domain.plans import ComplaintGrade
from domain.risk_telling import RiskStory, story
from ledger import events, notes, notices, personal, queries, seatings
from ledger.personal import PersonalAct
from policy.red_lines import RedLines
from starter.api.answers import known_ticket
from starter.api.disclosures import PersonalView
from starter.api.red_line_views import RedLineItem
from starter.api.red_lines import seen_of
from starter.api.seats import called
from starter.api.views import ClocksView, TicketView, clocks_view, ticket_view
from starter.http.behind import Behind
from starter.http.principals import Principal
from starter.telling.events import Names
from starter.telling.red_lines import matter_named
from starter.telling.replies import NextWord, next_word
from starter.web.complaint_files import FileRefused, Files, files_of
from starter.web.complaint_forms import CHOICES, FACTORS, PRIME, Act, Attached, acts, levels, targets
from starter.web.complaint_goodwill import told_of
from starter.web.complaint_kin import Alike, Relative, alike, relatives
from starter.web.complaint_link import Link, link_of
from starter.web.complaint_story import (
    Bar,
    ClaimRow,
    Happening,
    HopRow,
    bars,
    claim_rows,
    happenings,
    hop_rows,
)
from starter.web.complaint_told import Added, Letter, Line, added, letters, lines


class Shown(NamedTuple):
    """The page's facts. `c` and `clocks` are None while the complaint has not begun. `customs` are the custodies drawn;
    `acknowledgers` say by escalation's level who has seen it. `link` is None where it is not theirs to end. `gone` is
    what was done with the personal data; None while it is whole. `red_line` is None where there is none to see.
    """

    ticket_no: str
    ticket: TicketView
    kin: tuple[Relative, ...]
    alike: Alike | None
    gone: PersonalAct | None
    car: str
    c: Complaint | None
    red_line: RedLineItem | None
    seat: Sentence | None
    clocks: ClocksView | None
    risk: RiskStory | None
    files: Files
    may_see_files: bool
    may_see_personal: bool
    happenings: tuple[Happening, ...]
    bars: tuple[Bar, ...]
    hops: tuple[HopRow, ...]
    claims: tuple[ClaimRow, ...]
    replies: tuple[Line, ...]
    letters: tuple[Letter, ...]
    added: tuple[Added, ...]
    next_word: NextWord | None
    link: Link | None
    may_export: bool
    customs: tuple[str, ...]
    acknowledgers: Mapping[str, Actor]

    @property
    def seq(self) -> int:
        return self.c.seq if self.c else 0

    @property
    def grade(self) -> ComplaintGrade | None:
        return service.grade(self.c) if self.c else None

    @property
    def has_expert(self) -> bool:
        return self.c is not None and service.has_expert(self.c)


class Filled(NamedTuple):
    """A form as it was sent, shown again with what is wrong. `values` has a list for each field; `asked` is the act
    that was asked for where what was typed is carried into another's form.
    """

    kind: str
    key: str
    values: dict[str, list[str]]
    attached: tuple[Attached, ...] = ()
    faults: dict[str, str] = {}
    refused: tuple[FileRefused, ...] = ()
    said: Sentence | None = None
    asked: str = ""


class Personal(NamedTuple):
    """The form that asks for personal data: what it shows once, or that no reason was given."""

    shown: PersonalView | None = None
    is_misfilled: bool = False


async def shown(behind: Behind, ticket_no: str, *, who: Principal, at: datetime) -> Shown:
    """Raises the problem `unknown_complaint`, and LedgerUnavailable."""
    ticket = await known_ticket(behind, ticket_no)
    c = await queries.complaint(behind.engine, ticket_no)
    names = Names(behind.files)
    recorded = await events.timeline(behind.engine, ticket_no)
    happened = tuple(each.event for each in recorded)
    written = await notes.of_ticket(behind.engine, ticket_no)
    texts = {note.note_id: masking.told(note.text, ticket) for note in written}
    concerned = is_concerned(c, who.actor)
    gone = await personal.standing(behind.engine, ticket_no)
    return Shown(
        ticket_no=ticket_no,
        ticket=ticket_view(ticket),
        **await _belonging(behind, ticket_no, who=who),
        gone=gone,
        car=f"{ticket.vehicle.brand} {ticket.vehicle.model}".strip(),
        c=c,
        files=await files_of(behind, ticket, happened),
        may_see_files=concerned and not gone and who.may(Permission.SEE_FILES),
        may_see_personal=concerned and not gone and who.may(Permission.SEE_PERSONAL),
        happenings=happenings(recorded, names, texts, await told_of(behind, ticket_no, names, at=at)),
        claims=claim_rows(c, happened, texts) if c else (),
        replies=lines(happened, names, texts),
        letters=letters(await notices.of_ticket(behind.engine, ticket_no), ticket),
        added=added(written, happened, texts),
        link=await link_of(behind, ticket_no, c, at=at) if concerned and who.may(Permission.CUSTOMER_LINKS) else None,
        may_export=who.may(Permission.EXPORT),
        acknowledgers=_acknowledgers(happened),
        **_timed(c, happened, names, behind.red_lines, at=at),
    )


async def _belonging(behind: Behind, ticket_no: str, *, who: Principal) -> dict[str, Any]:
    held = await seatings.of_tickets(behind.engine, [ticket_no])
    return {
        "kin": await relatives(behind, ticket_no, who=who),
        "alike": await alike(behind, ticket_no, who=who),
        "red_line": await seen_of(behind, ticket_no, who=who),
        "seat": called(behind.roster, held[ticket_no].seat) if held else None,
    }


def _acknowledgers(happened: tuple[Event, ...]) -> dict[str, Actor]:
    return {each.level: each.actor for each in happened if isinstance(each, EscalationAcknowledged) and each.actor}


def _timed(
    c: Complaint | None, happened: tuple[Event, ...], names: Names, words: RedLines, *, at: datetime
) -> dict[str, Any]:
    if c is None:
        return {"clocks": None, "risk": None, "next_word": None, "bars": (), "hops": (), "customs": ()}
    clocks = clocks_view(c, at=at, names=names)
    matter = partial(matter_named, words=words, names=names)
    drawn = bars(clocks, since=c.ticket.created_at, until=c.closed_at or max(at, c.ticket.created_at))
    used = {piece.custody for bar in drawn for piece in bar.pieces}
    return {
        "clocks": clocks,
        "next_word": next_word(c, at=at),
        "risk": story(c, at=at, zone=names.zone, matter=matter) if c.closed_at is None else None,
        "bars": drawn,
        "hops": hop_rows(c, happened, at=at),
        "customs": tuple(custody for custody in Custody if custody in used),
    }


def carried(filled: Filled | None, acts: Sequence[Act]) -> Filled | None:
    """What cannot be handed on any more can be contested, with the same reason and proof: nothing typed is lost."""
    kinds = {act.kind for act in acts}
    if filled and filled.kind == "transfer" and "transfer" not in kinds and "contest" in kinds:
        return filled._replace(kind="contest", asked="transfer")
    return filled


def offered(c: Complaint | None, who: Principal, *, at: datetime) -> dict[str, Any]:
    """What the acts' part of the page needs: who may do what, and what the forms let one choose from."""
    every: tuple[Act, ...] = acts(c, who.actor, at=at) if c and who.may(Permission.ACT) else ()
    return {
        "acts": tuple(act for act in every if act.why_not is None),
        "absent": tuple(act for act in every if act.why_not is not None),
        "targets": {act.kind: targets(c, act.kind) for act in every if act.why_not is None} if c else {},
        "prime": PRIME.get(c.stage, "") if c else "",
        "levels": levels(c, who.actor) if c else (),
        "owners": c.policy.matrix.owners if c else {},
        "choices": CHOICES,
        "factors": FACTORS,
        "evidence_kinds": tuple(EvidenceKind),
    }
