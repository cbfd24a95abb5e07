"""The forms of a complaint's acts: made of the commands' own fields, offered as the rules have it, read as people send.

One small table says how each field is asked for. A command with a field that the table does not know cannot be imported
past it, so a new command gets its form or somebody notices.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData

from domain.case import CaseKind, LifeCycle, ThirdParty, Voice
from domain.commands import (
    Actor,
    CallOutcome,
    Evidence,
    EvidenceKind,
    Ratings,
    RootCause,
)
from domain.complaint import Complaint, Stage
from domain.demands import DemandDecision, Remedy
from domain.explanations import Sentence
from domain.money import fen_of
from domain.motions import Motion
from domain.policy import EscalationLevel
from domain.rules.response import needs_arbitration
from domain.rules.voices import is_addressed
from starter.api.bodies import COMMANDS, body_of
from starter.web.trying import why_not

# The customer answers on a page of their own, and rules are adopted from the command line, complaint by complaint.
ELSEWHERE = frozenset({"customer_reply", "adopt_policy"})
MOST_EVIDENCE = 20

# In the order in which a form asks.
_WIDGETS = {
    "to": "department",
    "department": "department",
    "owner": "department",
    "clause": "clause",
    "level": "level",
    "outcome": "choice",
    "tags": "tags",
    "risk_level": "risk",
    "is_complex": "complexity",
    "case_kind": "choice",
    "third_party": "choice",
    "standing": "choice",
    "period": "choice",
    "cost_fen": "yuan",
    "ticket_no": "number",
    "motion": "choice",
    "agrees": "choice",
    "remedy": "choice",
    "demanded_on": "day",
    "decision": "choice",
    "note": "text",
    "root_cause": "choice",
    "ratings": "ratings",
    "evidence": "evidence",
}
CHOICES: Mapping[str, tuple[str, ...]] = {
    "root_cause": tuple(RootCause),
    "motion": tuple(Motion),
    "agrees": ("true", "false"),
    "remedy": tuple(Remedy),
    "decision": tuple(DemandDecision),
    "outcome": tuple(CallOutcome),
    "case_kind": tuple(CaseKind),
    "third_party": tuple(ThirdParty),
    "standing": tuple(Voice),
    "period": tuple(LifeCycle),
}
FACTORS = tuple(Ratings.model_fields)
# A form asks for what makes a case, where the command itself could come without.
_ASKED_FOR = frozenset(
    {
        ("transfer", "note"),
        ("transfer", "clause"),
        ("transfer", "evidence"),
        ("contest", "note"),
        ("contest", "evidence"),
        ("propose", "evidence"),
    }
)
# What a stage mostly waits for.
PRIME: Mapping[Stage, str] = {
    Stage.TRIAGE: "reclassify",
    Stage.IN_WORK: "claim",
    Stage.ARBITRATION: "arbitrate",
    Stage.VERIFICATION: "record_verification_call",
}
# A button alone is enough where there is nothing to say.
_PLAIN = frozenset({"accept"})


class Field(NamedTuple):
    """`widget` is a macro of complaint_fields.html."""

    name: str
    widget: str
    is_required: bool


class Act(NamedTuple):
    """What this actor may ask now; with `why_not` what they may not, and the rule that says so."""

    kind: str
    fields: tuple[Field, ...]
    why_not: Sentence | None = None

    @property
    def is_plain(self) -> bool:
        return self.kind in _PLAIN


class Target(NamedTuple):
    """A department to choose, and the tags it owns. `goes_to_arbiter`: it can only get it by a ruling."""

    department: str
    tags: tuple[str, ...]
    goes_to_arbiter: bool = False


class Attached(NamedTuple):
    """A file that was uploaded for the form."""

    kind: EvidenceKind
    sha256: str
    file_name: str = ""
    size: int = 0


class Misfilled(ValueError):  # noqa: N818  It is the form's, and becomes an answer.
    """`faults` says by field what is wrong with it: "missing" or "wrong"."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = faults
        super().__init__(", ".join(faults))


