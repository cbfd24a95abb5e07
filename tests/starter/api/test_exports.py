"""The API's lists as files, over HTTP from a real ledger."""

import csv
import io

import pytest

from domain.commands import Role
from tests.starter.api_server import HARD_START, NAME, PHONE, VIN, RunningApi, by, soon
from tests.starter.exports.workbooks import rows_of
from tests.starter.people import signed_in


async def table_of(api: RunningApi, path: str, **query: str) -> list[dict[str, str]]:
    response = await api.http.get(f"/api/v1/{path}", params={"language": "zh", **query})
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline=""), strict=True))


async def test_the_list_as_a_table_has_names_and_what_the_list_has(running_api: RunningApi) -> None:
    no = (await running_api.opened(HARD_START, tier="vip"))["ticket_no"]
    rows = await table_of(running_api, "complaints.csv", department="powertrain", stage="dispatched")
    listed = (await running_api.get("/complaints", department="powertrain", stage="dispatched", limit=200))["items"]
    assert [row["工单号"] for row in rows][: len(listed)] == [item["ticket_no"] for item in listed]
    mine = next(row for row in rows if row["工单号"] == no)
    assert (mine["客户级别"], mine["时限"], mine["状态"]) == ("VIP", "响应时限", "待响应")
    assert mine["到期 (UTC)"].endswith("Z")
    assert mine["到期 (Asia/Shanghai)"]
    assert "powertrain" not in mine.values()
    assert HARD_START not in mine["故障标签"]


async def test_the_workbook_says_the_same(running_api: RunningApi) -> None:
    await running_api.opened(HARD_START)
    content = (await running_api.http.get("/api/v1/complaints.xlsx", headers={"Accept-Language": "en"})).content
    head, *rows = rows_of(content)
    assert head[:2] == ["Ticket", "Light"]
    assert len(rows) == len(await table_of(running_api, "complaints.csv"))


async def test_a_note_that_is_a_formula_is_harmless_and_masked(running_api: RunningApi) -> None:
    no = (await running_api.opened(HARD_START))["ticket_no"]
    note = f"=HYPERLINK(A1) 请回电 {NAME} {PHONE} {VIN}"
    for command, said in (("accept", {}), ("post-progress", {"note": note})):
        done = await running_api.command(no, command, actor=by("powertrain"), **said)
        assert done.status_code == 200, done.text

    async def told() -> list[dict[str, str]] | None:
        rows = await table_of(running_api, f"complaints/{no}/timeline.csv")
        return rows if any(row["说明"] for row in rows) else None

    rows = await soon(told)
    (kept,) = [row["说明"] for row in rows if row["说明"]]
    assert kept.startswith("'=HYPERLINK")
    assert not [secret for secret in (NAME, PHONE, VIN) if secret in str(rows)]
    assert [row["序号"] for row in rows] == [str(number) for number in range(1, len(rows) + 1)]


async def test_notices_are_masked_and_name_their_readers(running_api: RunningApi) -> None:
    no = (await running_api.opened(HARD_START))["ticket_no"]

    async def notices() -> list[dict[str, str]] | None:
        return [row for row in await table_of(running_api, "notices.csv") if row["工单号"] == no] or None

    rows = await soon(notices)
    assert {row["发给"] for row in rows} <= {"责任人", "经理", "企管部", "客户", "客服"}
    assert not [secret for secret in (NAME, PHONE, VIN) if secret in str(rows)]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("complaints.pdf", 422, "malformed"),
        ("complaints.csv?limit=3", 422, "malformed"),  # a table has no pages
        ("complaints.csv?light=blue", 422, "malformed"),
        ("complaints/NOBODY-1/timeline.csv", 404, "unknown_complaint"),
    ],
)
async def test_what_cannot_be_exported_is_said(running_api: RunningApi, path: str, status: int, code: str) -> None:
    refused = await running_api.http.get(f"/api/v1/{path}")
    assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_nobody_exports_without_a_key(running_api: RunningApi) -> None:
    async with running_api.client() as nobody:
        assert (await nobody.get("/api/v1/complaints.csv")).status_code == 401


async def test_a_department_takes_its_own_notices_along_and_no_others(running_api: RunningApi) -> None:
    no = (await running_api.opened(HARD_START))["ticket_no"]

    async def told() -> bool | None:
        return (
            any(row["工单号"] == no for row in await table_of(running_api, "notices.csv", department="powertrain"))
            or None
        )

    assert await soon(told)
    for department, is_told in (("powertrain", True), ("chassis", False)):
        async with await signed_in(running_api, Role.MANAGER, department) as http:
            assert (no in (await http.get("/api/v1/notices.csv")).text) is is_told, department
            foreign = {"department": "body"}
            assert (await http.get("/api/v1/notices.csv", params=foreign)).status_code == 403
