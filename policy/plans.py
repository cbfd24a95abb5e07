"""plans.toml: versions of the service plans, and what must hold of them."""

from collections.abc import Iterator
from datetime import date

from pydantic import ConfigDict, Field

from domain.case import CaseKind
from domain.plans import ServicePlan, ServicePlans, VerifyBy
from domain.ticket import Tier
from policy.faults import Fault
from policy.sheets import Sheet
from policy.tables import Some, Strict
from policy.versions import version_faults


class PlanEntry(ServicePlan):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PlansVersion(ServicePlans):
    """In force from the first moment of its day until the next one's."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    id: str = Field(pattern=r"^[A-Za-z0-9._-]{1,32}$")
    from_: date = Field(alias="from")
    plans: tuple[PlanEntry, ...] = Field(alias="plan")

    @property
    def plans_in_force(self) -> ServicePlans:
        return ServicePlans.model_validate(self.model_dump(exclude={"id", "from_"}))


class PlansTable(Strict):
    version: Some[PlansVersion]


def plan_faults(sheet: Sheet[PlansTable]) -> Iterator[Fault]:
    yield from version_faults(sheet, sheet.table.version)
    for index, version in enumerate(sheet.table.version):
        for number, plan in enumerate(version.plans):
            path = ("version", index, "plan", number)
            if any(plan.id == other.id for other in version.plans[:number]):
                yield sheet.fault((*path, "id"), f"Two plans are called {plan.id}; give each its own id.")
            if not plan.says():
                yield sheet.fault(path, f"Plan {plan.id} settles nothing; say what it changes or take it out.")
            elif _never_counts(version, number):
                yield sheet.fault(path, f"Plan {plan.id} never counts: plans before it settle all it says; move it up.")
            if plan.verify_by is VerifyBy.CALL and "call" not in plan.lengths:
                yield sheet.fault(path, f"Plan {plan.id} verifies by a call; say within what: `lengths.call`.")


def _never_counts(version: ServicePlans, number: int) -> bool:
    """Whether for every complaint that it fits, plans before it settle everything that it says."""
    mine = version.plans[number]
    return not any(
        settled.plan == mine.id
        for tier in Tier
        for kind in CaseKind
        if mine.fits(tier, kind)
        for settled in version.settled(tier, kind)
    )
