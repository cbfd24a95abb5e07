"""CSV as spreadsheets and programs read it."""

import csv
import io
from datetime import UTC, datetime

import pytest

from starter.exports.columns import Column, Reader, cells
from starter.exports.csv_file import CsvFile, harmless

COLUMNS = (
    Column(("原话", "Words"), lambda row: row[0]),
    Column(("时间", "When"), lambda row: row[1], is_instant=True),
    Column(("红线", "Red line"), lambda row: row[2]),
    Column(("次数", "Times"), lambda row: row[3]),
)
NOON = datetime(2026, 1, 2, 4, 0, 0, tzinfo=UTC)


def written(*rows: tuple[object, ...], language: str = "zh") -> bytes:
    file = io.BytesIO()
    reader = Reader("zh" if language == "zh" else "en", "Asia/Shanghai")
    table = CsvFile(file, COLUMNS, reader)
    table.write([cells(row, COLUMNS, reader) for row in rows])
    table.finish()
    return file.getvalue()


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+8613800138000",
        "-2+3",
        "@SUM(A1)",
        "=cmd|'/C calc'!A0",
        '=HYPERLINK("http://evil.example","点我")',
        "＝1+1",  # full-width
        "＋1",
        "－1",
        "＠SUM(A1)",
        "−1",  # the mathematical minus
        "  =1+1",  # behind blanks
        "\u3000=1+1",
        "\u00a0=1+1",
        "\ufeff=1+1",  # behind signs nobody sees
        "\u200b =1+1",
        "\t=1+1",
        "\rfoo",
        "\nfoo",
        "\tfoo",
    ],
)
def test_what_a_spreadsheet_would_run_stands_behind_an_apostrophe(text: str) -> None:
    (_, row) = read(written((text, NOON, True, 1)))
    assert row[0] == f"'{text}"
    assert harmless(text)[1:] == text


@pytest.mark.parametrize("text", ["异响", "a=b", "1-2", "'quoted'", "5@3", "", "a\nb", 'say "hi", please', "；=1"])
def test_other_text_is_read_back_as_it_was(text: str) -> None:
    assert read(written((text, NOON, True, 1)))[1][0] == text


def test_a_number_stays_a_number_also_below_zero() -> None:
    assert read(written(("x", NOON, False, -3)))[1][-1] == "-3"


def test_instants_are_told_where_the_reader_is_and_in_utc() -> None:
    head, row, empty = read(written(("x", NOON, True, 1), ("x", None, False, None)))
    assert head == ["原话", "时间 (Asia/Shanghai)", "时间 (UTC)", "红线", "次数"]
    assert row == ["x", "2026-01-02 12:00:00", "2026-01-02T04:00:00Z", "是", "1"]
    assert empty == ["x", "", "", "否", ""]


def test_headers_and_words_are_in_the_reader_s_language() -> None:
    head, row = read(written(("x", NOON, True, 1), language="en"))
    assert (head[0], row[3]) == ("Words", "yes")


def test_excel_knows_it_is_utf_8_and_lines_end_as_the_standard_says() -> None:
    content = written(("a\r\nb", NOON, True, 1))
    assert content.startswith("\ufeff".encode())
    assert content.count(b"\r\n") == 2


def test_half_a_sign_does_not_lose_the_table() -> None:
    assert read(written(("\ud800x", NOON, True, 1)))[1][0] == "?x"
