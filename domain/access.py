"""Who may come through the doors, and whose personal data they may see there.

What somebody may do to a complaint is decided by `domain.rules`; a door only says truly who asks.
"""

from collections.abc import Mapping
from enum import StrEnum

from domain.commands import Actor, Role
from domain.complaint import Complaint
from domain.policy import Value


class Permission(StrEnum):
    READ = "read"  # complaints, boards and notices, personal data masked
    ACT = "act"  # send commands; whether one is taken is the rules' to say
    OPEN_TICKETS = "open_tickets"
    SEE_PERSONAL = "see_personal"  # name, phone, VIN, plate and own words, of complaints that concern them
    SEE_FILES = "see_files"  # evidence and customers' files, of complaints that concern them
    CUSTOMER_LINKS = "customer_links"  # end a customer's link to their page, and issue another
    EXPORT = "export"
    MANAGE_KEYS = "manage_keys"
    MANAGE_WEBHOOKS = "manage_webhooks"
    READ_DISCLOSURES = "read_disclosures"  # who saw whose personal data
    DRILL = "drill"  # have the red line's decision-makers called as an exercise
    CODEC = "codec"  # have payloads opened that are sealed in Temporal: facts and references, no personal data
    ON_BEHALF = "on_behalf"  # speak for others, and be believed: systems alone


DEPARTMENTAL = frozenset({Role.RESPONDER, Role.MANAGER, Role.DIRECTOR, Role.VP, Role.ARBITER})
EMPLOYED = tuple(role for role in Role if role not in (Role.CUSTOMER, Role.INTEGRATION))

# Their work is with every customer, whoever owns the complaint.
_CONCERNED_WITH_ALL = frozenset({Role.CX, Role.COORDINATOR})


class Access(Value):
    """Which role may do what. A role that is not named may do nothing."""

    roles: Mapping[Role, frozenset[Permission]]

    def of(self, role: Role) -> frozenset[Permission]:
        return self.roles.get(role, frozenset())


def is_concerned_with_all(actor: Actor) -> bool:
    """Whether every complaint is theirs to know more of."""
    return actor.role in _CONCERNED_WITH_ALL or (actor.role is Role.INTEGRATION and not actor.department)


def is_concerned(c: Complaint | None, actor: Actor) -> bool:
    """Whether the complaint is theirs to know more of than the board shows. None is one that has not begun.

    CX, the service coordinator and a system of no department: always. Others: when their department has it or supports
    it, or when they are the arbiter of its dispute.
    """
    if is_concerned_with_all(actor):
        return True
    if c is None or not actor.department:
        return False
    if c.dispute and actor.role is Role.ARBITER and actor.department == c.dispute.arbiter:
        return True
    return c.hop is not None and actor.department in (c.hop.department, *c.hop.supporters)
