"""`vocloop policy import-holidays`: a year's days off, from the file in which they were announced to calendar.toml."""

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer

import settings
from policy.announced import UnreadableDaysError, read_year, with_year
from policy.calendars import YearEntry
from policy.checking import check
from policy.differing import differences
from policy.faults import PolicyError
from policy.reading import load
from policy.sources import SHIPPED
from starter.stopping import CannotGoOn
from starter.verbs.asking import told

_CALENDAR = "calendar.toml"


def import_holidays(
    file: Annotated[Path, typer.Argument(help="JSON, CSV or iCalendar; docs/policy.md has the shapes.")],
    year: Annotated[int | None, typer.Option(help="The year to take; the file's own when not given.")] = None,
    folder: Annotated[Path | None, typer.Option(help="A folder of policy files; the one in force.")] = None,
    calendar: Annotated[str, typer.Option(help="One of its named calendars; the company's when not given.")] = "",
    *,
    dry_run: Annotated[bool, typer.Option(help="Show what would change and write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False,
) -> None:
    """Write a year's days off and make-up days into calendar.toml; its comments stay. Exit 2 when it would not hold."""
    into = folder or settings.load().policy or SHIPPED
    entry = told(lambda: _read(file, year))
    changes, text = told(lambda: _changed(into, entry, calendar=calendar))
    if not dry_run and changes:
        told(lambda: _write(into / _CALENDAR, text))
    said = {"year": entry.model_dump(mode="json"), "changes": changes, "written": not dry_run and bool(changes)}
    typer.echo(json.dumps(said, ensure_ascii=False) if as_json else _in_words(entry, changes, is_dry=dry_run))


def _read(file: Path, year: int | None) -> YearEntry:
    try:
        return read_year(file.read_text(encoding="utf-8"), year=year)
    except (OSError, UnicodeDecodeError) as error:
        raise CannotGoOn(f"{file} cannot be read as UTF-8 text ({error}): correct the path or save it anew.") from None
    except UnreadableDaysError as error:
        raise CannotGoOn(f"{file}: {error}") from None


def _changed(into: Path, entry: YearEntry, *, calendar: str) -> tuple[tuple[str, ...], str]:
    """What would be otherwise, in sentences, and the file's text, which is proved in a copy of the folder."""
    with tempfile.TemporaryDirectory() as place:
        for each in into.glob("*.toml"):
            shutil.copy(each, place)
        copy = Path(place) / _CALENDAR
        try:
            before = load(into)
            if calendar and calendar not in before.sheets.calendar.table.calendar:
                raise CannotGoOn(
                    f"{into / _CALENDAR} has no calendar {calendar!r}: add [calendar.{calendar}] or correct it."
                )
            text = with_year(copy.read_text(encoding="utf-8"), entry, calendar=calendar)
            copy.write_text(text, encoding="utf-8")
            return differences(before, load(Path(place)), at=settings.utc_now()), text
        except PolicyError as error:
            faults = check(into) or [fault.model_copy(update={"file": str(into / _CALENDAR)}) for fault in error.faults]
            raise CannotGoOn("\n".join([*map(str, faults), "Nothing was written: correct it."])) from None


def _write(path: Path, text: str) -> None:
    """Whole or not at all."""
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".tmp", delete=False) as file:
            file.write(text)
        shutil.copymode(path, file.name)
        os.replace(file.name, path)
    except OSError as error:
        raise CannotGoOn(f"{path} cannot be written ({error.strerror}): copy the folder, set VOCLOOP_POLICY.") from None


def _in_words(entry: YearEntry, changes: tuple[str, ...], *, is_dry: bool) -> str:
    holidays = [f"  {each.first} – {each.last}  {each.zh}  {each.en}" for each in entry.holidays]
    workdays = [f"  {day} {day:%A}  调休上班  make-up day" for day in entry.workdays]
    if not changes:
        return "\n".join([str(entry.year), *holidays, *workdays, "Nothing changes."])
    done = "Nothing is written." if is_dry else "Written. See who is concerned: vocloop policy preview-adoption"
    return "\n".join([str(entry.year), *holidays, *workdays, *changes, done])
