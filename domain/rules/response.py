"""Accept or prove: what a department may answer to a dispatch, and how a dispute over ownership is settled."""

from domain import events as e
from domain.clocks import response_clock
from domain.commands import Accept, Arbitrate, Contest, Transfer
from domain.complaint import Complaint
from domain.deadlines import breach
from domain.hops import Hop, Response
from domain.refusals import Refusal
from domain.turns import Turn


def accept(turn: Turn, _command: Accept) -> Refusal | None:
    if turn.complaint.hops[-1].responded_at:
        return Refusal.ALREADY_ACCEPTED
    turn.record(e.Accepted)
    return None


def answer_first(turn: Turn) -> None:
    """Whoever starts work without a word has accepted."""
    if not turn.complaint.hops[-1].responded_at:
        turn.record(e.Accepted)


def transfer(turn: Turn, command: Transfer) -> Refusal | None:
    """To the named department; before the arbiter when it would be sent back, or would be one hop too many."""
    c = turn.complaint
    refusal = _transfer_refusal(c, command)
    if refusal:
        return refusal
    why = needs_arbitration(c, command.to)
    if why:
        turn.record(
            e.ArbitrationOpened,
            why=why,
            arbiter=_arbiter(c, command.to),
            proposed=command.to,
            evidence=command.evidence,
            note_id=command.note_id,
        )
        return None
    turn.record(
        e.Transferred,
        to=command.to,
        evidence=command.evidence,
        note_id=command.note_id,
        clause=command.clause,
    )
    dispatch(turn, command.to, origin=e.Origin.TRANSFER)
    return None


def needs_arbitration(c: Complaint, to: str) -> e.DisputeCause | None:
    """Why `to` cannot simply be the next hop; None when it can."""
    turns = [hop for hop in c.hops if not hop.is_void]
    if any(hop.department == to for hop in turns):
        return e.DisputeCause.SENT_BACK
    return e.DisputeCause.HOP_LIMIT if len(turns) >= c.policy.hop_limit else None


def contest(turn: Turn, command: Contest) -> Refusal | None:
    """Before the arbiter: it is not ours. One contest a hop; a ruling ends the matter."""
    c = turn.complaint
    if c.hops[-1].response is Response.RULED:
        return Refusal.RULING_IS_FINAL
    missing = _missing_proof(command)
    if missing:
        return missing
    turn.record(
        e.ArbitrationOpened,
        why=e.DisputeCause.CONTESTED,
        arbiter=_arbiter(c),
        evidence=command.evidence,
        note_id=command.note_id,
    )
    return None


def arbitrate(turn: Turn, command: Arbitrate) -> Refusal | None:
    """Finally. A department that held it before takes its own hop up again, as if it had never stopped."""
    c = turn.complaint
    if command.owner not in c.policy.matrix.departments():
        return Refusal.UNKNOWN_DEPARTMENT
    held = next((hop for hop in reversed(c.hops) if hop.department == command.owner and not hop.is_void), None)
    turn.record(e.Ruled, owner=command.owner, reopened_hop=held.number if held else 0, note_id=command.note_id or "")
    if held is None:
        dispatch(turn, command.owner, origin=e.Origin.RULING)
    elif held.handed_to:
        _unstop_response(turn, held)
    return None


def _unstop_response(turn: Turn, hop: Hop) -> None:
    """A refuted transfer was no answer: the response clock ran on until the ruling."""
    clock = response_clock(turn.complaint, hop)
    if clock.due_at <= turn.at and not turn.complaint.has_breached(clock.key):
        breach(turn, clock)


def dispatch(turn: Turn, department: str, *, origin: e.Origin) -> None:
    """A department's turn begins. Who supports it follows from the tags when it is the matrix's own lead."""
    c = turn.complaint
    ruling = c.policy.matrix.rule(c.tags)
    is_lead = ruling is not None and ruling.lead == department
    turn.record(
        e.Dispatched,
        hop=len(c.hops) + 1,
        department=department,
        origin=origin,
        supporters=ruling.supporters if ruling and is_lead else (),
        is_grey=bool(ruling and is_lead and ruling.is_grey),
    )


def _transfer_refusal(c: Complaint, command: Transfer) -> Refusal | None:
    hop = c.hops[-1]
    if hop.is_grey:
        return Refusal.GREY_LEAD_KEEPS_IT
    if hop.is_accepted:
        return Refusal.ONLY_ARBITRATION_MOVES_IT
    missing = _missing_proof(command)
    if missing:
        return missing
    if command.to not in c.policy.matrix.departments():
        return Refusal.UNKNOWN_DEPARTMENT
    return Refusal.ALREADY_THEIRS if command.to == hop.department else None


def _missing_proof(command: Transfer | Contest) -> Refusal | None:
    if not command.evidence:
        return Refusal.EVIDENCE_MISSING
    return None if command.note_id else Refusal.REASON_MISSING


def _arbiter(c: Complaint, proposed: str = "") -> str:
    """Nobody rules in their own cause: every department that has held it, or is to, is a party."""
    parties = {proposed, *(hop.department for hop in c.hops)}
    return c.policy.arbiter_when_party if c.policy.arbiter in parties else c.policy.arbiter


def open_by_reclassification(turn: Turn, lead: str, note_id: str) -> None:
    """CX says it is another's after it was accepted or held there before: only the arbiter moves it then."""
    turn.record(
        e.ArbitrationOpened,
        why=e.DisputeCause.RECLASSIFIED,
        arbiter=_arbiter(turn.complaint, lead),
        proposed=lead,
        note_id=note_id,
    )
