"""Red lines that nobody has taken up: no worker has begun them, or everybody was called and nobody answered."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.red_line_standing import is_past_a_round
from ledger import red_lines
from ledger.red_lines import RedLineRow
from starter.doctor.ailments import Finding

_BEGUN_WITHIN = timedelta(minutes=1)  # a worker looks every few seconds


async def unanswered(engine: AsyncEngine, at: datetime) -> list[Finding]:
    """One finding for each, the oldest first."""
    found = [_finding(row, at) for row in await red_lines.going_on(engine)]
    return [finding for finding in found if finding]


def _finding(row: RedLineRow, at: datetime) -> Finding | None:
    told = f"{row.told_at:%Y-%m-%d %H:%M} UTC"
    if row.started_at is None and at - row.told_at > _BEGUN_WITHIN:
        return Finding(
            code="red_line_not_begun",
            what=f"A red line is known since {told}, and nobody is called, for no worker has begun it.",
            where=row.red_line_id,
            do="Start a worker, or see in its log why it cannot begin it; until then call those who decide yourself.",
        )
    if row.state and is_past_a_round(row.state, at=at):
        return Finding(
            code="red_line_unanswered",
            what=f"Everybody who decides has been called since {told}, and nobody has acknowledged.",
            where=row.red_line_id,
            do="Call them yourself and have one acknowledge on its page; then see how calls leave.",
        )
    return None
