"""What the core would refuse whatever was said: each act is tried on the complaint as it stands."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.commands import NOTE_ID, Acknowledge, Actor, CallOutcome, DecideDemand, DecideProposal, Propose, RootCause
from domain.complaint import Complaint
from domain.core import take
from domain.demands import DemandDecision, LegalTerms, Remedy
from domain.explanations import Sentence
from domain.motions import Motion
from domain.policy import EscalationLevel
from domain.refusals import Refusal
from domain.wording import refusal as in_words
from starter.api.bodies import COMMANDS

# Refusals of what would be said, not of the asking.
_OF_WHAT_IS_SAID = frozenset(
    {
        Refusal.EVIDENCE_MISSING,
        Refusal.MANAGER_NEEDED,
        Refusal.REASON_MISSING,
        Refusal.UNKNOWN_DEPARTMENT,
        Refusal.ALREADY_THEIRS,
        Refusal.UNKNOWN_TAG,
        Refusal.NOTHING_CHANGES,
        Refusal.CANNOT_MERGE_INTO_ITSELF,
    }
)
_EVER = ("1900-01-02T00:00:00Z", "8999-01-01T00:00:00Z")
_TRIED_WITH: dict[str, object] = {
    "remedy": Remedy.REPLACEMENT,
    "terms": LegalTerms.model_validate({"law": "?", "since": _EVER[0], "reply_by": _EVER[1], "complete_by": _EVER[1]}),
    "to": "?",
    "department": "?",
    "owner": "?",
    "note_id": NOTE_ID.strip("^$").replace("[0-9a-f]{32}", "0" * 32),
    "root_cause": RootCause.NO_FAULT_FOUND,
    "outcome": CallOutcome.UNREACHED,
    "level": EscalationLevel.STATION,
    "ticket_no": "?",
}


def why_not(c: Complaint, kind: str, actor: Actor, *, at: datetime) -> Sentence | None:
    codes = [_tried(c, kind, actor, at=at, **said) for said in _ways(c, kind)]
    code = codes[0] if all(codes) else ""
    return Sentence(zh=in_words(code, "zh"), en=in_words(code, "en")) if code else None


def _ways(c: Complaint, kind: str) -> Sequence[Mapping[str, object]]:
    """Of one of several things, as an acknowledgement is of a level: any that would do will do."""
    if COMMANDS[kind] is Propose:
        return [{"motion": motion} for motion in Motion]
    if COMMANDS[kind] is DecideDemand:
        return [{"decision": decision} for decision in DemandDecision]
    if COMMANDS[kind] is DecideProposal:
        return [{"agrees": True}, {"agrees": False}]
    if COMMANDS[kind] is Acknowledge:
        return [{"level": raised.level} for raised in reversed(c.escalations)] or [{}]
    return [{}]


def _tried(c: Complaint, kind: str, actor: Actor, *, at: datetime, **said: object) -> str:
    """The code of the refusal, "" when there is none. The core is pure: nothing has happened."""
    needed = {name for name, field in COMMANDS[kind].model_fields.items() if field.is_required()}
    values = {name: _TRIED_WITH[name] for name in needed & _TRIED_WITH.keys()}
    # No door lets an id with a space through, so it is nobody's.
    tried = COMMANDS[kind].model_construct(
        **{**values, **said, "command_id": " tried", "received_at": at, "actor": actor}  # type: ignore[arg-type]
    )
    receipt = take(c, tried, now=at).receipt  # type: ignore[arg-type]
    code = receipt.code if receipt else ""
    return "" if code in _OF_WHAT_IS_SAID else code
