"""Lists as files: whole, in order, in little memory."""

import csv
import io
import tracemalloc
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from starter.exports.columns import Column, Reader
from starter.exports.exporting import Format, TooManyRows, each, export
from tests.starter.exports.workbooks import instant_of, rows_of

COLUMNS = (
    Column(("工单", "Ticket"), lambda row: f"T-{row}"),
    Column(("原话", "Words"), lambda row: f"=HYPERLINK({row})" if row == 0 else "异响" * 20),
    Column(("到期", "Due"), lambda row: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=row), is_instant=True),
    Column(("次数", "Times"), lambda row: row),
)
CHINESE = Reader("zh", "Asia/Shanghai")


async def numbers(count: int) -> AsyncGenerator[int, None]:
    for number in range(count):
        yield number


async def exported(rows: AsyncGenerator[Any, None], form: Format, **options: Any) -> tuple[bytes, dict[str, str]]:
    response = await export(rows, COLUMNS, format=form, file_name="客诉", reader=CHINESE, **options)
    content = b"".join([piece async for piece in response.body_iterator if isinstance(piece, bytes)])
    return content, dict(response.headers)


async def test_every_row_is_in_the_csv_in_its_order() -> None:
    content, headers = await exported(numbers(1234), Format.CSV)
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["工单"] for row in rows] == [f"T-{number}" for number in range(1234)]
    assert rows[0]["原话"] == "'=HYPERLINK(0)"
    assert headers["content-length"] == str(len(content))
    assert headers["content-disposition"] == "attachment; filename=\"__.csv\"; filename*=UTF-8''%E5%AE%A2%E8%AF%89.csv"


async def test_every_row_is_in_the_workbook_and_no_formula() -> None:
    content, headers = await exported(numbers(1234), Format.XLSX)
    head, first, *rest = rows_of(content)
    assert head == ["工单", "原话", "到期 (Asia/Shanghai)", "次数"]
    assert first[:2] == ["T-0", "=HYPERLINK(0)"]
    assert instant_of(first[2]) == datetime(2026, 1, 1, 8)  # noqa: DTZ001 - Excel knows no zones
    assert [row[3] for row in rest] == [str(number) for number in range(1, 1234)]
    assert headers["content-type"].startswith("application/vnd.openxmlformats")


async def test_a_text_longer_than_a_cell_is_cut_and_not_lost() -> None:
    columns = (Column(("原话", "Words"), lambda row: row),)
    response = await export(each(["长" * 40_000]), columns, format=Format.XLSX, file_name="x", reader=CHINESE)
    content = b"".join([piece async for piece in response.body_iterator if isinstance(piece, bytes)])
    assert rows_of(content)[1] == ["长" * 32_766 + "…"]


@pytest.mark.parametrize("form", Format)
async def test_an_empty_list_has_its_headers(form: Format) -> None:
    content, _ = await exported(numbers(0), form)
    head = rows_of(content)[0] if form is Format.XLSX else content.decode("utf-8-sig").split('"')
    assert "工单" in head


@pytest.mark.parametrize("form", Format)
async def test_too_many_rows_are_refused_with_a_sentence_and_the_list_is_let_go(form: Format) -> None:
    rows = numbers(11)
    with pytest.raises(TooManyRows, match="more than 10 rows: narrow the list"):
        await exported(rows, form, most=10)
    with pytest.raises(StopAsyncIteration):
        await anext(rows)
    assert await exported(numbers(10), form, most=10)


@pytest.mark.parametrize("form", Format)
async def test_ten_times_the_rows_take_no_more_memory(form: Format) -> None:
    small, large = [await _peak(form, count) for count in (2_000, 20_000)]
    assert large < small * 1.5


async def _peak(form: Format, count: int) -> int:
    tracemalloc.start()
    response = await export(numbers(count), COLUMNS, format=form, file_name="x", reader=CHINESE)
    async for _ in response.body_iterator:
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak
