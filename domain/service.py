"""How one complaint is served: the rules' lengths of time, as far as its service plan does not say otherwise."""

from typing import NamedTuple, TypeVar

from domain.case import CaseKind
from domain.complaint import Complaint
from domain.once import once
from domain.plans import ComplaintGrade, ServicePlans, VerifyBy
from domain.policy import Clocks, Verification
from domain.ticket import Tier

Rules = TypeVar("Rules", Clocks, Verification)


class Service(NamedTuple):
    """`plans` are those that settled something, weightiest first; "" is a wording that nobody chose."""

    clocks: Clocks
    verification: Verification
    plans: tuple[str, ...] = ()
    has_expert: bool = False
    wording: str = ""


def service(c: Complaint) -> Service:
    """What it is served by. Plans are chosen by the ticket's tier and what the case was when first handed on."""
    rules = c.policy
    return _planned(rules.plans, rules.clocks, rules.verification, c.ticket.tier, c.served_as)


def grade(c: Complaint) -> ComplaintGrade:
    """How it is managed: by its risk, unless two people agreed that no reasoning helps. It moves no clock."""
    plans = c.policy.plans
    return plans.grade(c.risk_level, is_irrational=c.is_irrational) if plans else ComplaintGrade.GENERAL


def has_expert(c: Complaint) -> bool:
    """Whether it is one for an expert seat of CX: by its plan, or for its grade."""
    plans = c.policy.plans
    return plans is not None and (service(c).has_expert or plans.calls_an_expert(grade(c)))


@once
def _planned(
    plans: ServicePlans | None, clocks: Clocks, verification: Verification, tier: Tier, kind: CaseKind
) -> Service:
    settled = tuple(plans.settled(tier, kind)) if plans else ()
    said = {each.name: each.value for each in settled}
    by_call = {"reminders": ()} if said.get("verify_by") is VerifyBy.CALL else {}
    return Service(
        clocks=_over(clocks, said),
        verification=_over(verification, {**said, **by_call}),
        plans=tuple(dict.fromkeys(each.plan for each in settled)),
        has_expert=bool(said.get("has_expert")),
        wording=str(said.get("wording", "")),
    )


def _over(rules: Rules, said: dict[str, object]) -> Rules:
    own = {name: value for name, value in said.items() if name in type(rules).model_fields}
    return rules.model_copy(update=own) if own else rules
