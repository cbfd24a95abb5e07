"""From what the ledger counts to what the board shows: lamps by department and system, days, a map of hand-offs."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.explanations import Sentence
from ledger.wall import Handed, HourOfRates, Standing, Tick
from policy.reading import PolicyFiles

DAYS = 30  # that the board looks back
_SHADES = 5


class Lamp(NamedTuple):
    """So many open complaints show each light."""

    name: Sentence
    green: int
    yellow: int
    red: int

    @property
    def total(self) -> int:
        return self.green + self.yellow + self.red


class Walls(NamedTuple):
    """The whole company's lamp, one for each desk in the order of the policy, one for each vehicle system."""

    whole: Lamp
    desks: tuple[Lamp, ...]
    systems: tuple[Lamp, ...]


class Day(NamedTuple):
    """Rates of one local day, in percent; None where nothing was decided."""

    day: date
    responses: int
    in_time: float | None
    verdicts: int
    first_fix: float | None


class HeatMap(NamedTuple):
    """`cells[source][target]` is how many hops went that way; `shade` 0 (none) to 5 (the most)."""

    departments: tuple[str, ...]
    cells: Mapping[str, Mapping[str, int]]
    most: int

    def shade(self, count: int) -> int:
        return -(-count * _SHADES // self.most) if count else 0


def walls(tick: Tick, files: PolicyFiles) -> Walls:
    """Every department has its lamp, also when it is dark; of the systems only those that something is wrong with."""
    known = {each.id: Sentence(zh=each.zh, en=each.en) for each in files.departments}
    desks: dict[str, Counter[str]] = {department: Counter() for department in known}
    systems: defaultdict[str, Counter[str]] = defaultdict(Counter)
    named = dict(known)
    for standing in tick.standing:
        desks.setdefault(standing.desk, Counter()).update(_lights(standing))
        code, name = _system(standing.tag, files)
        named[f"system:{code}"] = name
        systems[f"system:{code}"].update(_lights(standing))
    whole = sum((_lights(each) for each in tick.standing), Counter())
    worst_first = sorted(systems, key=lambda code: (-systems[code]["red"], -systems[code].total(), code))
    return Walls(
        whole=_lamp(_COMPANY, whole),
        desks=tuple(_lamp(named.get(code, Sentence(zh=code, en=code)), counts) for code, counts in desks.items()),
        systems=tuple(_lamp(named[code], systems[code]) for code in worst_first),
    )


def midnight(at: datetime, *, zone: str) -> datetime:
    """When the local day of `at` began: a red is today's from then on."""
    local = ZoneInfo(zone)
    return datetime.combine(at.astimezone(local).date(), time(), local)


def days(hours: Iterable[HourOfRates], *, zone: str, at: datetime, count: int) -> tuple[Day, ...]:
    """The last `count` local days up to `at`, oldest first."""
    local = ZoneInfo(zone)
    sums: defaultdict[date, Counter[str]] = defaultdict(Counter)
    for each in hours:
        sums[each.hour.astimezone(local).date()].update(each.model_dump(exclude={"hour"}))
    today = at.astimezone(local).date()
    return tuple(_day(today - timedelta(days=back), sums) for back in reversed(range(count)))


def heat_map(hand_offs: Iterable[Handed]) -> HeatMap:
    """Only departments that handed on or were handed to, the busiest first."""
    cells: defaultdict[str, Counter[str]] = defaultdict(Counter)
    weight: Counter[str] = Counter()
    for each in hand_offs:
        cells[each.source][each.target] += each.count
        weight[each.source] += each.count
        weight[each.target] += each.count
    most = max((count for row in cells.values() for count in row.values()), default=0)
    return HeatMap(tuple(code for code, _ in weight.most_common()), cells, most)


_COMPANY = Sentence(zh="全公司", en="The whole company")
_UNSORTED = Sentence(zh="待分类", en="Not classified")


def _lights(standing: Standing) -> Counter[str]:
    return Counter(green=standing.green, yellow=standing.yellow, red=standing.red)


def _lamp(name: Sentence, counts: Counter[str]) -> Lamp:
    return Lamp(name, counts["green"], counts["yellow"], counts["red"])


def _system(tag: str, files: PolicyFiles) -> tuple[str, Sentence]:
    known = files.tag(tag)
    return (known.system, Sentence(zh=known.system_zh, en=known.system_en)) if known else ("", _UNSORTED)


def _day(day: date, sums: Mapping[date, Counter[str]]) -> Day:
    of = sums.get(day, Counter())
    return Day(
        day=day,
        responses=of["responses"],
        in_time=_percent(of["in_time"], of["responses"]),
        verdicts=of["verdicts"],
        first_fix=_percent(of["fixed_first"], of["verdicts"]),
    )


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None
