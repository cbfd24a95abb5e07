"""A complaint at each stage, and a valid command of each kind: where the tests of the rules begin."""

from typing import Any

from domain import commands as cmd
from domain.complaint import Stage
from domain.core import Outcome
from tests.builders import ARBITER, CUSTOMER, CX, DAY, HOUR, LEADERSHIP, NOTE, OPS, PHOTO, T0, Played, a_policy, of

COMMANDS: tuple[type, ...] = cmd.Command.__args__[0].__args__
PROOF: dict[str, Any] = {"evidence": (PHOTO,), "note_id": NOTE}
ENGINE, CHASSIS, BODY, QUALITY = of("engine"), of("chassis"), of("body"), of("quality")
CX_ARBITER = cmd.Actor(role=cmd.Role.ARBITER, department="cx", id="cx-9")
SERVICE = of("service", cmd.Role.COORDINATOR)

TERMS: dict[str, Any] = {
    "law": "cn+1",
    "since": T0.isoformat(),
    "reply_by": (T0 + 14 * DAY).isoformat(),
    "complete_by": (T0 + 28 * DAY).isoformat(),
}

# For each command: fields that make it valid, and somebody whose word counts for it.
VALID: dict[type, tuple[dict[str, Any], cmd.Actor]] = {
    cmd.Accept: ({}, ENGINE),
    cmd.Transfer: ({"to": "chassis", **PROOF}, ENGINE),
    cmd.Contest: (PROOF, ENGINE),
    cmd.Arbitrate: ({"owner": "body"}, ARBITER),
    cmd.RequestSupport: ({"department": "body"}, ENGINE),
    cmd.PostProgress: ({"note_id": NOTE}, CX),
    cmd.Claim: ({"note_id": NOTE, "root_cause": "design"}, ENGINE),
    cmd.CustomerReply: ({"answer": "confirm", "round": 1}, CUSTOMER),
    cmd.RecordVerificationCall: ({"outcome": "confirmed"}, CX),
    cmd.CloseUnreachable: ({}, CX),
    cmd.Escalate: ({}, CX),
    cmd.Acknowledge: ({"level": "service"}, SERVICE),
    cmd.Reclassify: ({"risk_level": 3}, CX),
    cmd.ReportFacts: ({"third_party": "forum"}, CX),
    cmd.Propose: ({"motion": "irrational", **PROOF}, CX),
    cmd.DecideProposal: ({"agrees": True}, LEADERSHIP),
    cmd.RecordDemand: ({"remedy": "refund", "terms": TERMS}, CUSTOMER),
    cmd.DecideDemand: ({"decision": "granted", **PROOF}, ENGINE),
    cmd.Withdraw: ({}, CUSTOMER),
    cmd.MergeInto: ({"ticket_no": "T-2"}, CX),
    cmd.AdoptPolicy: ({"policy": a_policy(version="test+2")}, OPS),
}


def at_stage(stage: Stage, *tags: str, **facts: Any) -> Played:
    """A complaint of engine's (or with the given tags) that has just reached `stage`; the hour is T0 plus one."""
    if stage is Stage.TRIAGE:
        return Played("nobody.knows", **facts)
    played = Played(*tags, **facts)
    owner = of(played.complaint.owner)
    if stage is Stage.IN_WORK:
        played.send(cmd.Accept, at=T0 + HOUR, by=owner)
    elif stage is Stage.ARBITRATION:
        played.send(cmd.Contest, at=T0 + HOUR, by=owner, **PROOF)
    elif stage is Stage.VERIFICATION:
        played.send(cmd.Claim, at=T0 + HOUR, by=owner, note_id=NOTE, root_cause="design")
    elif stage is Stage.CLOSED:
        played.send(cmd.Withdraw, at=T0 + HOUR, by=CUSTOMER)
    assert played.complaint.stage is stage
    return played


def ask(played: Played, kind: type, *, by: cmd.Actor | None = None, **changes: Any) -> Outcome:
    """Send a valid command of this kind, but for `changes`, one hour after the last event."""
    fields, voice = VALID[kind]
    at = changes.pop("at", played.complaint.settled_at + HOUR)
    return played.send(kind, at=at, by=by or voice, **{**fields, **changes})


def code(outcome: Outcome) -> str:
    """The refusal's code; "" when it was accepted."""
    assert outcome.receipt
    assert outcome.receipt.accepted is (outcome.receipt.code == "")
    return outcome.receipt.code


def transferred(*tags: str, by: cmd.Actor = ENGINE, to: str = "chassis", **facts: Any) -> Played:
    """Handed on with proof one hour after it was opened."""
    played = Played(*tags, **facts)
    assert code(played.send(cmd.Transfer, at=T0 + HOUR, by=by, to=to, **PROOF)) == ""
    return played
