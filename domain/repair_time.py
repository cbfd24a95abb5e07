"""How long a repair takes by the law: in hours, each begun 24 of them a day, without what the law leaves out.

Measured in whole seconds: a repair of exactly five days is not longer than five days.
"""

from datetime import datetime, timedelta

from domain.vehicle import Repair, Waiting

DAY = timedelta(days=1)
TICK = timedelta(seconds=1)

Spans = tuple[tuple[datetime, datetime | None], ...]  # half-open, in order; None goes on


def days(repair: Repair, at: datetime, *, without: tuple[Waiting, ...] = ()) -> int:
    """Whole begun days until it ended, or until `at` while it goes on."""
    spent = sum((_until(at, end) - begin for begin, end in counted(repair, without=without) if begin < at), timedelta())
    return -(-(spent // TICK) // (DAY // TICK))


def counted(repair: Repair, *, without: tuple[Waiting, ...] = ()) -> Spans:
    """The repair's time less the waits that are not counted, which may overlap."""
    spans: Spans = ((repair.begun_at, repair.ended_at),)
    for wait in without:
        spans = tuple(left for span in spans for left in _less(span, wait))
    return spans


def reached(spans: Spans, length: timedelta) -> datetime | None:
    """The instant at which so much time has been counted; None when it ends before."""
    for begin, end in spans:
        if end is None or end - begin >= length:
            return begin + length
        length -= end - begin
    return None


def _less(span: tuple[datetime, datetime | None], wait: Waiting) -> Spans:
    begin, end = span
    if (end is not None and wait.begun_at >= end) or (wait.ended_at is not None and wait.ended_at <= begin):
        return (span,)
    left: Spans = ((begin, wait.begun_at),) if wait.begun_at > begin else ()
    if wait.ended_at is not None and (end is None or wait.ended_at < end):
        left = (*left, (wait.ended_at, end))
    return left


def _until(at: datetime, end: datetime | None) -> datetime:
    return at if end is None else min(at, end)
