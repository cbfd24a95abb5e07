"""Like cases, like pay: what was paid for complaints of one kind, as a spread, and what stands out of it.

Pure: what was made good goes in, figures in fen come out. docs/authority.md has the definition to recompute by hand.
"""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

QUARTERS = 4


class Likeness(NamedTuple):
    """What makes cases alike: the goodwill's kind, the complaint's fault tag, the customer's tier."""

    kind: str
    tag: str
    tier: str


class Paid(NamedTuple):
    """One request that was made good."""

    ticket_no: str
    like: Likeness
    region: str
    fen: int


class Case(NamedTuple):
    """All that one complaint was paid in one kind, by whichever regions."""

    ticket_no: str
    regions: tuple[str, ...]
    fen: int


class Spread(NamedTuple):
    """`cases` by what they were paid, the least first. The quartiles are None of fewer cases than are compared; then
    nothing stands out.
    """

    like: Likeness
    cases: tuple[Case, ...]
    median: int
    quartiles: tuple[int, int] | None
    outliers: tuple[Case, ...]


def spreads(paid: Iterable[Paid], *, least: int, fence_percent: int) -> tuple[Spread, ...]:
    """One for each kind of case, the most frequent first."""
    groups: dict[Likeness, dict[str, list[Paid]]] = defaultdict(lambda: defaultdict(list))
    for each in paid:
        groups[each.like][each.ticket_no].append(each)
    found = [_spread(like, of, least=least, fence=Fraction(fence_percent, 100)) for like, of in groups.items()]
    return tuple(sorted(found, key=lambda each: (-len(each.cases), each.like)))


def _spread(like: Likeness, by_ticket: dict[str, list[Paid]], *, least: int, fence: Fraction) -> Spread:
    cases = tuple(sorted((_case(*of) for of in by_ticket.items()), key=lambda each: (each.fen, each.ticket_no)))
    amounts = [each.fen for each in cases]
    median = _whole(quantile(amounts, 2))
    if len(cases) < least:
        return Spread(like, cases, median, None, ())
    lower, upper = quantile(amounts, 1), quantile(amounts, 3)
    reach = (upper - lower) * fence
    outliers = tuple(each for each in cases if not lower - reach <= each.fen <= upper + reach)
    return Spread(like, cases, median, (_whole(lower), _whole(upper)), outliers)


def _case(ticket_no: str, paid: list[Paid]) -> Case:
    return Case(ticket_no, tuple(sorted({each.region for each in paid})), sum(each.fen for each in paid))


def quantile(ordered: list[int], quarter: int) -> Fraction:
    """The value at `quarter` quarters of the way from the first to the last, between two of them in proportion."""
    place = Fraction((len(ordered) - 1) * quarter, QUARTERS)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _whole(fen: Fraction) -> int:
    """Half a fen up."""
    return int(fen + Fraction(1, 2))
