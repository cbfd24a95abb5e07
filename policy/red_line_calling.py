"""red_line_calling.toml: who decides about a red line, and how they are called."""

from collections.abc import Collection, Iterator
from datetime import timedelta
from pathlib import Path

from pydantic import Field

from domain.red_line import MOST_POSTS, Calling, Post
from policy.faults import Fault, PolicyError
from policy.sheets import Sheet, read
from policy.sources import SHIPPED
from policy.tables import Some, Strict

FILE = "red_line_calling.toml"
LEADERSHIP = "leadership"


class CallingTable(Strict):
    """The clock on no wall counts here: minutes are minutes, by night as well."""

    chain: Some[Post]
    each_minutes: int = Field(ge=1, le=24 * 60)
    decide_within_minutes: int = Field(ge=1, le=7 * 24 * 60)


def load_calling(folder: Path | None = None) -> Calling:
    """The folder's, or what ships where it has none. Raises PolicyError with "file:line: sentence"."""
    sheet, faults = _read(folder)
    if sheet is None or faults:
        raise PolicyError(faults)
    return _calling(sheet.table)


def calling_faults(folder: Path | None = None, *, departments: Collection[str] | None = None) -> tuple[Fault, ...]:
    """What is wrong with the file; none means that `load_calling` takes it. None of `departments` is not asked for."""
    sheet, faults = _read(folder)
    strange = () if sheet is None or departments is None else _strangers(sheet, departments)
    return (*faults, *strange)


def _read(folder: Path | None) -> tuple[Sheet[CallingTable] | None, tuple[Fault, ...]]:
    own = folder / FILE if folder else None
    sheet, faults = read(own if own and own.exists() else SHIPPED / FILE, CallingTable)
    return sheet, (*faults, *(_faults(sheet) if sheet else ()))


def _faults(sheet: Sheet[CallingTable]) -> Iterator[Fault]:
    if len(set(sheet.table.chain)) < len(sheet.table.chain):
        yield sheet.fault(("chain",), "A post is there twice; it is called again by itself.")
    if len(sheet.table.chain) > MOST_POSTS:
        yield sheet.fault(("chain",), f"It names more than {MOST_POSTS} posts; who is called last is called too late.")


def _strangers(sheet: Sheet[CallingTable], departments: Collection[str]) -> Iterator[Fault]:
    for post in sheet.table.chain:
        department = post.partition(".")[0]
        if post != LEADERSHIP and department not in departments:
            yield sheet.fault(("chain",), f"There is no department {department}; name one of departments.toml.")


def _calling(table: CallingTable) -> Calling:
    each, within = timedelta(minutes=table.each_minutes), timedelta(minutes=table.decide_within_minutes)
    return Calling(chain=table.chain, each=each, decide_within=within)
