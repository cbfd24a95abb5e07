"""What would become of an open complaint under other rules, before anybody adopts them."""

from datetime import datetime

from domain.clocks import governing
from domain.complaint import Complaint, Stage
from domain.lights import Light
from domain.policy import Policy, Value


class Adoption(Value):
    """One complaint as it stands and as it would stand. `refused` says that it could not adopt the policy."""

    ticket_no: str
    department: str
    due_at: datetime | None
    due_at_then: datetime | None
    light: Light
    light_then: Light
    is_provisional: bool
    is_provisional_then: bool
    refused: bool = False

    @property
    def changes(self) -> bool:
        """Whether people would see another due instant or another light, or one that is no longer provisional."""
        before = (self.due_at, self.light, self.is_provisional)
        return before != (self.due_at_then, self.light_then, self.is_provisional_then)


def adoption(c: Complaint, policy: Policy, *, at: datetime) -> Adoption | None:
    """What adopting `policy` at `at` would change; None when it is closed or lives under that version already."""
    if c.stage is Stage.CLOSED or c.policy.version == policy.version:
        return None
    now, then = governing(c), governing(c.but(policy=policy))
    return Adoption(
        ticket_no=c.ticket.ticket_no,
        department=c.desk,
        due_at=now.due_at if now else None,
        due_at_then=then.due_at if then else None,
        light=now.light(at=at) if now else Light.GREEN,
        light_then=then.light(at=at) if then else Light.GREEN,
        is_provisional=bool(now and now.is_provisional),
        is_provisional_then=bool(then and then.is_provisional),
        refused=c.hop is not None and c.hop.department not in policy.matrix.departments(),
    )
