"""Our own ledger as a history: what a complaint's events say of who had it, and what people had asked of it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from domain import commands as cmd
from domain import events as e
from ledger.database import LedgerUnavailable, connect, is_ready
from ledger.histories import histories
from starter.importing.rows import ImportFileError
from starter.simulating.cases import LogCase, LogEvent, Recorded, State

Asked = tuple[type[Any], dict[str, Any]]  # a command, and what it said


async def recorded_cases(source: str) -> tuple[LogCase, ...]:
    """Of a ledger, by its URL or the file of an embedded one. Raises ImportFileError; the URL is never repeated."""
    engine = connect(_url(source))
    try:
        return await _read(engine)
    except LedgerUnavailable as error:
        raise ImportFileError(f"The ledger cannot be read: {error}") from None
    finally:
        await engine.dispose()


def _url(source: str) -> str:
    if "://" in source:
        return source
    if not Path(source).is_file():
        raise ImportFileError("There is no such ledger; give its URL, or the file of an embedded one.")
    return f"sqlite+aiosqlite:///{Path(source).absolute()}"


async def _read(engine: AsyncEngine) -> tuple[LogCase, ...]:
    if not await is_ready(engine):
        raise ImportFileError(
            "The ledger does not answer, or is of another release; run `vocloop migrate` on it first."
        )
    return tuple([case_of(events) async for events in histories(engine)])


def case_of(events: Sequence[e.Event]) -> LogCase:
    """One complaint, from its opening on. Raises ValueError when the opening is missing."""
    opening = events[0]
    if not isinstance(opening, e.Opened):
        raise ValueError("a complaint's first event is its opening")
    ticket = opening.ticket
    recorded = Recorded(ticket, opening.noticed_at, tuple(commands_of(events)))
    return LogCase(ticket.ticket_no, tuple(_rows(events, ticket.ticket_no)), recorded)


def commands_of(events: Iterable[e.Event]) -> Iterator[cmd.Command]:
    """What was asked and not refused, in order. Of what was refused the ledger keeps the reason and not the words."""
    for (cause, actor), group in groupby(
        (each for each in events if each.actor), key=lambda each: (each.cause, each.actor)
    ):
        happened = list(group)
        asked = next((found for each in sorted(happened, key=_says_little) if (found := _asked(each))), None)
        if asked:
            command, said = asked
            yield command(command_id=cause, received_at=happened[0].at, actor=actor, **said)


def _says_little(event: e.Event) -> bool:
    """A silent owner's first act is an acceptance as well."""
    return isinstance(event, e.Accepted)


def _asked(event: e.Event) -> Asked | None:
    told = _ASKED.get(type(event))
    return told(event) if told else None


def _plain(command: type[Any], *names: str) -> Callable[[Any], Asked]:
    """The command whose fields the event has under the same names; a note that is none is left out."""
    return lambda event: (command, {name: value for name in names if (value := getattr(event, name)) != ""})


def _transferred(event: e.Transferred) -> Asked:
    said = {"to": event.to, "evidence": event.evidence, "note_id": event.note_id or None, "clause": event.clause}
    return cmd.Transfer, said


def _disputed(event: e.ArbitrationOpened) -> Asked | None:
    proof = {"evidence": event.evidence, "note_id": event.note_id or None}
    if event.why is e.DisputeCause.RECLASSIFIED:
        return None  # the classification says it
    return (cmd.Transfer, {"to": event.proposed, **proof}) if event.proposed else (cmd.Contest, proof)


def _replied(answer: cmd.Answer) -> Callable[[Any], Asked]:
    return lambda event: (cmd.CustomerReply, {"answer": answer, "round": event.round, "ratings": event.ratings})


def _closed(event: e.Closed) -> Asked | None:
    if event.how is e.Closing.MERGED:
        return cmd.MergeInto, {"ticket_no": event.merged_into}
    ends = {e.Closing.WITHDRAWN: cmd.Withdraw, e.Closing.UNREACHABLE: cmd.CloseUnreachable}
    command = ends.get(event.how)
    return (command, {}) if command else None


_ASKED: dict[type, Callable[[Any], Asked | None]] = {
    e.Accepted: _plain(cmd.Accept),
    e.Transferred: _transferred,
    e.ArbitrationOpened: _disputed,
    e.Ruled: _plain(cmd.Arbitrate, "owner", "note_id"),
    e.SupportRequested: _plain(cmd.RequestSupport, "department", "note_id"),
    e.ProgressPosted: _plain(cmd.PostProgress, "note_id"),
    e.Claimed: _plain(cmd.Claim, "note_id", "root_cause", "evidence"),
    e.CallRecorded: _plain(cmd.RecordVerificationCall, "outcome", "evidence", "note_id"),
    e.ClaimConfirmed: _replied(cmd.Answer.CONFIRM),
    e.ClaimRejected: _replied(cmd.Answer.REJECT),
    e.EscalationRaised: _plain(cmd.Escalate, "note_id"),
    e.EscalationAcknowledged: _plain(cmd.Acknowledge, "level"),
    e.Reclassified: _plain(cmd.Reclassify, "tags", "risk_level", "is_complex", "note_id"),
    e.FactsReported: lambda event: (cmd.ReportFacts, vars(event.case)),
    e.Proposed: _plain(cmd.Propose, "motion", "note_id", "evidence"),
    e.ProposalDecided: _plain(cmd.DecideProposal, "agrees", "note_id"),
    e.Closed: _closed,
}


def _rows(events: Iterable[e.Event], ticket_no: str) -> Iterator[LogEvent]:
    team = ""
    for event in events:
        if isinstance(event, e.Dispatched | e.Ruled):
            team = event.department if isinstance(event, e.Dispatched) else event.owner
        if state := _state(event):
            yield LogEvent(ticket_no, event.at, team, state)


def _state(event: e.Event) -> State | None:
    if isinstance(event, e.Closed):
        return State.WITHDRAWN if event.how is e.Closing.WITHDRAWN else State.CLOSED
    return _STATES.get(type(event))


_STATES: dict[type, State] = {
    e.Opened: State.QUEUED,
    e.SentToTriage: State.QUEUED,
    e.Dispatched: State.QUEUED,
    e.Accepted: State.WORKING,
    e.DeemedAccepted: State.WORKING,
    e.ArbitrationOpened: State.WAITING,
    e.Ruled: State.WORKING,
    e.Claimed: State.RESOLVED,
    e.ClaimRejected: State.WORKING,
}
