import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from policy.sources import SHIPPED
from policy.toml_lines import Path, lines_of

TRICKY = '''\
# [not.a.table]
top = """
[[still]]
a = "string\\""""  # comment with = and ]
dates = [1979-05-27 07:32:00,
  # = [in, a, comment]
  1979-05-28,
]
site."dotted key"."x=y" = { a = 'C:\\[', b = [ { c = 1 }, { c = '#' } ] }

[[group]]
name = \'\'\'
]]\'\'\'
[group.inner]
"quoted # key" = -1.5e3
[[group.inner.rows]]
x = true
[[group]]
name = "second"
'''


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from paths(inner, (*path, step))


@pytest.mark.parametrize(
    "text", [TRICKY, *(file.read_text(encoding="utf-8") for file in sorted(SHIPPED.glob("*.toml")))]
)
def test_every_value_that_tomllib_reads_has_a_line_and_nothing_else_has(text: str) -> None:
    assert set(lines_of(text)) == set(paths(tomllib.loads(text)))


@pytest.mark.parametrize(
    ("path", "line", "reason"),
    [
        (("top",), 2, "a key stands where it begins, not where its long string ends"),
        (("dates",), 5, "the string's own lines count"),
        (("dates", 1), 7, "an item has its own line, comments between"),
        (("site", "dotted key", "x=y", "b", 1, "c"), 9, "inline tables inside arrays"),
        (("group", 0), 11, "an array of tables begins at its header"),
        (("group", 0, "inner"), 14, "a table belongs to the last of the array"),
        (("group", 0, "inner", "rows", 0, "x"), 17, "arrays of tables nest"),
        (("group", 1, "name"), 19, "the second of an array has the next index"),
    ],
)
def test_a_value_is_found_on_its_line(path: Path, line: int, reason: str) -> None:
    assert lines_of(TRICKY)[path] == line, reason


def test_windows_line_ends_count_once() -> None:
    assert lines_of("a = 1\r\nb = 2\r\n") == {("a",): 1, ("b",): 2}
