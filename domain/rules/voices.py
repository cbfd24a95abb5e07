"""Whose word counts for what."""

from domain.commands import Actor, Role
from domain.complaint import Complaint
from domain.refusals import Refusal

# Who may speak for a department: its people, and a system that carries their word.
_DEPARTMENT_VOICES = frozenset(
    {Role.RESPONDER, Role.MANAGER, Role.DIRECTOR, Role.VP, Role.COORDINATOR, Role.DEALER, Role.INTEGRATION}
)


def speaks_for_its_department(actor: Actor) -> bool:
    """Whether this role's word is its department's; the arbiter's is not, though the arbiter sits in one."""
    return actor.role in _DEPARTMENT_VOICES


def owner(c: Complaint, actor: Actor) -> Refusal | None:
    """The department whose turn it is."""
    is_theirs = c.hop is not None and actor.department == c.hop.department == c.owner
    return None if is_theirs and speaks_for_its_department(actor) else Refusal.NOT_YOURS


def working_on_it(c: Complaint, actor: Actor) -> Refusal | None:
    """The owner, those who support it, and CX, who speak with the customer."""
    working = (c.desk, *(c.hop.supporters if c.hop else ()))
    is_theirs = actor.department in working and actor.role in (*_DEPARTMENT_VOICES, Role.ARBITER)
    return None if is_theirs or _is_cx(c, actor) else Refusal.NOT_YOURS


def arbiter(c: Complaint, actor: Actor) -> Refusal | None:
    """The arbiter of this dispute; CX's own people where CX stands in."""
    if c.dispute is None or actor.department != c.dispute.arbiter:
        return Refusal.NOT_YOURS
    return None if actor.role is Role.ARBITER or _is_cx(c, actor) else Refusal.NOT_YOURS


def cx(c: Complaint, actor: Actor) -> Refusal | None:
    """CX, and never anybody of a department that has a stake in the claim."""
    if not _is_cx(c, actor):
        return Refusal.NOT_YOURS
    return _without_stake(c, actor)


def customer(c: Complaint, actor: Actor) -> Refusal | None:
    """The customer, or a system that carries the customer's own word. Nobody of a department is either."""
    stake = _without_stake(c, actor)
    if stake:
        return stake
    speaks = actor.role in (Role.CUSTOMER, Role.INTEGRATION) and not actor.department
    return None if speaks else Refusal.NOT_YOURS


def customer_or_cx(c: Complaint, actor: Actor) -> Refusal | None:
    """The customer, or CX on the customer's behalf."""
    return _without_stake(c, actor) or (customer(c, actor) and cx(c, actor))


def cx_or_system(c: Complaint, actor: Actor) -> Refusal | None:
    is_system = actor.role is Role.INTEGRATION and not actor.department
    return None if is_system else cx(c, actor)


def working_on_it_or_system(c: Complaint, actor: Actor) -> Refusal | None:
    """Whoever may post news of it, and systems that know of repairs, costs or what is said in public."""
    is_system = actor.role is Role.INTEGRATION and not actor.department
    return None if is_system else working_on_it(c, actor)


def hears_the_customer(c: Complaint, actor: Actor) -> Refusal | None:
    """The customer, and whoever works on it or passes on what the customer says."""
    is_customer = actor.role is Role.CUSTOMER and not actor.department
    return None if is_customer else working_on_it_or_system(c, actor)


def owner_cx_or_escalated_to(c: Complaint, actor: Actor) -> Refusal | None:
    """Who may say that it cannot be coordinated: the owner, CX, and those it was already escalated to."""
    if any(is_addressed(raised.to, actor) for raised in c.escalations):
        return None
    return None if owner(c, actor) is None or _is_cx(c, actor) else Refusal.NOT_YOURS


def anyone(_c: Complaint, _actor: Actor) -> Refusal | None:
    """The rule itself looks at who asks."""
    return None


def second_person(c: Complaint, actor: Actor) -> Refusal | None:
    """Whoever stands above the work and has no stake in a claim: leadership, the arbiter, the service coordinator."""
    seconds = (Role.LEADERSHIP, Role.ARBITER, Role.COORDINATOR)
    return _without_stake(c, actor) if actor.role in seconds else Refusal.NOT_YOURS


def steward(_c: Complaint, actor: Actor) -> Refusal | None:
    """Those who look after the rules themselves."""
    stewards = (Role.OPS, Role.LEADERSHIP, Role.INTEGRATION)
    return None if actor.role in stewards and not actor.department else Refusal.NOT_YOURS


def is_addressed(to: str, actor: Actor) -> bool:
    """Whether an escalation to `to` is to this actor."""
    return actor.department == to or actor.role == to


def _is_cx(c: Complaint, actor: Actor) -> bool:
    return actor.role is Role.CX and actor.department in ("", c.policy.triage_desk)


def _without_stake(c: Complaint, actor: Actor) -> Refusal | None:
    """Whoever has claimed or supported a claim, now or before, may not end it."""
    at_stake = {department for claim in c.claims for department in (claim.department, *claim.supporters)}
    return Refusal.CLAIMANT_MAY_NOT_CLOSE if actor.department in at_stake else None
