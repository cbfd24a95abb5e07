"""red_line.toml: versions of the words that touch a red line, and what must hold of them."""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from pydantic import ConfigDict, Field

from domain.red_line import is_stale
from domain.red_line_words import Excuses, Matter, Reach, RedLineTable, WordRule
from domain.ticket import Ticket
from domain.wording import Both
from policy.faults import Fault, PolicyError
from policy.sheets import Sheet, read
from policy.sources import SHIPPED
from policy.tables import Some, Strict
from policy.versions import version_faults

FILE = "red_line.toml"
_DIGEST_LENGTH = 8
_STRICT = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class _Reach(Reach):
    model_config = _STRICT


class _Matter(Matter):
    model_config = _STRICT


class _Excuses(Excuses):
    model_config = _STRICT


class RedLineVersion(RedLineTable):
    """In force from the first moment of its day until the next one's."""

    model_config = _STRICT

    from_: date = Field(alias="from")
    zh: _Reach
    en: _Reach
    matter: Some[_Matter]
    excuses: _Excuses


class RedLinesTable(Strict):
    version: Some[RedLineVersion]


class RedLines:
    """Every version's rule, made ready once; keep one for many texts."""

    def __init__(self, table: RedLinesTable) -> None:
        self._rules = [(version.from_, WordRule(_named(version))) for version in table.version]
        self._called = {each.code: (each.zh, each.en) for version in table.version for each in version.matter}

    def on(self, day: date) -> WordRule | None:
        """The rule in force on a day of the company's calendar; None before the first."""
        return next((rule for begins, rule in reversed(self._rules) if begins <= day), None)

    def called(self, code: str) -> Both | None:
        """What people call a matter; None of a code that is none of them, as a tag's."""
        return self._called.get(code)

    def in_ticket(self, ticket: Ticket, *, at: datetime) -> tuple[str, ...]:
        """The matters its words report as it comes in; none of an old ticket, which is news to nobody.

        It may take a second of a text that repeats itself: ask it in a thread.
        """
        rule = self.on(at.date())
        if rule is None or is_stale(ticket.created_at, received_at=at):
            return ()
        return rule.matters(ticket.words)


def load_red_lines(folder: Path | None = None) -> RedLines:
    """The folder's, or those that ship where it has none. Raises PolicyError with "file:line: sentence"."""
    sheet, faults = _read(folder)
    if sheet is None or faults:
        raise PolicyError(faults)
    return RedLines(sheet.table)


def red_line_faults(folder: Path | None = None) -> tuple[Fault, ...]:
    """What is wrong with them; none means that `load_red_lines` takes them."""
    return _read(folder)[1]


def _read(folder: Path | None) -> tuple[Sheet[RedLinesTable] | None, tuple[Fault, ...]]:
    own = folder / FILE if folder else None
    sheet, faults = read(own if own and own.exists() else SHIPPED / FILE, RedLinesTable)
    return sheet, (*faults, *(_faults(sheet) if sheet else ()))


def _faults(sheet: Sheet[RedLinesTable]) -> Iterator[Fault]:
    versions = sheet.table.version
    yield from version_faults(sheet, versions)
    for index, version in enumerate(versions):
        yield from _matter_faults(sheet, index, version)


def _matter_faults(sheet: Sheet[RedLinesTable], index: int, version: RedLineVersion) -> Iterator[Fault]:
    said: dict[str, str] = {}
    codes: set[str] = set()
    for place, matter in enumerate(version.matter):
        path = ("version", index, "matter", place)
        if matter.code in codes:
            yield sheet.fault((*path, "code"), f"Matter {matter.code} is there twice; join the two.")
        codes.add(matter.code)
        if bool(matter.words_near) != bool(matter.near):
            yield sheet.fault(
                path, f"Matter {matter.code} has only one of `words_near` and `near`; each needs the other."
            )
        if not matter.words and not matter.words_near:
            yield sheet.fault(path, f"Matter {matter.code} has no words; add some or take it out.")
        for words in ("words", "words_near"):
            for number, phrase in enumerate(getattr(matter, words)):
                if phrase in said:
                    yield sheet.fault((*path, words, number), f"{phrase} is in {said[phrase]} already; keep one.")
                said[phrase] = matter.code


def _named(version: RedLineVersion) -> RedLineTable:
    """Changed words are another version, whatever the file calls it."""
    content = version.model_dump(exclude={"from_"})
    digest = hashlib.sha256(version.model_dump_json(exclude={"from_"}).encode()).hexdigest()[:_DIGEST_LENGTH]
    return RedLineTable.model_validate({**content, "id": f"{version.id}+{digest}"})
