"""The API's lists as files, over HTTP from a real ledger."""

import csv
import io
from datetime import timedelta

import pytest

from domain.commands import Role
from settings import Settings
from starter.server import create_app
from tests.starter.api_server import HARD_START, JERKING, NAME, PHONE, VIN, RunningApi, by, soon
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


async def test_a_department_takes_along_each_of_its_lists(running_api: RunningApi) -> None:
    """What the workbench's tabs show: whose turn it is, whom they support, and who waits."""
    mine = (await running_api.opened(HARD_START))["ticket_no"]
    supported = (await running_api.opened(JERKING))["ticket_no"]
    await running_api.command(supported, "accept", actor=by("transmission"))
    asked = await running_api.command(
        supported, "request-support", actor=by("transmission"), department="powertrain", note="请协助"
    )
    assert asked.status_code == 200, asked.text

    async def of(whose: str) -> set[str]:
        rows = await table_of(running_api, "complaints.csv", queue_of="powertrain", whose=whose)
        return {row["工单号"] for row in rows} & {mine, supported}

    async def shown() -> bool | None:
        return await of("supported") == {supported} or None

    assert await soon(shown)
    assert await of("mine") == {mine}
    assert await of("waiting") == set()
    assert await of("all") == {mine, supported}


BOARD = {
    "departments": ["部门", "未关闭", "红灯", "黄灯", "绿灯"],
    "systems": ["系统", "未关闭", "红灯", "黄灯", "绿灯"],
    "reds": ["工单号", "部门", "时限"],
    "oldest": ["工单号", "所在", "状态", "已开天数"],
    "rates": ["日期", "按时响应率 (%)", "应答数"],
    "hand-offs": ["转出", "转入", "流转次数", "其中无依据"],
}


@pytest.mark.parametrize("table", BOARD)
async def test_each_table_of_the_board_is_taken_along(running_api: RunningApi, table: str) -> None:
    await running_api.opened(HARD_START, age=timedelta(hours=9))
    rows = await table_of(running_api, f"board/{table}.csv")
    content = (await running_api.http.get(f"/api/v1/board/{table}.xlsx", params={"language": "zh"})).content
    head, *same = rows_of(content)
    assert head[: len(BOARD[table])] == BOARD[table]
    assert len(same) == len(rows)


async def test_the_boards_tables_say_what_the_board_says(running_api: RunningApi) -> None:
    no = (await running_api.opened(HARD_START, age=timedelta(days=2)))["ticket_no"]
    oldest = await table_of(running_api, "board/oldest.csv")
    mine = next(row for row in oldest if row["工单号"] == no)
    assert mine["所在"] == "动力总成部"
    assert float(mine["已开天数"]) >= 2
    departments = {row["部门"]: row for row in await table_of(running_api, "board/departments.csv")}
    assert int(departments["动力总成部"]["未关闭"]) == sum(row["所在"] == "动力总成部" for row in oldest)


async def test_who_saw_personal_data_is_taken_along_with_why(running_api: RunningApi) -> None:
    no = (await running_api.opened(HARD_START))["ticket_no"]
    async with await signed_in(running_api, Role.CX, "cx") as http:
        looked = await http.post(f"/api/v1/complaints/{no}/personal", json={"why": "=HYPERLINK(A1) 回电"})
        assert looked.status_code == 200, looked.text
    (row,) = await table_of(running_api, "disclosures.csv", ticket_no=no)
    assert (row["工单号"], row["看了什么"], row["原因"]) == (no, "个人信息", "'=HYPERLINK(A1) 回电")
    assert (row["谁"], row["角色"], row["部门"]) == ("某人", "客服", "客户体验部")
    assert row["时间 (UTC)"]


async def test_what_a_subscription_was_sent_is_taken_along(running_api: RunningApi) -> None:
    made = (await running_api.post("/webhooks", {"url": "https://erp.example.com/", "kinds": ["closed"]})).json()
    path = f"webhooks/{made['webhook_id']}"
    await running_api.post(f"/{path}/ping", {})
    (row,) = await table_of(running_api, f"{path}/deliveries.csv")
    assert (row["事件"], row["工单号"]) == ("com.vocloop.ping.v1", "")
    assert await table_of(running_api, f"{path}/deliveries.csv", ticket_no="T-1") == []
    await running_api.http.delete(f"/api/v1/{path}")


EXAMPLES = create_app(Settings()).openapi()["paths"]
TABLES = [path for path in EXAMPLES if ".{ending}" in path and "{table}" not in path]


@pytest.mark.parametrize("path", TABLES)
async def test_the_manuals_example_has_the_columns_that_are_sent(running_api: RunningApi, path: str) -> None:
    no = (await running_api.opened(HARD_START))["ticket_no"]
    made = (await running_api.post("/webhooks", {"url": "https://erp.example.com/", "kinds": ["closed"]})).json()
    asked = path.format(ending="csv", ticket_no=no, webhook_id=made["webhook_id"])
    sent = await running_api.http.get(asked, params={"language": "en"})
    (example,) = [
        content["example"]
        for kind, content in EXAMPLES[path]["get"]["responses"]["200"]["content"].items()
        if kind.startswith("text/csv")
    ]
    assert sent.content.decode("utf-8-sig").splitlines()[0] == example.splitlines()[0]
    await running_api.http.delete(f"/api/v1/webhooks/{made['webhook_id']}")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("board/nothing.csv", 422, "malformed"),
        ("board/reds.pdf", 422, "malformed"),
        (f"webhooks/wh_{'0' * 32}/deliveries.csv", 404, "unknown_webhook"),
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
