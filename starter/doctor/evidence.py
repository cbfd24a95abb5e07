"""Files of evidence that are not as they were handed in: the duty `evidence_verify` found them."""

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import evidence_checks, evidence_named
from ledger.evidence_checks import Check
from starter.doctor.ailments import Finding
from starter.evidence.verifying import Fault, What

_LIMIT = 50


async def faulty_files(engine: AsyncEngine) -> list[Finding]:
    """One finding for each."""
    return [await _finding(engine, check) for check in await evidence_checks.faulty(engine, limit=_LIMIT)]


async def _finding(engine: AsyncEngine, check: Check) -> Finding:
    fault = Fault(check.sha256, What(check.fault), await evidence_named.tickets_of(engine, check.sha256))
    return Finding(
        code="evidence_faulty",
        what=f"{fault.sentence[:-1]} (read {check.checked_at:%Y-%m-%d %H:%M} UTC).",
        where=check.sha256[:12],
        do="Do as it says; the next `evidence_verify`, due daily at 02:40, reads it first and takes this away.",
    )
