"""The complaint files that are known by name: what a record of each says as a ticket."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from domain.ownership import Matrix
from domain.ticket import Ticket
from policy.mappings import MappingsTable
from starter.importing.records import Record
from starter.importing.rows import RowError

CN_COLUMNS = ("投诉编号", "投诉品牌", "投诉车系", "投诉车型", "投诉简述", "投诉问题", "问题类型", "投诉日期")
NHTSA_COLUMNS = ("cmplid", "make", "model", "model_year", "date_received", "cdescr")

# Where NHTSA's dictionary of FLAT_CMPL puts each field, from 0; the names are those of its CSV kin.
NHTSA_FIELDS = {
    "cmplid": 0,
    "make": 3,
    "model": 4,
    "model_year": 5,
    "crash": 6,
    "fail_date": 7,
    "fire": 8,
    "injured": 9,
    "deaths": 10,
    "component": 11,
    "vin": 14,
    "date_added": 15,
    "date_received": 16,
    "miles": 17,
    "cdescr": 19,
}
NHTSA_WIDTH = 20

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_KM_PER_MILE = 1.609344
_MOST_KM = 5_000_000


@dataclass(frozen=True)
class Dictionary:
    """What a row's words are held against: the mappings, and the matrix in force."""

    mappings: MappingsTable
    matrix: Matrix

    def risk(self, tags: tuple[str, ...], *events: str) -> int:
        """The risk level a ticket begins with: its worst event's, or that of a red-line tag."""
        levels: dict[str, int] = self.mappings.risk.model_dump()
        ruling = self.matrix.rule(tags)
        happened = [*events, "otherwise", *(["red_line"] if ruling and ruling.is_red_line else [])]
        return max(levels[each] for each in happened)


Convert = Callable[[Record, Dictionary], Ticket]


def ticket_from(fields: dict[str, Any]) -> Ticket:
    """The ticket these fields make. Raises RowError with what is wrong, without the value itself."""
    try:
        return Ticket.model_validate(fields)
    except ValidationError as error:
        raise RowError("; ".join(_said(each) for each in error.errors(include_input=False))) from None


def from_cn_complaint(row: Record, dictionary: Dictionary) -> Ticket:
    """A row of a Chinese complaint site; its date is a day in Shanghai."""
    words, mappings = row["投诉简述"], dictionary.mappings
    tag = mappings.tag_for_symptom(row["投诉问题"], row["问题类型"]) or mappings.tag_for_words(words)
    if not words and not tag:
        raise RowError("The row has neither words nor a known fault.")
    tags = (tag,) if tag else ()
    return ticket_from(
        {
            "ticket_no": row["投诉编号"],
            "created_at": _midnight(row["投诉日期"], _SHANGHAI),
            "tags": tags,
            "risk_level": dictionary.risk(tags),
            "channel": "website",
            "customer": {"language": "zh"},
            "vehicle": {"brand": row["投诉品牌"], "model": f"{row['投诉车系']} {row['投诉车型']}".strip()},
            "words": words,
        }
    )


def from_nhtsa(row: Record, dictionary: Dictionary) -> Ticket:
    """A row of NHTSA's complaints. Without a component the words decide, and after them the file's own subject."""
    words, events = row["cdescr"], _events(row)
    tags = _tags(_fault(row, dictionary.mappings), events, dictionary.mappings)
    if not words and not tags:
        raise RowError("The row has neither words nor a known fault.")
    return ticket_from(
        {
            "ticket_no": f"NHTSA-{row['cmplid']}",
            "created_at": _midnight(row["date_received"] or row.get("date_added", ""), UTC),
            "tags": tags,
            "risk_level": dictionary.risk(tags, *events),
            "channel": "regulator",
            "customer": {"language": "en"},
            "vehicle": {
                "vin": row.get("vin", ""),
                "brand": row["make"],
                "model": f"{row['model']} {row['model_year']}".removesuffix(" 9999"),
                "mileage_km": _km(row.get("miles", "")),
            },
            "words": words,
        }
    )


def _fault(row: Record, mappings: MappingsTable) -> str:
    words = row["cdescr"]
    if "component" not in row:
        return mappings.tag_for_words(words) or mappings.closures_default
    tag = mappings.tag_for_component(row["component"])
    return mappings.refined(tag, words) if tag else mappings.tag_for_words(words)


def _events(row: Record) -> tuple[str, ...]:
    happened = {
        "fire": row.get("fire") == "Y",
        "death": _count(row.get("deaths", "")) > 0,
        "injury": _count(row.get("injured", "")) > 0,
        "crash": row.get("crash") == "Y",
    }
    return tuple(event for event, is_so in happened.items() if is_so)


def _tags(fault: str, events: tuple[str, ...], mappings: MappingsTable) -> tuple[str, ...]:
    """The fault first, because its owner leads; then what happened, because it may be a red line."""
    named = {**mappings.events.model_dump(), "death": mappings.events.injury}
    return tuple(dict.fromkeys(tag for tag in (fault, *(named[event] for event in events)) if tag))


def _midnight(day: str, zone: Any) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), time(), zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise RowError("The row has no date that can be read." if day else "The row has no date.") from None


def _count(cell: str) -> int:
    return int(cell[:9]) if cell.isdecimal() else 0  # thousands of digits are no number any more


def _km(miles: str) -> int | None:
    # A mileage nobody can have driven is a slip of the pen: the complaint is worth more than the number.
    try:
        km = round(float(miles) * _KM_PER_MILE)
    except (ValueError, OverflowError):
        return None
    return km if 0 <= km <= _MOST_KM else None


def _said(error: Any) -> str:
    where = ".".join(str(step) for step in error["loc"])
    return f"{where}: {error['msg'][0].lower()}{error['msg'][1:]}."