def _fields_of(kind: str) -> tuple[Field, ...]:
    """Raises ValueError for a field that nobody has said how to ask for."""
    asked = {name: field for name, field in body_of(kind).model_fields.items() if name != "actor"}
    return tuple(
        Field(name, _WIDGETS[name], asked[name].is_required() or (kind, name) in _ASKED_FOR)
        for name in sorted(asked, key=list(_WIDGETS).index)
    )


FORMS = {kind: _fields_of(kind) for kind in COMMANDS if kind not in ELSEWHERE}


def acts(c: Complaint, actor: Actor, *, at: datetime) -> tuple[Act, ...]:
    """Every form's command, tried on the complaint as it stands: what the core would refuse whatever was said."""
    return tuple(Act(kind, fields, why_not(c, kind, actor, at=at)) for kind, fields in FORMS.items())


def targets(c: Complaint, kind: str) -> tuple[Target, ...]:
    """The departments that may be named in this form: whose tags the complaint bears first, who has it already not."""
    matrix, likely = c.policy.matrix, _likely(c, kind)
    named = [*(each for each in likely if each in matrix.departments()), *matrix.departments()]
    taken = _taken(c, kind)
    return tuple(
        Target(each, matrix.owners[each], kind == "transfer" and needs_arbitration(c, each) is not None)
        for each in dict.fromkeys(named)
        if each not in taken
    )


def _likely(c: Complaint, kind: str) -> list[str]:
    matrix = c.policy.matrix
    owners = [matrix.owner_of(tag) or "" for tag in c.tags]
    helpers = [helper for tag in c.tags for helper in matrix.supporters.get(tag, ())]
    proposed = [c.dispute.proposed, c.hop.department] if kind == "arbitrate" and c.dispute and c.hop else []
    return [*proposed, *owners, *helpers]


def _taken(c: Complaint, kind: str) -> tuple[str, ...]:
    if c.hop is None or kind == "arbitrate":
        return ()
    return (c.hop.department, *c.hop.supporters) if kind == "request_support" else (c.hop.department,)


def levels(c: Complaint, actor: Actor) -> tuple[EscalationLevel, ...]:
    """The escalations that wait for this actor's acknowledgement."""
    waiting = (raised for raised in c.escalations if not raised.acknowledged_at)
    return tuple(raised.level for raised in waiting if is_addressed(raised.to, actor))


def body_from(kind: str, form: FormData, attached: Iterable[Attached]) -> BaseModel:
    """The command's body as its route takes it. Raises Misfilled."""
    said: dict[str, Any] = {}
    for field in FORMS[kind]:
        value = _read(field, form, attached)
        if value:
            said[field.name] = value
    missing = {field.name: "missing" for field in FORMS[kind] if field.is_required and field.name not in said}
    if missing:
        raise Misfilled(missing)
    try:
        return body_of(kind).model_validate(said)
    except ValidationError as error:
        raise Misfilled({str(fault["loc"][0]): "wrong" for fault in error.errors() if fault["loc"]}) from None


def _read(field: Field, form: FormData, attached: Iterable[Attached]) -> Any:
    match field.widget:
        case "evidence":
            return [Evidence(kind=each.kind, sha256=each.sha256).model_dump(mode="json") for each in attached]
        case "tags":
            return [str(tag) for tag in form.getlist(field.name) if tag]
        case "ratings":
            given = {factor: _text(form, f"ratings.{factor}") for factor in FACTORS}
            return {factor: value for factor, value in given.items() if value}
        case "yuan":
            return _fen(_text(form, field.name))
        case _:
            return _text(form, field.name)


def _fen(yuan: str) -> str:
    """What is no amount of money stays as it is, for the body to refuse."""
    fen = fen_of(yuan)
    return yuan if fen is None else str(fen)


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    # A browser sends line ends as CR LF; a NUL is kept by no database.
    return value.replace("\r\n", "\n").replace("\x00", "").strip() if isinstance(value, str) else ""
