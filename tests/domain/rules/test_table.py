"""Every command at every stage and in every voice: the whole table, written down a second time by hand."""

import pytest

from domain import commands as cmd
from domain.commands import Actor, Role
from domain.complaint import Stage
from domain.rules.table import RULES
from tests.builders import ARBITER, CUSTOMER, CX, LEADERSHIP, OPS, T0, of
from tests.domain.scenes import BODY, CHASSIS, COMMANDS, CX_ARBITER, ENGINE, SERVICE, VALID, ask, at_stage, code

CRM = Actor(role=Role.INTEGRATION, id="crm")
EVERYONE = {
    "engine": ENGINE,
    "engine's manager": of("engine", Role.MANAGER),
    "engine posing as customer": of("engine", Role.CUSTOMER),
    "engine posing as cx": of("engine", Role.CX),
    "chassis": CHASSIS,
    "body": BODY,
    "cx": CX,
    "cx without a desk": Actor(role=Role.CX, id="cx-2"),
    "arbiter": ARBITER,
    "arbiter of cx": CX_ARBITER,
    "quality's responder": of("quality"),
    "service": SERVICE,
    "customer": CUSTOMER,
    "crm": CRM,
    "leadership": LEADERSHIP,
    "ops": OPS,
    "dealer": Actor(role=Role.DEALER, id="d-1"),
    "nobody": Actor(role=Role.RESPONDER),
    "the triage desk by name": Actor(role=Role.RESPONDER, department="cx-triage"),
    "the arbiter by name": Actor(role=Role.ARBITER, department="arbiter"),
}
T, D, W, A, V = Stage.TRIAGE, Stage.DISPATCHED, Stage.IN_WORK, Stage.ARBITRATION, Stage.VERIFICATION

STAGES: dict[type, set[Stage]] = {
    cmd.Accept: {D, W},
    cmd.Transfer: {D, W},
    cmd.Contest: {D, W},
    cmd.Arbitrate: {A},
    cmd.RequestSupport: {D, W},
    cmd.PostProgress: {T, D, W, A, V},
    cmd.Claim: {D, W},
    cmd.CustomerReply: {T, D, W, A, V},
    cmd.RecordVerificationCall: {V},
    cmd.CloseUnreachable: {V},
    cmd.Escalate: {T, D, W, A, V},
    cmd.Acknowledge: {T, D, W, A, V},
    cmd.Reclassify: {T, D, W, V},
    cmd.ReportFacts: {T, D, W, A, V},
    cmd.Propose: {T, D, W, V},
    cmd.DecideProposal: {T, D, W, A, V},
    cmd.RecordDemand: {T, D, W, A, V},
    cmd.DecideDemand: {T, D, W, A, V},
    cmd.Withdraw: {T, D, W, A, V},
    cmd.MergeInto: {T, D, W, A, V},
    cmd.AdoptPolicy: {T, D, W, A, V},
}


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("kind", COMMANDS)
def test_a_command_comes_only_at_its_stages(kind: type, stage: Stage) -> None:
    played = at_stage(stage)
    is_asked_too_early = code(ask(played, kind)) == "not_at_this_stage"
    if stage is Stage.CLOSED:
        assert code(ask(played, kind)) == "closed"
        assert played.kinds()[-1] == "command_refused"
    else:
        assert is_asked_too_early is (stage not in STAGES[kind])


def test_the_table_knows_every_command() -> None:
    assert set(RULES) == set(COMMANDS) == set(STAGES) == set(VALID)


OWNERS = {"engine", "engine's manager"}  # nobody in a customer's or CX's role speaks for a department
CXS = {"cx", "cx without a desk"}
VOICES = [
    (cmd.Accept, D, OWNERS, "whose turn it is"),
    (cmd.Transfer, D, OWNERS, "whose turn it is"),
    (cmd.Contest, D, OWNERS, "whose turn it is"),
    (cmd.RequestSupport, W, OWNERS, "whose turn it is"),
    (cmd.Claim, W, OWNERS, "whose turn it is"),
    (cmd.Arbitrate, A, {"arbiter"}, "the arbiter of this dispute, not just anybody of quality"),
    (cmd.PostProgress, W, OWNERS | CXS, "those who work on it, and CX, who speak with the customer"),
    (cmd.PostProgress, T, CXS | {"arbiter of cx"}, "the desk it lies on"),
    (cmd.CustomerReply, V, {"customer", "crm"}, "the customer's own word, or the system that carries it"),
    (cmd.RecordVerificationCall, V, CXS, "CX, never the claimant"),
    (cmd.Escalate, W, OWNERS | CXS, "those who find that it cannot be coordinated"),
    (cmd.Reclassify, W, CXS, "classification is CX's"),
    (cmd.ReportFacts, W, OWNERS | CXS | {"crm"}, "those who work on it, and systems that know of repairs and costs"),
    (cmd.Propose, W, CXS, "CX asks for a second person"),
    (cmd.RecordDemand, W, OWNERS | CXS | {"customer", "crm"}, "whoever hears it from the customer, to write it down"),
    (cmd.Withdraw, V, CXS | {"customer", "crm"}, "the customer, or CX on the customer's behalf"),
    (cmd.MergeInto, V, CXS | {"crm"}, "CX or the system that found the duplicate"),
    (cmd.AdoptPolicy, W, {"ops", "leadership", "crm"}, "those who look after the rules"),
]


@pytest.mark.parametrize(("kind", "stage", "may", "reason"), VOICES)
def test_only_those_whose_word_counts(kind: type, stage: Stage, may: set[str], reason: str) -> None:
    heard = {name for name, actor in EVERYONE.items() if code(ask(at_stage(stage), kind, by=actor)) == ""}
    assert heard == may, reason


@pytest.mark.parametrize("kind", COMMANDS)
def test_whatever_is_refused_changes_nothing_but_the_count(kind: type) -> None:
    played = at_stage(Stage.IN_WORK)
    before = played.complaint
    ask(played, kind, by=EVERYONE["nobody"])
    after = played.complaint
    assert played.kinds()[-1] == "command_refused"
    assert after.refusals == before.refusals + 1
    unchanged = before.but(seq=after.seq, settled_at=after.settled_at, seen=after.seen, refusals=after.refusals)
    assert after == unchanged.but(transfers_refused=int(kind is cmd.Transfer))


def test_a_refusal_says_which_rule_and_counts() -> None:
    played = at_stage(Stage.DISPATCHED)
    for _ in range(2):
        ask(played, cmd.Transfer, evidence=(), at=T0)
    assert [(event.command, event.code) for event in played.all("command_refused")] == [
        ("transfer", "evidence_missing")
    ] * 2
    assert (played.complaint.transfers_refused, played.complaint.owner) == (2, "engine")
