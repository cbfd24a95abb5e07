"""Copies of the shipped policy with one thing changed."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from policy.faults import Fault
from policy.sources import SHIPPED

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def a_copy(folder: Path) -> Path:
    """The shipped files, to be edited."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in SHIPPED.glob("*.toml"):
        shutil.copy(file, folder)
    return folder


def edited(folder: Path, file: str, old: str, new: str) -> Path:
    """The shipped files with one passage of one of them replaced; `old` stands there once."""
    path = a_copy(folder) / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return folder


def line_of(path: Path, words: str) -> int:
    """The line on which `words` stand, for the first time."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if words in line)


def where(fault: Fault) -> tuple[str, int]:
    return Path(fault.file).name, fault.line
