"""What leaves a region's month, and what answers whoever asks it. Values only; an activity does the rest."""

from domain.goodwill import Entry, MonthText, NotDone
from domain.values import Value


class GoodwillBatch(Value):
    """Entries as they stand, each with the number of its last change in this account."""

    region: str
    month: MonthText
    entries: tuple[tuple[int, Entry], ...]


class GoodwillReceipt(Value):
    """How the request stands, or why nothing was done; both where it stands and does not take this."""

    entry: Entry | None = None
    refused: NotDone | None = None
    remaining: int = 0  # of the region's month, in fen
    seq: int = 0  # of the entry's last change, while the ledger may not know of it; else 0


class DeskCall(Value):
    """Tell the special-claims desk of this request, or with `is_overdue` that it should have answered by now."""

    entry: Entry
    is_overdue: bool = False


class DeskBatch(Value):
    """What the desk is to be told of one region's month, in order."""

    region: str
    calls: tuple[DeskCall, ...]
